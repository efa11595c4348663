package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.CountingProblem;
import borep.problem.NoisyProblem;
import borep.problem.Quadratic;
import borep.problem.QuadraticSum;
import borep.problem.Sample;
import borep.problem.TextProblem;
import borep.problem.cases.Answers;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SABA, SRBA and VRBO on a noisy finite sum with a closed form: tables, checkpoints, costs, and where they end. */
class FiniteSumSolversTest {
    private static final double EXACT = 1e-13;
    /** Steps so small that nothing moves, in float64: a + 1e-300 = a. */
    private static final Map<String, String> STILL = Map.of("eta", "1e-300", "alpha", "1e-300", "gamma", "1e-300");

    private final Device device = new ReferenceDevice();

    private static Solver solver(
            final String name, final BilevelProblem problem, final Map<String, String> settings, final long seed) {
        final Map<String, String> known = new HashMap<>(settings);
        known.keySet().retainAll(Solvers.kind(name).settings().keySet());
        final Solver solver = Solvers.create(name, problem, known, seed);
        solver.initialise();
        return solver;
    }

    private static void run(final Solver solver, final int steps) {
        for (int k = 0; k < steps; k++) {
            solver.step();
        }
    }

    private static double[] state(final Solver solver, final String name) {
        return solver.state().get(name).toDoubles();
    }

    private Reals vector(final double... values) {
        final Reals vector = device.reals(values.length);
        vector.set(values);
        return vector;
    }

    /** Every table's mean is Σ w_i row_i, on equal batches and on texts whose last batch is smaller. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sabaKeepsTheMeansOfItsTables(final boolean firstPass) {
        final TextProblem texts = ProblemCases.problems(
                        device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, 3)
                .get(1);
        for (final BilevelProblem problem : List.of(ProblemCases.quadraticSum(device, 5), texts)) {
            final Solver solver = solver(
                    "saba",
                    problem,
                    Map.of("eta", "0.05", "alpha", "0.2", "gamma", "0.2", "firstPass", Boolean.toString(firstPass)),
                    7);
            run(solver, 200);
            for (final String table : List.of("gradients", "products", "mixed", "upperY", "upperX")) {
                final boolean upper = table.startsWith("upper");
                final var sum = upper ? problem.upperSum() : problem.lowerSum();
                final double[] rows = state(solver, table);
                final double[] mean = new double[rows.length / sum.batches()];
                for (int i = 0; i < rows.length; i++) {
                    mean[i % mean.length] += sum.weight(i / mean.length) * rows[i];
                }
                assertArrayEquals(mean, state(solver, table + "Mean"), EXACT, table);
            }
        }
    }

    /** After a full pass at a point, estimates there are the exact sums whatever batch is visited: SAGA's variance is gone. */
    @Test
    void sabaIsExactWhereItsTablesAre() {
        final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
        final Solver solver = solver("saba", problem, STILL, 7);
        run(solver, 20);
        final Answers whole = whole(problem, new double[] {1, -2}, new double[3], new double[3]);
        assertArrayEquals(whole.gy(), state(solver, "gradientsMean"), EXACT);
        assertArrayEquals(whole.fy(), state(solver, "upperYMean"), EXACT);
        assertArrayEquals(whole.fx(), state(solver, "upperXMean"), EXACT);
        assertEquals(norm(whole.fy()), solver.metrics().get(metric(solver, "linearResidual")), EXACT); // z = 0
        assertEquals(norm(whole.fx()), solver.metrics().get(metric(solver, "hypergradientNorm")), EXACT);
    }

    private static int metric(final Solver solver, final String name) {
        return solver.metrics().names().indexOf(name);
    }

    private static double norm(final double[] vector) {
        return Math.sqrt(Arrays.stream(vector).map(v -> v * v).sum());
    }

    private Answers whole(final QuadraticSum problem, final double[] x, final double[] y, final double[] z) {
        final Sample exact = problem.whole().newUpperSample();
        return Answers.of(problem.whole(), vector(x), vector(y), vector(z), exact, exact);
    }

    /** At a checkpoint SRBA's directions are exact, in between they drift; at the next checkpoint they are exact again. */
    @Test
    void srbaIsExactAtItsCheckpoints() {
        final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
        final int period = 4;
        final Solver solver =
                solver("srba", problem, Map.of("eta", "0.1", "alpha", "0.3", "gamma", "0.3", "period", "" + period), 7);
        int exact = 0;
        int drifted = 0;
        for (int k = 0; k < 12; k++) {
            final double[] x = solver.x().toDoubles();
            final double[] y = solver.y().toDoubles();
            final double[] z = solver.z().toDoubles();
            solver.step();
            final Answers whole = whole(problem, x, y, z);
            final double[] system = new double[z.length];
            final double[] hypergradient = new double[x.length];
            Arrays.setAll(system, i -> whole.product()[i] - whole.fy()[i]);
            Arrays.setAll(hypergradient, i -> whole.fx()[i] - whole.mixed()[i]);
            if (k % period == 0) {
                assertArrayEquals(whole.gy(), state(solver, "directionY"), EXACT);
                assertArrayEquals(system, state(solver, "directionZ"), EXACT);
                assertArrayEquals(hypergradient, state(solver, "directionX"), EXACT);
                exact++;
            } else if (distance(whole.gy(), state(solver, "directionY")) > 1e-3) {
                drifted++;
            }
        }
        assertEquals(3, exact);
        assertTrue(drifted >= 6, "SARAH's estimates left the exact ones only " + drifted + " times of 9");
    }

    private static double distance(final double[] a, final double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    /** One SARAH step changes the direction by n w_i (D_i(now) − D_i(before)): the mean over all i is the exact change. */
    @Test
    void srbaIsUnbiased() {
        final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
        final int seeds = 4000;
        final double[] mean = new double[3];
        double[] expected = null;
        for (int seed = 0; seed < seeds; seed++) {
            final Solver solver =
                    solver("srba", problem, Map.of("eta", "0.1", "alpha", "0.3", "gamma", "0.3", "period", "9"), seed);
            solver.step();
            expected = whole(
                            problem,
                            solver.x().toDoubles(),
                            solver.y().toDoubles(),
                            solver.z().toDoubles())
                    .gy();
            solver.step();
            final double[] estimate = state(solver, "directionY");
            for (int i = 0; i < mean.length; i++) {
                mean[i] += estimate[i] / seeds;
            }
        }
        assertArrayEquals(expected, mean, .02); // one estimate has a deviation near 0.4
    }

    /** VRBO's large batch over the whole sum is exact: v the truncated hypergradient, u the lower gradient. */
    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void vrboIsExactAtItsCheckpoints(final int terms) {
        final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
        final Map<String, String> settings = new HashMap<>(STILL);
        settings.putAll(Map.of(
                "largeBatch", "0",
                "period", "1",
                "neumann.terms", Integer.toString(terms),
                "neumann.step", "0.2"));
        final Solver solver = solver("vrbo", problem, settings, 7);
        final Answers at = whole(problem, new double[] {1, -2}, new double[3], new double[3]);
        final double[] inverse = neumann(problem.whole(), at.fy(), terms, .2);
        final Answers along = whole(problem, new double[] {1, -2}, new double[3], inverse);
        final double[] expected = new double[2];
        Arrays.setAll(expected, i -> along.fx()[i] - along.mixed()[i]);
        for (int k = 0; k < 3; k++) {
            solver.step();
            assertArrayEquals(expected, state(solver, "v"), EXACT);
            assertArrayEquals(at.gy(), state(solver, "u"), EXACT);
        }
    }

    /** η Σ_{q=0..Q} (I − ηH)^q v with the whole Hessian. */
    private double[] neumann(final Quadratic problem, final double[] v, final int terms, final double step) {
        final double[] r = v.clone();
        final double[] sum = v.clone();
        for (int q = 0; q < terms; q++) {
            final Sample exact = problem.newLowerSample();
            final double[] product = Answers.of(problem, vector(0, 0), vector(0, 0, 0), vector(r), exact, exact)
                    .product();
            for (int i = 0; i < r.length; i++) {
                r[i] -= step * product[i];
                sum[i] += r[i];
            }
        }
        return Arrays.stream(sum).map(s -> step * s).toArray();
    }

    /** Without noise SPIDER follows the gradient for ever after one checkpoint, the moves of x and of y included. */
    @Test
    void vrboFollowsTheGradientWithoutNoise() {
        final Quadratic problem = ProblemCases.quadraticSum(device, 5).whole();
        final Solver solver = solver(
                "vrbo",
                problem,
                Map.of("eta", "0.05", "alpha", "0.2", "period", "1000", "lowerSteps", "3", "largeBatch", "1"),
                7);
        final Sample exact = problem.newUpperSample();
        for (int k = 0; k < 10; k++) {
            final double[] x = solver.x().toDoubles();
            final double[] v = state(solver, "v");
            solver.step();
            if (k > 0) { // x moved by the estimate that the last iteration left
                for (int i = 0; i < x.length; i++) {
                    assertEquals(x[i] - .05 * v[i], solver.x().toDoubles()[i], EXACT);
                }
            }
            final Answers at = Answers.of(problem, solver.x(), solver.y(), vector(new double[3]), exact, exact);
            assertArrayEquals(at.gy(), state(solver, "u"), EXACT);
            final double[] inverse = neumann(problem, at.fy(), 5, .1);
            final Answers along = Answers.of(problem, solver.x(), solver.y(), vector(inverse), exact, exact);
            for (int i = 0; i < x.length; i++) {
                assertEquals(along.fx()[i] - along.mixed()[i], state(solver, "v")[i], EXACT);
            }
        }
    }

    /** Where the variance vanishes constant steps lead to the minimiser; SOBA's noise keeps it away. */
    @Test
    void varianceReductionReachesTheMinimiser() {
        final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
        final double[] x = problem.minimiser(new double[2]).orElseThrow();
        final Map<String, String> settings = Map.of(
                "eta",
                "0.05",
                "alpha",
                "0.1",
                "gamma",
                "0.1",
                "neumann.terms",
                "80",
                "neumann.step",
                "0.2",
                "largeBatch",
                "0");
        for (final String name : List.of("saba", "srba", "vrbo")) {
            final Solver solver = solver(name, problem, settings, 7);
            run(solver, 4000);
            assertArrayEquals(x, solver.x().toDoubles(), 1e-8, name);
        }
        final Solver noisy = solver("soba", problem, settings, 7);
        run(noisy, 4000);
        assertTrue(distance(x, noisy.x().toDoubles()) > 1e-3, "SOBA hears no noise");
    }

    /** ∇_y g, ∇²_yy g·z and ∇²_xy g·z, ∇_y f and ∇_x f after six iterations on four lower and three upper batches. */
    @ParameterizedTest
    @CsvSource({
        "saba, 10, 10, 10, 9, 9", // a pass, then one batch an iteration
        "srba, 16, 16, 16, 14, 14", // checkpoints at 0 and 3 (half of 4 + 3 batches), four changes between
        "vrbo, 56, 112, 56, 54, 54", // whole sums at 0 and 3, 6 · 4 · 2 estimates of two factors
        "hoag, 240, 264, 24, 18, 18", // 10 steps, 10 + 1 products, 1 mixed on four batches
    })
    void callsAreCounted(
            final String name,
            final long gradient,
            final long products,
            final long mixed,
            final long upperY,
            final long upperX) {
        final CountingProblem problem = new CountingProblem(ProblemCases.quadraticSum(device, 5));
        final Solver solver = solver(name, problem, Map.of("largeBatch", "0", "neumann.terms", "2"), 7);
        run(solver, 6);
        assertEquals(gradient, problem.counts().lowerGradientY(), "∇_y g");
        assertEquals(products, problem.counts().hessianVectorProducts(), "∇²_yy g·z");
        assertEquals(mixed, problem.counts().mixedProducts(), "∇²_xy g·z");
        assertEquals(upperY, problem.counts().upperGradientY(), "∇_y f");
        assertEquals(upperX, problem.counts().upperGradientX(), "∇_x f");
        assertEquals(0, problem.counts().lowerGradientX(), "∇_x g");
    }

    @ParameterizedTest
    @ValueSource(strings = {"saba", "srba", "hoag"})
    void aStreamIsRefused(final String name) {
        final BilevelProblem stream = new NoisyProblem(SolvedProblemCases.golden(device), .1, .1, 1);
        final String message = assertThrows(
                        IllegalArgumentException.class, () -> Solvers.create(name, stream, Map.of(), 1))
                .getMessage();
        assertTrue(message.startsWith("this problem's ") && message.contains("no finite sum"), message);
    }
}
