package borep.experiment;

import borep.problem.PhaseRetrieval;

/** {@link PhaseRetrieval}: one level whose smoothness grows with the gradient, with minibatches. */
final class PhaseRetrievalExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "phase-retrieval",
            "one level: a vector from the squares of its products with random ones; smoothness grows with the gradient",
            SolvedExperiment.OBJECTIVE,
            2000,
            new StepSizes("0.2/power:0.5", "0.05/power:0.3", "0.05", "0.3", "0.3"),
            new Settings(3000, 100, 64, 0, 10, 1),
            (device, own, seed) -> new PhaseRetrieval(device, own.instance(), own.instanceSeed(), seed),
            own -> SolvedExperiment.Noise.of(0));

    private PhaseRetrievalExperiment() {}

    /**
     * Settings; sizes are the paper's, whose noise is 4.
     *
     * @param measurements n
     * @param dimension    d, of x
     * @param batch        measurements in a minibatch; n: all, without randomness
     * @param noise        standard deviation of the measurements' noise; above 0 no minimiser is known
     * @param distance     ‖x0‖; the minimisers lie on the unit sphere
     * @param instanceSeed which measurements
     */
    public record Settings(
            int measurements, int dimension, int batch, double noise, double distance, long instanceSeed) {
        /** Checks the ranges. */
        public Settings {
            instance(measurements, dimension, batch, noise, distance);
        }

        private PhaseRetrieval.Settings instance() {
            return instance(measurements, dimension, batch, noise, distance);
        }

        private static PhaseRetrieval.Settings instance(
                final int measurements,
                final int dimension,
                final int batch,
                final double noise,
                final double distance) {
            return new PhaseRetrieval.Settings(measurements, dimension, batch, noise, distance);
        }
    }
}
