package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.problem.BilevelProblem;
import borep.problem.Cosh;
import borep.problem.cases.SolvedProblemCases;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A step that measures finite numbers and then leaves them is a bad step: it is undone, not counted, and named. */
class OverflowTest {
    private final Device device = Devices.choose("vector", 1).device();

    @AfterEach
    void close() {
        device.close();
    }

    /** sinh(88) is a float32, ten times as much is none. */
    @ParameterizedTest
    @ValueSource(strings = {"soba", "ma-soba", "aid-cg", "stocbio", "subbio", "lancbio"})
    void ofX(final String name) {
        check(
                Solvers.create(
                        name, new Cosh(device, new double[][] {{1}}, .5, new double[] {88}), Map.of("eta", "100"), 1),
                new double[] {88},
                "‖x‖ after the step is Infinity");
    }

    @Test
    void ofY() {
        final BilevelProblem problem = SolvedProblemCases.golden(device);
        check(
                Solvers.create("soba", problem, Map.of("alpha", "3e38"), 1),
                new double[] {1, 2},
                "‖y‖ after the step is Infinity");
    }

    @Test
    void ofZ() {
        final BilevelProblem problem = SolvedProblemCases.golden(device);
        check(
                Solvers.create("soba", problem, Map.of("gamma", "1e38"), 1),
                new double[] {1, 2},
                "‖z‖ after the step is Infinity");
    }

    private static void check(final Solver solver, final double[] start, final String quantity) {
        solver.initialise();
        if (solver.y().size() == 2) {
            solver.y().set(new double[] {10, 10}); // ∇_y f is more than 10
            solver.resume(0);
        }
        solver.step();
        assertTrue(solver.metrics().records().isClosed());
        assertEquals(0, solver.iteration());
        assertArrayEquals(start, solver.x().toDoubles());
        final DivergedException diverged =
                assertThrows(DivergedException.class, () -> solver.metrics().requireFinite(0, 1));
        assertTrue(diverged.getMessage().contains(quantity), diverged.getMessage());
    }
}
