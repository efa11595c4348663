package borep.experiment;

import borep.problem.DecentralisedQuadratic;
import borep.problem.Quadratic;
import java.util.stream.LongStream;

/** {@link DecentralisedQuadratic}: random quadratics of several agents, who solve their mean. */
final class DecentralisedQuadraticExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "decentralised-quadratic",
            "several agents with a random quadratic each, who solve the mean of them",
            SolvedExperiment.DISTANCE,
            2000,
            new StepSizes("0.2/power:0.6", "0.05/power:0.3", "0.05", "0.3", "0.3"),
            new Settings(4, 10, 10, .1, 1, 0),
            (device, own, seed) -> new DecentralisedQuadratic(
                    device,
                    LongStream.range(own.instanceSeed() * own.agents(), (own.instanceSeed() + 1) * own.agents())
                            .mapToObj(own::data)
                            .toList(),
                    own.sigma(),
                    seed * own.agents()),
            own -> SolvedExperiment.Noise.of(0));

    private DecentralisedQuadraticExperiment() {}

    /**
     * Settings.
     *
     * @param agents       n
     * @param dimension    of x and of y
     * @param condition    of every agent's lower Hessian
     * @param rho          ρ of ½ρ‖x‖² in f
     * @param instanceSeed which random ones
     * @param sigma        σ, standard deviation of the noise of all agents' oracles
     */
    public record Settings(int agents, int dimension, double condition, double rho, long instanceSeed, double sigma) {
        /** Checks the ranges. */
        public Settings {
            RunSettings.atLeast("agents", agents, 1);
            RunSettings.atLeast("dimension", dimension, 1);
            RunSettings.atLeast("condition", condition, 1);
            RunSettings.atLeast("rho", rho, 0);
            RunSettings.atLeast("sigma", sigma, 0);
        }

        private Quadratic.Data data(final long seed) {
            return Quadratic.Data.random(dimension, dimension, condition, rho, 0, seed);
        }
    }
}
