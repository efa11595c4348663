package borep.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

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

    @Test
    void neumannProductsAreCountedOneByOne() {
        assertArrayEquals(
                new long[] {0, 14, 28}, // 3 ∇_y g, 8 products, ∇_y f, ∇_x f, 1 mixed product
                OracleCalls.until("stocbio", Map.of("neumann.terms", "8", "lowerSteps", "3"), 1, 2));
    }
}
