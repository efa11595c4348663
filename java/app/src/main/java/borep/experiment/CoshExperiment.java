package borep.experiment;

import borep.problem.Cosh;

/** {@link Cosh}: far out, methods that normalise their steps arrive and those with a fixed factor leave. */
final class CoshExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "cosh",
            "smoothness that grows exponentially: normalised steps arrive, fixed ones diverge",
            SolvedExperiment.GAP,
            400,
            new StepSizes("0.05", "0.2", "0.01", "0.2", "0.2"),
            SineSettings.DEFAULT,
            (device, own, seed) -> new Cosh(device, own.matrix(), own.coupling(), own.x0()),
            own -> SolvedExperiment.Noise.of(own.sigma()));

    private CoshExperiment() {}
}
