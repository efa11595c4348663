package borep.experiment;

import borep.problem.RidgeSelection;

/** {@link RidgeSelection} on random data. */
final class RidgeExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "ridge",
            "the coefficient of ridge regression with which validation samples are predicted best",
            SolvedExperiment.GAP,
            600,
            new StepSizes("0.1/power:0.5", "0.05", "0.5", "0.3", "0.3"),
            new Settings(60, 40, 20, 2, true, 0, 1, 0),
            (device, own, seed) -> new RidgeSelection(
                    device,
                    RidgeSelection.Data.random(
                            own.train(),
                            own.validation(),
                            own.features(),
                            own.noise(),
                            own.shared(),
                            own.start(),
                            own.instanceSeed())),
            own -> SolvedExperiment.Noise.of(own.sigma()));

    private RidgeExperiment() {}

    /**
     * Settings.
     *
     * @param train        training samples
     * @param validation   validation samples
     * @param features     q
     * @param noise        standard deviation of the targets' noise
     * @param shared       one coefficient for all weights, or one for each
     * @param start        logarithm of the first coefficient
     * @param instanceSeed which data
     * @param sigma        σ, standard deviation of the noise of all oracles
     */
    public record Settings(
            int train,
            int validation,
            int features,
            double noise,
            boolean shared,
            double start,
            long instanceSeed,
            double sigma) {
        /** Checks the ranges. */
        public Settings {
            RunSettings.atLeast("train", train, 1);
            RunSettings.atLeast("validation", validation, 1);
            RunSettings.atLeast("features", features, 1);
            RunSettings.atLeast("noise", noise, 0);
            RunSettings.atLeast("sigma", sigma, 0);
        }
    }
}
