package borep.experiment;

import borep.device.Device;
import borep.problem.Quadratic;
import borep.problem.QuadraticSum;
import java.util.List;
import java.util.stream.LongStream;

/** {@link QuadraticSum}: finite sums of random quadratics, for methods that remember terms or pass over all of them. */
final class QuadraticSumExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "quadratic-sum",
            "both levels means of random quadratics; an oracle sees one term",
            SolvedExperiment.DISTANCE,
            2000,
            new StepSizes("0.2/power:0.6", "0.05/power:0.3", "0.05", "0.1", "0.1"),
            new Settings(32, 10, 10, .1, 1),
            (device, own, seed) -> own.problem(device, seed),
            own -> SolvedExperiment.Noise.of(0));

    private QuadraticSumExperiment() {}

    /**
     * Settings.
     *
     * @param terms        of each level
     * @param dimension    of x and of y
     * @param condition    of every term's lower Hessian
     * @param rho          ρ of ½ρ‖x‖² in f
     * @param instanceSeed which random ones
     */
    public record Settings(int terms, int dimension, double condition, double rho, long instanceSeed) {
        /** Checks the ranges. */
        public Settings {
            RunSettings.atLeast("terms", terms, 1);
            RunSettings.atLeast("dimension", dimension, 1);
            RunSettings.atLeast("condition", condition, 1);
            RunSettings.atLeast("rho", rho, 0);
        }

        private QuadraticSum problem(final Device device, final long seed) {
            final List<Quadratic.Data> each = LongStream.range(instanceSeed * terms, (instanceSeed + 1) * terms)
                    .mapToObj(term -> Quadratic.Data.random(dimension, dimension, condition, rho, 0, term))
                    .toList();
            return new QuadraticSum(
                    device,
                    each.stream()
                            .map(data -> new QuadraticSum.LowerTerm(data.a(), data.b(), data.c()))
                            .toList(),
                    each.stream()
                            .map(data -> new QuadraticSum.UpperTerm(data.cUp(), data.d()))
                            .toList(),
                    rho,
                    each.getFirst().x0(),
                    2 * seed); // the upper level draws by the seed after it
        }
    }
}
