package borep.kernel.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

/** Compares what a case wrote on one device with what it wrote on another. */
public final class Agreement {
    private Agreement() {}

    /** Fails with the first number that is off by more than the case allows. */
    public static void check(
            final KernelCases.Case c, final Map<String, double[]> expected, final Map<String, double[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, values) -> check(c, name, values, actual.get(name)));
    }

    private static void check(
            final KernelCases.Case c, final String name, final double[] expected, final double[] actual) {
        double largest = 0;
        for (final double value : expected) {
            largest = Math.max(largest, Double.isNaN(value) ? 0 : Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            final boolean same = Double.isNaN(expected[i]) && Double.isNaN(actual[i]);
            final double error = Math.abs(expected[i] - actual[i]);
            assertTrue(
                    same || error <= c.tolerance() * largest,
                    c.name() + ", " + name + "[" + i + "]: " + actual[i] + " instead of " + expected[i] + ", off by "
                            + error / largest / c.tolerance() + " tolerances");
        }
    }
}
