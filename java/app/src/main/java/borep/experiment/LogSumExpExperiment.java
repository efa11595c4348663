package borep.experiment;

import borep.problem.LogSumExp;

/** {@link LogSumExp}: LancBiO's synthetic problem. */
final class LogSumExpExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "log-sum-exp",
            "LancBiO's synthetic problem: an ill-conditioned lower level that changes with both variables",
            SolvedExperiment.STATIONARITY,
            800,
            new StepSizes("0.2/power:0.5", "0.05/power:0.3", "0.2", "0.01", "0.01"),
            new Settings(50, .5, 100, 1, 0),
            (device, own, seed) -> new LogSumExp(
                    device,
                    LogSumExp.Data.random(
                            own.dimension(),
                            own.swing(),
                            own.condition(),
                            own.instanceSeed() == 0 ? seed : own.instanceSeed())),
            own -> SolvedExperiment.Noise.of(own.sigma()));

    private static final int LARGEST = 400;

    private LogSumExpExperiment() {}

    /**
     * Settings.
     *
     * @param dimension    of x and of y, at most 400: every evaluation solves dense systems of that size
     * @param swing        γ of γ Σ sin(x_i + y_i) in g, in [0, 1)
     * @param condition    largest eigenvalue of G, whose smallest is 1
     * @param instanceSeed which random data; 0: others for every seed of a run
     * @param sigma        σ, standard deviation of the noise of all oracles
     */
    public record Settings(int dimension, double swing, double condition, long instanceSeed, double sigma) {
        /** Checks the ranges. */
        public Settings {
            RunSettings.atLeast("dimension", dimension, 1);
            if (dimension > LARGEST) {
                throw new IllegalArgumentException(
                        "dimension " + dimension + ": must be at most " + LARGEST + ", since evaluations are exact");
            }
            if (!(swing >= 0 && swing < 1)) {
                throw new IllegalArgumentException("swing " + swing + ": must lie in [0, 1)");
            }
            RunSettings.atLeast("condition", condition, 1);
            RunSettings.atLeast("sigma", sigma, 0);
        }
    }
}
