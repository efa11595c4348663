package borep.experiment;

import borep.problem.LinearRecurrence;

/** {@link LinearRecurrence}: vanishing and exploding gradients of a recurrence in one number. */
final class LinearRecurrenceExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "linear-recurrence",
            "the weight of a scalar recurrence above its readout: vanishing and exploding gradients",
            SolvedExperiment.DISTANCE,
            1000,
            new StepSizes("0.01/power:0.4", "0.005/power:0.3", "0.01", "0.2", "0.2"),
            new Settings(5, 2, .8, .1, 1, 0),
            (device, own, seed) -> new LinearRecurrence(
                    device, own.recurrence(), own.lowerTarget(), own.upperTarget(), own.mu(), own.start()),
            own -> SolvedExperiment.Noise.of(own.sigma()));

    private LinearRecurrenceExperiment() {}

    /**
     * Settings.
     *
     * @param recurrence  T, steps of the recurrence
     * @param lowerTarget a, what the lower level wants
     * @param upperTarget b in (0, a), what the upper level wants
     * @param mu          μ, positive
     * @param start       w0
     * @param sigma       σ, standard deviation of the noise of all oracles
     */
    public record Settings(
            int recurrence, double lowerTarget, double upperTarget, double mu, double start, double sigma) {
        /** Checks the ranges. */
        public Settings {
            RunSettings.atLeast("recurrence", recurrence, 1);
            RunSettings.atLeast("sigma", sigma, 0);
        }
    }
}
