package borep.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.solver.Solvers;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers of calls of known schedules. */
class OracleCallsTest {
    @Test
    void periodsAndRefinementsAreCounted() {
        // refinement of 2 + 4 steps, then 3 steps of y in every second iteration; 4 calls in every iteration
        assertArrayEquals(
                new long[] {0, 10, 14, 21, 25, 32},
                OracleCalls.until(
                        "bo-rep",
                        Map.of(
                                "refinement.epochs",
                                "2",
                                "refinement.steps",
                                "2",
                                "updatePeriod",
                                "2",
                                "lowerSteps",
                                "3"),
                        1,
                        5));
    }

    /** Every solver's calls can be counted, whatever problems it is made for. */
    @Test
    void everySolverIsCounted() {
        for (final Solvers.Kind kind : Solvers.kinds()) {
            final long[] calls = OracleCalls.until(kind.name(), Map.of(), 1, 3);
            assertTrue(calls[3] > calls[2] && calls[2] > 0, kind.name());
        }
        // 4 sweeps and Q, Aᵀ; A; ∇_π f, ∇_x f; ∇_x ⟨r_x, u⟩
        assertArrayEquals(new long[] {0, 10, 20}, OracleCalls.until("m-sobirl", Map.of("lowerSteps", "4"), 1, 2));
        assertArrayEquals(
                new long[] {0, 10, 20}, // 4 sweeps and Q; 2 steps of the adjoint; the same three
                OracleCalls.until("sobirl", Map.of("lowerSteps", "4", "horizon", "3"), 1, 2));
    }

    @Test
    void neumannProductsAreCountedOneByOne() {
        assertArrayEquals(
                new long[] {0, 14, 28}, // 3 ∇_y g, 8 products, ∇_y f, ∇_x f, 1 mixed product
                OracleCalls.until("stocbio", Map.of("neumann.terms", "8", "lowerSteps", "3"), 1, 2));
    }
}
