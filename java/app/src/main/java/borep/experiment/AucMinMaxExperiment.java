package borep.experiment;

import borep.problem.AucMinMax;

/** {@link AucMinMax}: maximising the area under the ROC curve on random features. */
final class AucMinMaxExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "auc-min-max",
            "the area under the ROC curve of linear scores as a min-max problem",
            SolvedExperiment.GAP,
            SolvedExperiment.GAP, // of the maximum over y, which a step of the solver does not see
            800,
            new StepSizes("0.1/power:0.5", "0.02/power:0.3", "0.5", "1", "1"),
            new Settings(400, 10, .2, 1.5, 1, 0),
            (device, own, seed) -> new AucMinMax(
                    device,
                    AucMinMax.Data.random(
                            own.examples(), own.features(), own.positives(), own.separation(), own.instanceSeed())),
            own -> SolvedExperiment.Noise.of(own.sigma()));

    private AucMinMaxExperiment() {}

    /**
     * Settings.
     *
     * @param examples     n
     * @param features     d
     * @param positives    share of positive samples, in (0, 1)
     * @param separation   distance of the classes' means, in standard deviations
     * @param instanceSeed which random data
     * @param sigma        σ, standard deviation of the noise of all oracles
     */
    public record Settings(
            int examples, int features, double positives, double separation, long instanceSeed, double sigma) {
        /** Checks the ranges. */
        public Settings {
            RunSettings.atLeast("examples", examples, 2);
            RunSettings.atLeast("features", features, 1);
            RunSettings.atLeast("sigma", sigma, 0);
        }
    }
}
