package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Update;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.CountingProblem;
import borep.problem.FirstOrder;
import borep.problem.HyperRepresentation;
import borep.problem.MetaInitialisation;
import borep.problem.Quadratic;
import borep.problem.Sample;
import borep.problem.TextProblem;
import borep.problem.cases.ProblemCases;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MAML and ANIL: their meta-gradients are those of the unrolled objective, second order included. */
class MetaLearningTest {
    private static final int TASKS = 2;
    private static final int STEPS = 3;
    private static final double ALPHA = .2;
    private static final Map<String, String> SETTINGS =
            Map.of("eta", "1", "alpha", "0.2", "lowerSteps", "3", "tasks", "2");
    private static final double DIFFERENCE = 1e-5;

    private final Device device = new ReferenceDevice();
    private final Update update = device.kernels().update();

    private static Solver solver(final String name, final BilevelProblem problem, final Map<String, String> settings) {
        final Solver solver = Solvers.create(name, problem, settings, 7);
        solver.initialise();
        return solver;
    }

    /** Mean over the first iteration's tasks of f(x, y^D), the adaptation beginning at {@code start}: what a meta-step descends. */
    private double objective(final BilevelProblem problem, final double[] x, final double[] start) {
        final Reals upper = vector(x);
        final Reals y = device.reals(start.length);
        final Sample support = problem.newLowerSample();
        final Sample query = problem.newUpperSample();
        final FirstOrder slope = new FirstOrder(null, null, device.reals(start.length));
        final FirstOrder value = new FirstOrder(device.reals(1), null, null);
        problem.upperChanged();
        double sum = 0;
        for (int task = 0; task < TASKS; task++) {
            y.set(start);
            support.draw(ProblemCases.at(device, 0), Purpose.SHARED, task);
            for (int t = 0; t < STEPS; t++) {
                problem.lower(upper, y, support, slope);
                update.axpy(-ALPHA, slope.gradientY(), y);
            }
            query.draw(ProblemCases.at(device, 0), Purpose.SHARED, task);
            problem.upper(upper, y, query, value);
            sum += value.value().get(0);
        }
        return sum / TASKS;
    }

    private Reals vector(final double[] values) {
        final Reals vector = device.reals(values.length);
        vector.set(values);
        return vector;
    }

    private static double[] moved(final double[] from, final double[] direction, final double by) {
        final double[] to = from.clone();
        for (int i = 0; i < to.length; i++) {
            to[i] += by * direction[i];
        }
        return to;
    }

    private static double dot(final double[] a, final double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** With η = 1 the meta-gradient is how far the first step has gone. */
    private static double[] gone(final double[] from, final double[] to) {
        return moved(from, to, -1);
    }

    private static void same(final String what, final double expected, final double actual) {
        assertEquals(expected, actual, 1e-6 * Math.abs(expected), what);
        assertTrue(Math.abs(expected) > 1e-4, what + ": nothing to see");
    }

    @Test
    void mamlDescendsTheUnrolledObjective() {
        int checked = 0;
        for (final BilevelProblem problem : problems(MetaInitialisation.class)) {
            final Solver solver = solver("maml", problem, SETTINGS);
            final double[] x = solver.x().toDoubles();
            solver.step();
            final double[] meta = gone(x, solver.x().toDoubles());
            final double[] v = ProblemCases.vector(device, x.length, 3, 21).toDoubles();
            final double[] ahead = moved(x, v, DIFFERENCE);
            final double[] behind = moved(x, v, -DIFFERENCE);
            final double slope =
                    (objective(problem, ahead, ahead) - objective(problem, behind, behind)) / (2 * DIFFERENCE);
            same("x, network " + checked, slope, dot(meta, v));
            assertEquals(objective(problem, x, x), solver.metrics().get(0), 1e-13); // upperLoss
            checked++;
        }
        assertEquals(4, checked);
    }

    @Test
    void anilDescendsTheUnrolledObjectiveByBodyAndHead() {
        int checked = 0;
        for (final BilevelProblem problem : problems(HyperRepresentation.class)) {
            final Solver solver = solver("anil", problem, SETTINGS);
            final double[] x = solver.x().toDoubles();
            final double[] y = solver.y().toDoubles();
            solver.step();
            final double[] v = ProblemCases.vector(device, x.length, 3, 22).toDoubles();
            final double[] w = ProblemCases.vector(device, y.length, 3, 23).toDoubles();
            final double byBody =
                    objective(problem, moved(x, v, DIFFERENCE), y) - objective(problem, moved(x, v, -DIFFERENCE), y);
            same(
                    "body " + checked,
                    byBody / (2 * DIFFERENCE),
                    dot(gone(x, solver.x().toDoubles()), v));
            final double byHead =
                    objective(problem, x, moved(y, w, DIFFERENCE)) - objective(problem, x, moved(y, w, -DIFFERENCE));
            same(
                    "head " + checked,
                    byHead / (2 * DIFFERENCE),
                    dot(gone(y, solver.y().toDoubles()), w));
            checked++;
        }
        assertEquals(4, checked);
    }

    private List<TextProblem> problems(final Class<? extends TextProblem> kind) {
        return ProblemCases.shapes().stream()
                .flatMap(shape -> ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 5).stream())
                .filter(kind::isInstance)
                .toList();
    }

    /** The first-order variant is another direction: what is left out is not small. */
    @ParameterizedTest
    @ValueSource(strings = {"maml", "anil"})
    void theSecondOrderMatters(final String name) {
        final Quadratic problem = quadratic();
        final Map<String, String> first =
                Map.of("eta", "1", "alpha", "0.2", "lowerSteps", "3", "tasks", "2", "firstOrder", "true");
        final Solver whole = solver(name, problem, SETTINGS);
        final Solver without = solver(name, problem, first);
        whole.step();
        without.step();
        double[] y = name.equals("maml") ? new double[] {1, 2} : new double[2];
        for (int t = 0; t < STEPS; t++) { // A y + B x + c
            y = new double[] {
                y[0] - ALPHA * (2 * y[0] + .5 * y[1] + 1.1), y[1] - ALPHA * (.5 * y[0] + y[1] + .5 - 2 - .2)
            };
        }
        final double[] residual = {y[0] + .5 * y[1] - 1, y[1] + 1};
        final double[] byY = {residual[0], .5 * residual[0] + residual[1]};
        final double own = name.equals("maml") ? 1 : 0; // where y begins at x, x sees ∇_y f
        assertArrayEquals(
                new double[] {.1 * 1 + own * byY[0], .1 * 2 + own * byY[1]},
                gone(new double[] {1, 2}, without.x().toDoubles()),
                1e-13);
        final double[] leftOut = gone(whole.x().toDoubles(), without.x().toDoubles());
        assertTrue(dot(leftOut, leftOut) > .01, name + ": " + leftOut[0] + ", " + leftOut[1]);
    }

    /** D = T = 2: every count of three iterations. */
    @ParameterizedTest
    @ValueSource(strings = {"maml", "anil"})
    void callsAreCounted(final String name) {
        final CountingProblem problem = new CountingProblem(quadratic());
        final Solver solver = solver(name, problem, Map.of("lowerSteps", "2", "tasks", "2"));
        for (int k = 0; k < 3; k++) {
            solver.step();
        }
        assertEquals(12, problem.counts().lowerGradientY());
        assertEquals(12, problem.counts().hessianVectorProducts());
        assertEquals(12, problem.counts().mixedProducts());
        assertEquals(6, problem.counts().upperGradientY());
        assertEquals(6, problem.counts().upperGradientX());
        assertEquals(0, problem.counts().lowerGradientX());
    }

    /** With small steps both end where the unrolled objective is flat. */
    @ParameterizedTest
    @ValueSource(strings = {"maml", "anil"})
    void theyEndAtAStationaryPoint(final String name) {
        final Quadratic problem = quadratic();
        final Solver solver =
                solver(name, problem, Map.of("eta", "0.3", "alpha", "0.2", "lowerSteps", "3", "tasks", "1"));
        for (int k = 0; k < 6000; k++) {
            solver.step();
        }
        final double[] x = solver.x().toDoubles();
        for (int i = 0; i < 2; i++) {
            final double[] unit = {1 - i, i};
            final double[] ahead = moved(x, unit, DIFFERENCE);
            final double[] behind = moved(x, unit, -DIFFERENCE);
            final double[] start = solver.y().toDoubles();
            final double slope = name.equals("maml")
                    ? objective(problem, ahead, ahead) - objective(problem, behind, behind)
                    : objective(problem, ahead, start) - objective(problem, behind, start);
            assertEquals(0, slope / (2 * DIFFERENCE), 1e-8);
        }
    }

    @Test
    void mamlNeedsAStartOfEqualLength() {
        for (final TextProblem problem : problems(HyperRepresentation.class)) {
            final String sentence = assertThrows(
                            IllegalArgumentException.class,
                            () -> solver("maml", new CountingProblem(problem), Map.of()))
                    .getMessage();
            assertEquals(
                    "maml: y begins at x, so both must be equally long, but x has " + problem.upperSize()
                            + " numbers and y " + problem.lowerSize() + "; anil adapts y from a start of its own",
                    sentence);
        }
    }

    private Quadratic quadratic() {
        return new Quadratic(
                device,
                new Quadratic.Data(
                        new double[][] {{2, .5}, {.5, 1}},
                        new double[][] {{1, 0}, {.5, -1}},
                        new double[] {.1, -.2},
                        new double[][] {{1, .5}, {0, 1}},
                        new double[] {1, -1},
                        .1,
                        0,
                        new double[] {1, 2}));
    }
}
