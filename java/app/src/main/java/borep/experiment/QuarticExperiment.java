package borep.experiment;

import borep.problem.Quartic;

/** {@link Quartic}: as {@link CoshExperiment}, with a smoothness that grows like a polynomial. */
final class QuarticExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "quartic",
            "smoothness that grows polynomially: normalised steps arrive, long fixed ones diverge",
            SolvedExperiment.GAP,
            400,
            new StepSizes("0.05", "0.2", "0.05", "0.2", "0.2"),
            SineSettings.DEFAULT,
            (device, own, seed) -> new Quartic(device, own.matrix(), own.coupling(), own.x0()),
            own -> SolvedExperiment.Noise.of(own.sigma()));

    private QuarticExperiment() {}
}
