package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.Cosh;
import borep.problem.QuadraticSum;
import borep.problem.SolvedProblem;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HOAG: tolerances, full batches, and the adaptive step against its rule in plain Java. */
class HoagTest {
    private static final Map<String, String> EXACT =
            Map.of("eta", "0.05", "alpha", "0.3", "lowerSteps", "150", "linearSteps", "6", "tolerance", "1e-13");

    private final Device device = new ReferenceDevice();

    private static Solver solver(
            final BilevelProblem problem, final Map<String, String> settings, final String... further) {
        final Map<String, String> all = new HashMap<>(settings);
        for (int i = 0; i < further.length; i += 2) {
            all.put(further[i], further[i + 1]);
        }
        final Solver solver = Solvers.create("hoag", problem, all, 7);
        solver.initialise();
        return solver;
    }

    private static double metric(final Solver solver, final String name) {
        return solver.metrics().get(solver.metrics().names().indexOf(name));
    }

    /** On a noisy finite sum it sees no noise: every step is exact gradient descent on Φ. */
    @Test
    void followsExactDescentOnAFiniteSum() {
        final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
        final Solver solver = solver(problem, EXACT, "adaptive", "false");
        double[] x = {1, -2};
        for (int k = 0; k < 20; k++) {
            final double[] gradient = problem.hypergradient(x);
            x = new double[] {x[0] - .05 * gradient[0], x[1] - .05 * gradient[1]};
            solver.step();
            assertArrayEquals(x, solver.x().toDoubles(), 1e-11);
        }
    }

    /** y and z stop at the tolerance and not before: a loose one leaves them where they were. */
    @Test
    void solvesToItsTolerance() {
        final SolvedProblem problem = SolvedProblemCases.golden(device);
        final Solver loose = solver(problem, EXACT, "tolerance", "100", "adaptive", "false");
        loose.step();
        assertArrayEquals(new double[2], loose.y().toDoubles());
        assertArrayEquals(new double[2], loose.z().toDoubles());
        for (final double tolerance : new double[] {.3, .01}) {
            final Solver solver = solver(problem, EXACT, "tolerance", "" + tolerance, "adaptive", "false");
            solver.step();
            final double[] y = solver.y().toDoubles();
            final double[] z = solver.z().toDoubles();
            final double slope = Math.hypot(2 * y[0] + .5 * y[1] + 1.1, .5 * y[0] + y[1] - 1.7);
            assertTrue(slope <= tolerance, "gradient " + slope);
            assertTrue(slope > .3 * tolerance, "more steps than the tolerance asks for: gradient " + slope);
            final double[] misfit = {y[0] + .5 * y[1] - 1, y[1] + 1};
            final double residual =
                    Math.hypot(2 * z[0] + .5 * z[1] - misfit[0], .5 * z[0] + z[1] - .5 * misfit[0] - misfit[1]);
            assertTrue(residual <= tolerance, "residual " + residual);
        }
    }

    /**
     * The rule in plain Java on exact numbers: longer after good steps, half after a rise, back after a large one, and then a step that
     * nothing judges.
     */
    @Test
    void adaptsByItsRule() {
        final SolvedProblem problem = SolvedProblemCases.golden(device);
        final Solver solver = solver(problem, EXACT, "eta", "30", "adaptive", "true");
        double[] x = {1, 2};
        double[] before = null;
        double valueBefore = 0;
        double step = 30;
        double length = 0;
        int longer = 0;
        int back = 0;
        for (int k = 0; k < 40; k++) {
            final double value = problem.objective(x);
            double[] gradient = problem.hypergradient(x);
            if (length > 0) {
                if (value < valueBefore + 1e-13 * (.25 + 1.25 * length) - length * length / (2 * step)) {
                    step /= .95;
                    longer++;
                } else if (value > valueBefore + 1e-13 * (.25 + 1.25 * length)) {
                    step /= 2;
                    if (value > valueBefore + .2 * Math.abs(valueBefore)) {
                        x = before;
                        gradient = new double[2];
                        back++;
                    }
                }
            }
            before = x;
            valueBefore = problem.objective(x);
            length = step * Math.hypot(gradient[0], gradient[1]);
            x = new double[] {x[0] - step * gradient[0], x[1] - step * gradient[1]};
            solver.step();
            assertEquals(step, metric(solver, "stepSize"), 1e-9, "step " + k);
            assertEquals(valueBefore, metric(solver, "upperLoss"), 1e-9, "step " + k);
            assertArrayEquals(x, solver.x().toDoubles(), 1e-9, "step " + k);
        }
        assertTrue(longer > 2 && back > 2, longer + " longer, " + back + " taken back");
    }

    /** With y far from solved f_0 is too small: no later value is held against it for ever. */
    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void arrivesFromALowerLevelThatIsNotSolvedYet(final String where) {
        try (Device own = Devices.choose(where, 1).device()) {
            final SolvedProblem problem = SolvedProblemCases.golden(own);
            final Solver solver = solver(problem, Map.of());
            for (int k = 0; k < 3000; k++) {
                solver.step();
                solver.metrics().requireFinite(k);
            }
            assertEquals(
                    problem.objective(problem.minimiser(new double[2]).orElseThrow()),
                    problem.objective(solver.x().toDoubles()),
                    1e-6);
        }
    }

    /** Longer and longer steps stop at the solution: a steep direction would leave it again. */
    @ParameterizedTest
    @CsvSource({"vector, 1e-6", "reference, 1e-13"})
    void staysAtAMinimiser(final String where, final double digits) {
        try (Device own = Devices.choose(where, 1).device()) {
            final SolvedProblem problem = SolvedProblemCases.golden(own);
            final double least =
                    problem.objective(problem.minimiser(new double[2]).orElseThrow());
            final Solver solver = solver(problem, Map.of("eta", "0.05", "alpha", "0.3"));
            for (int k = 0; k < 5000; k++) {
                solver.step();
                solver.metrics().requireFinite(k);
                if (k >= 1000) {
                    assertEquals(least, problem.objective(solver.x().toDoubles()), digits, "step " + k);
                }
            }
        }
    }

    /** Where smoothness grows without bound, a step that adapts arrives from where a fixed one overflows. */
    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void anAdaptiveStepSurvivesUnboundedSmoothness(final String where) {
        try (Device own = Devices.choose(where, 1).device()) {
            for (final String eta : new String[] {"0.01", "0.05"}) {
                final Cosh problem = new Cosh(own, new double[][] {{1, 0}, {0, 4}}, .5, new double[] {10, -8});
                final Map<String, String> settings = Map.of("eta", eta, "alpha", "0.2", "lowerSteps", "40");
                final Solver adaptive = solver(problem, settings);
                for (int k = 0; k < 2000; k++) {
                    adaptive.step();
                    adaptive.metrics().requireFinite(k);
                }
                final double[] x = adaptive.x().toDoubles();
                assertTrue(Math.hypot(x[0], x[1]) < 1e-3, "at " + x[0] + ", " + x[1]);
                final Solver fixed = solver(problem, settings, "adaptive", "false");
                for (int k = 0; k < 5; k++) {
                    fixed.step();
                }
                assertTrue(
                        fixed.metrics().records().isClosed(),
                        "the fixed step stays at " + fixed.x().get(0));
            }
        }
    }
}
