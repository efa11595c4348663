package borep.experiment;

import borep.problem.Quadratic;

/** {@link Quadratic}: the worked instance of two variables a level, or a random one of any size and condition. */
final class QuadraticExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "quadratic",
            "both levels quadratic; with noise at will",
            SolvedExperiment.DISTANCE,
            1000,
            new StepSizes("0.2/power:0.6", "0.05/power:0.3", "0.05", "0.3", "0.3"),
            new Settings(Instance.WORKED, 20, 10, .1, 0, 1, 0),
            (device, own, seed) -> new Quadratic(device, own.data()),
            own -> SolvedExperiment.Noise.of(own.sigma()));

    private QuadraticExperiment() {}

    /** Which quadratic. */
    public enum Instance {
        /** That of two variables a level. */
        WORKED,
        /** Matrices with normal entries, a lower Hessian of a given condition. */
        RANDOM
    }

    /**
     * Settings.
     *
     * @param instance     which quadratic
     * @param dimension    of x and of y, of a random one
     * @param condition    of its lower Hessian
     * @param rho          ρ of ½ρ‖x‖² in f, of a random one
     * @param kappa        κ of κ Σ (cosh x_i − 1) in f; above 0 smoothness is unbounded
     * @param instanceSeed which random one
     * @param sigma        σ, standard deviation of the noise of all oracles
     */
    public record Settings(
            Instance instance,
            int dimension,
            double condition,
            double rho,
            double kappa,
            long instanceSeed,
            double sigma) {
        /** Checks the ranges. */
        public Settings {
            RunSettings.atLeast("dimension", dimension, 1);
            RunSettings.atLeast("condition", condition, 1);
            RunSettings.atLeast("rho", rho, 0);
            RunSettings.atLeast("kappa", kappa, 0);
            RunSettings.atLeast("sigma", sigma, 0);
        }

        private Quadratic.Data data() {
            return instance == Instance.WORKED
                    ? Quadratic.Data.worked(kappa)
                    : Quadratic.Data.random(dimension, dimension, condition, rho, kappa, instanceSeed);
        }
    }
}
