package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Devices;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.reference.ReferenceDevice;
import borep.model.Parameters;
import borep.problem.BilevelProblem;
import borep.problem.Cosh;
import borep.problem.CountingProblem;
import borep.problem.FirstOrder;
import borep.problem.PhaseRetrieval;
import borep.problem.Sample;
import borep.problem.SecondOrder;
import borep.problem.cases.ProblemCases;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** IAN-SGD and normalised SGD, where smoothness has no bound and where gradients are noisy. */
class SingleLevelTest {
    private final Device device = new ReferenceDevice();

    private static Solver run(
            final String name, final BilevelProblem problem, final Map<String, String> settings, final int steps) {
        final Solver solver = Solvers.create(name, problem, settings, 7);
        solver.initialise();
        for (int k = 0; k < steps; k++) {
            solver.step();
        }
        return solver;
    }

    private static double norm(final double... values) {
        double square = 0;
        for (final double value : values) {
            square += value * value;
        }
        return Math.sqrt(square);
    }

    private static double distance(final double[] a, final double[] b, final double sign) {
        final double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - sign * b[i];
        }
        return norm(difference);
    }

    /** Σ cosh from (10, −8): normalised steps arrive, the same step size without normalisation (exponent 0: SGD) leaves. */
    @Test
    void coshSeparatesThem() {
        final Cosh problem = new Cosh(device, new double[][] {{1, 0}, {0, 4}}, .5, new double[] {10, -8});
        assertTrue(norm(run("nsgd", problem, Map.of("eta", "0.05"), 400).x().toDoubles()) < .06);
        final double[] x =
                run("ian-sgd", problem, Map.of("eta", "0.05"), 2000).x().toDoubles();
        assertTrue(norm(x) < 1e-6, "IAN-SGD is at " + x[0] + ", " + x[1]);
        final Solver sgd = run("ian-sgd", problem, Map.of("eta", "0.05", "exponent", "0"), 20);
        assertThrows(DivergedException.class, () -> sgd.metrics().requireFinite(20));
    }

    /** From ten times as far out as w*: within a hundredth of w* or −w*, and SGD overflows. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "scalar"})
    void phaseRetrievalIsSolvedFromFarOut(final String name) {
        try (Device here = Devices.choose(name, 1).device()) {
            final PhaseRetrieval.Settings settings = new PhaseRetrieval.Settings(400, 12, 40, 0, 10);
            for (final long seed : new long[] {1, 2, 3}) {
                final PhaseRetrieval problem = new PhaseRetrieval(here, settings, seed);
                final double[] nsgd = run("nsgd", problem, Map.of("eta", "0.5/power:0.6"), 3000)
                        .x()
                        .toDoubles();
                final double[] ian =
                        run("ian-sgd", problem, Map.of("eta", "0.05"), 3000).x().toDoubles();
                for (final double[] w : List.of(nsgd, ian)) {
                    final double error =
                            Math.min(distance(w, problem.solution(), 1), distance(w, problem.solution(), -1));
                    assertTrue(error < .01, "seed " + seed + ": " + error);
                }
                final Solver sgd = run("ian-sgd", problem, Map.of("eta", "0.05", "exponent", "0"), 30);
                assertThrows(DivergedException.class, () -> sgd.metrics().requireFinite(30));
            }
        }
    }

    /** One iteration by hand: g = sinh x, h = max(τ, A ‖g‖ + δ)^β on both sides of the threshold. */
    @ParameterizedTest
    @CsvSource({"0.6, 2, 0.5, 1, 0.3", "0.6, 2, 0.5, 9, 0.3", "1, 1, 0, 0.001, 0.3", "0, 3, 1, 5, 0.3"})
    void anIterationIsThePapers(
            final double exponent, final double factor, final double offset, final double threshold, final double eta) {
        final double[] start = {1.2, -.7};
        final Cosh problem = new Cosh(device, new double[][] {{1, 0}, {0, 4}}, .5, start);
        final IanSgd.Settings settings = Hyperparameters.with(
                IanSgd.Settings.DEFAULT,
                Map.of(
                        "eta", Double.toString(eta),
                        "exponent", Double.toString(exponent),
                        "factor", Double.toString(factor),
                        "offset", Double.toString(offset),
                        "threshold", Double.toString(threshold)));
        final IanSgd solver = new IanSgd(problem, settings, 1);
        solver.initialise();
        solver.step();
        final double[] g = {Math.sinh(start[0]), Math.sinh(start[1])};
        final double h = Math.pow(Math.max(threshold, factor * norm(g) + offset), exponent);
        assertArrayEquals(
                new double[] {start[0] - eta * g[0] / h, start[1] - eta * g[1] / h},
                solver.x().toDoubles(),
                1e-14);
    }

    /** Without a lower level SLIP is normalised SGD with momentum, on the same samples: the same bits. */
    @Test
    void slipWithoutALowerLevelIsNsgd() {
        final PhaseRetrieval problem = new PhaseRetrieval(device, new PhaseRetrieval.Settings(80, 6, 8, .1, 4), 3);
        final double[] slip =
                run("slip", problem, Map.of("eta", "0.05"), 50).x().toDoubles();
        final double[] nsgd = run("nsgd", problem, Map.of("eta", "0.05", "beta", "0.9"), 50)
                .x()
                .toDoubles();
        assertArrayEquals(slip, nsgd);
    }

    @ParameterizedTest
    @CsvSource({"nsgd, 1, 1", "ian-sgd, 1, 2", "ian-sgd, 5, 6"})
    void callsAreCounted(final String name, final String samples, final long calls) {
        final CountingProblem problem =
                new CountingProblem(new PhaseRetrieval(device, new PhaseRetrieval.Settings(40, 3, 4, 0, 2), 1));
        run(name, problem, name.equals("nsgd") ? Map.of() : Map.of("samples", samples), 10);
        assertEquals(10 * calls, problem.counts().upperGradientX());
        assertEquals(10 * calls, problem.counts().total());
    }

    /**
     * f = x with noise of deviation 3 on its slope. The normaliser's sample is another one than the direction's, and they are not
     * correlated; so the mean step is η E[1/h], whereas dividing by the direction's own norm would lose most of the slope.
     */
    @Test
    void normaliserAndDirectionAreIndependent() {
        final NoisySlope problem = new NoisySlope(device, 3);
        final int steps = 20_000;
        final Solver solver = run(
                "ian-sgd",
                problem,
                Map.of("eta", "1", "exponent", "1", "factor", "1", "offset", "0", "threshold", "0.5"),
                0);
        double covariance = 0;
        double expected = 0;
        double ownNorm = 0;
        for (int k = 0; k < steps; k++) {
            final double before = solver.x().get(0);
            problem.slopes.clear();
            solver.step();
            assertEquals(2, problem.slopes.size());
            final double normaliser = problem.slopes.get(0);
            final double direction = problem.slopes.get(1);
            final double h = Math.max(.5, Math.abs(normaliser));
            assertEquals(direction / h, before - solver.x().get(0), 1e-9);
            covariance += (normaliser - 1) * (direction - 1) / steps;
            expected += 1 / h / steps;
            ownNorm += direction / Math.max(.5, Math.abs(direction)) / steps;
        }
        assertEquals(0, covariance / 9, .03, "correlation"); // 4 / √20000
        assertEquals(expected, -solver.x().get(0) / steps, .05); // a step has a deviation near 3
        assertTrue(ownNorm < .7 * expected, ownNorm + " against " + expected);
    }

    @Test
    void problemsWithoutAGradientByXAreRefused() {
        int refused = 0;
        for (final BilevelProblem problem :
                ProblemCases.problems(device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, 3)) {
            for (final String name : List.of("nsgd", "ian-sgd")) {
                if (problem.upperSeesX()) {
                    run(name, new CountingProblem(problem), Map.of(), 1)
                            .metrics()
                            .requireFinite(1);
                } else {
                    final String sentence = assertThrows(
                                    IllegalArgumentException.class,
                                    () -> run(name, new CountingProblem(problem), Map.of(), 0))
                            .getMessage();
                    assertTrue(sentence.startsWith(name + ": minimises f(x, y) over x alone"), sentence);
                    refused++;
                }
            }
        }
        assertEquals(8, refused);
    }

    /** f = x, its slope seen as 1 + σ N(0, 1) from the sample alone; remembers the slopes it has shown. */
    private static final class NoisySlope implements BilevelProblem {
        private final Device device;
        private final double sigma;
        private final List<Double> slopes = new ArrayList<>();

        NoisySlope(final Device device, final double sigma) {
            this.device = device;
            this.sigma = sigma;
        }

        private static final class Token implements Sample {
            private double noise;

            @Override
            public void draw(final Counter step, final int purpose, final int lane) {
                noise = Philox.normal(11, step.get(), purpose, lane);
            }
        }

        @Override
        public Device device() {
            return device;
        }

        @Override
        public Parameters upperLayout() {
            return Parameters.none().with("x", 1, 1);
        }

        @Override
        public Parameters lowerLayout() {
            return Parameters.none().with("y", 1, 1);
        }

        @Override
        public void initialise(final Reals x, final Reals y) {
            x.set(new double[1]);
            y.set(new double[1]);
        }

        @Override
        public Sample newUpperSample() {
            return new Token();
        }

        @Override
        public Sample newLowerSample() {
            return new Token();
        }

        @Override
        public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
            final double slope = 1 + sigma * ((Token) sample).noise;
            slopes.add(slope);
            out.gradientX().set(new double[] {slope});
        }

        @Override
        public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
            throw new UnsupportedOperationException("one level");
        }

        @Override
        public void lowerAlong(
                final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
            throw new UnsupportedOperationException("one level");
        }
    }
}
