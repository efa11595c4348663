package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.Cosh;
import borep.problem.SolvedProblem;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On {@link borep.problem.Cosh}: how many steps a method needs where smoothness grows exponentially, and where it leaves. */
class UnboundedSmoothnessTest {
    private static final double FAR = 1e3;
    private static final double NEAR = 1e-2;

    private final Device device = new ReferenceDevice();

    private Cosh oneDimension() {
        return new Cosh(device, new double[][] {{1}}, .5, new double[] {10});
    }

    private Cosh twoDimensions() {
        return new Cosh(device, new double[][] {{1, 0}, {0, 4}}, .5, new double[] {10, -8});
    }

    private static Solver solver(final String name, final SolvedProblem problem, final Map<String, String> settings) {
        final Solver solver = Solvers.create(name, problem, settings, 1);
        solver.initialise();
        return solver;
    }

    private static double size(final Solver solver) {
        double sum = 0;
        for (final double xi : solver.x().toDoubles()) {
            sum += xi * xi;
        }
        return Math.sqrt(sum);
    }

    /** The first iteration after which ‖x‖ is at most {@code near} or not below {@code FAR}; −1 if there is none. */
    private static int stepsUntil(final Solver solver, final double near, final int most) {
        for (int k = 1; k <= most; k++) {
            solver.step();
            final double size = size(solver);
            if (size <= near || !(size < FAR)) {
                return k;
            }
        }
        return -1;
    }

    /**
     * Gradient descent on Φ: with A = 1 one step of y of length 1 and one of conjugate gradients are exact, so AID-CG is it. The
     * first leaves, the others need as many steps as printed.
     */
    @ParameterizedTest
    @CsvSource({"1e-2, 2, false", "1e-3, 3687, true", "1e-4, 44388, true", "1e-5, -1, true"})
    void gradientDescent(final String eta, final int expected, final boolean arrives) {
        final Solver solver = solver(
                "aid-cg", oneDimension(), Map.of("eta", eta, "alpha", "1", "lowerSteps", "1", "linearSteps", "1"));
        assertEquals(expected, stepsUntil(solver, NEAR, 200_000));
        assertEquals(arrives, size(solver) < FAR);
        if (!arrives) {
            assertEquals(1.5e41, size(solver), 1e40);
        }
    }

    /** BO-REP with exact y and z is normalised momentum on Φ: it takes x0/η steps, whatever the curvature. */
    @ParameterizedTest
    @CsvSource({"0.1, 99", "0.05, 199", "0.01, 999"})
    void normalisedMomentum(final double eta, final int expected) {
        final Solver solver = solver(
                "bo-rep",
                oneDimension(),
                Map.of(
                        "eta",
                        Double.toString(eta),
                        "alpha",
                        "1",
                        "gamma",
                        "1",
                        "updatePeriod",
                        "1",
                        "lowerSteps",
                        "1",
                        "refinement.epochs",
                        "0",
                        "refinement.steps",
                        "0",
                        "official.newZ",
                        "true"));
        assertEquals(expected, stepsUntil(solver, eta + 1e-6, 2000));
    }

    @Test
    void maSobaWithAFixedFactor() {
        final Solver large = maSoba("1e-2");
        assertEquals(5, stepsUntil(large, NEAR, 1000), "diverges");
        assertTrue(!(size(large) < FAR));
        final Solver middle = maSoba("1e-3");
        assertTrue(stepsUntil(middle, NEAR, 20_000) > 0 && size(middle) <= NEAR, "converges");
        final SolvedProblem problem = twoDimensions();
        final Solver small = maSoba("1e-4");
        for (int k = 0; k < 20_000; k++) {
            small.step();
        }
        assertEquals(2.053, problem.objective(small.x().toDoubles()), 1e-3, "still on its way");
    }

    private Solver maSoba(final String eta) {
        return solver("ma-soba", twoDimensions(), Map.of("eta", eta, "alpha", "0.2", "gamma", "0.2"));
    }

    /** At the end it circles the minimum with steps of length η; neighbouring steps differ by far more than is allowed here. */
    @ParameterizedTest
    @CsvSource({"0.05, 400, 2.0015, 1e-4", "0.01, 2000, 2.000065, 5e-6"})
    void slip(final String eta, final int steps, final double expected, final double digits) {
        final SolvedProblem problem = twoDimensions();
        final Solver solver = solver("slip", problem, Map.of("eta", eta, "alpha", "0.2", "gamma", "0.2"));
        for (int k = 0; k < steps; k++) {
            solver.step();
            solver.metrics().requireFinite(k);
        }
        assertEquals(expected, problem.objective(solver.x().toDoubles()), digits);
    }
}
