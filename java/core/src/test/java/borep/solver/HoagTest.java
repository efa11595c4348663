package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
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

    /** The rule in plain Java on exact numbers: longer after good steps, half and back after bad ones, else the same. */
    @Test
    void adaptsByItsRule() {
        final SolvedProblem problem = SolvedProblemCases.golden(device);
        final Solver solver = solver(problem, EXACT, "eta", "3", "adaptive", "true");
        double[] x = {1, 2};
        double[] before = null;
        double valueBefore = 0;
        double step = 3;
        double length = 0;
        int longer = 0;
        int back = 0;
        for (int k = 0; k < 40; k++) {
            double value = problem.objective(x);
            if (before != null) {
                if (value < valueBefore + 1e-13 * (.25 + 1.25 * length) - length * length / (2 * step)) {
                    step /= .95;
                    longer++;
                } else if (value > valueBefore + .2 * Math.abs(valueBefore)) {
                    step /= 2;
                    x = before;
                    value = valueBefore;
                    back++;
                }
            }
            final double[] gradient = problem.hypergradient(x);
            before = x;
            valueBefore = value;
            length = step * Math.hypot(gradient[0], gradient[1]);
            x = new double[] {x[0] - step * gradient[0], x[1] - step * gradient[1]};
            solver.step();
            assertEquals(step, metric(solver, "stepSize"), 1e-9, "step " + k);
            assertArrayEquals(x, solver.x().toDoubles(), 1e-9, "step " + k);
        }
        assertTrue(longer > 2 && back > 2, longer + " longer, " + back + " taken back");
    }

    /** Where smoothness grows without bound, a step that adapts arrives from where a fixed one overflows. */
    @Test
    void anAdaptiveStepSurvivesUnboundedSmoothness() {
        final Cosh problem = new Cosh(device, new double[][] {{1, 0}, {0, 4}}, .5, new double[] {10, -8});
        final Map<String, String> settings = Map.of("eta", "0.05", "alpha", "0.2", "lowerSteps", "40");
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
