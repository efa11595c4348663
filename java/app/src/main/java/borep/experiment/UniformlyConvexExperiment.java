package borep.experiment;

import borep.problem.UniformlyConvex;

/** {@link UniformlyConvex}: the lower Hessian vanishes where y* = 0. */
final class UniformlyConvexExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "uniformly-convex",
            "a lower level that is uniformly, not strongly convex",
            SolvedExperiment.GAP,
            500,
            new StepSizes("0.05", "0.02", "0.05", "0.1", "0.1"),
            new Settings(4, "1", 0, 0),
            (device, own, seed) -> new UniformlyConvex(device, own.degree(), Numbers.parse("start", own.start())),
            own -> new SolvedExperiment.Noise(own.upperSigma(), own.sigma()));

    private UniformlyConvexExperiment() {}

    /**
     * Settings. The public code's noise is {@code sigma} 1 with {@code upperSigma} 0.01.
     *
     * @param degree     p, even; 2 is strongly convex
     * @param start      x0, numbers separated by commas
     * @param sigma      σ, standard deviation of the noise of the lower level's oracles
     * @param upperSigma of the upper level's
     */
    public record Settings(int degree, String start, double sigma, double upperSigma) {
        /** Checks the ranges. */
        public Settings {
            if (degree < 2 || degree % 2 != 0) {
                throw new IllegalArgumentException("degree " + degree + ": must be even and at least 2");
            }
            Numbers.parse("start", start);
            RunSettings.atLeast("sigma", sigma, 0);
            RunSettings.atLeast("upperSigma", upperSigma, 0);
        }
    }
}
