package borep.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Philox4x32-10 against the known answers of Random123, and the numbers made of its bits. */
class PhiloxTest {
    private static final int DRAWS = 100_000;

    /** Counter words (c0, c1, c2, c3) and key words (k0, k1) to the first two words of the block. */
    private static long block(final int c0, final int c1, final int c2, final int c3, final int k0, final int k1) {
        return Philox.bits(words(k1, k0), words(c1, c0), c2, c3);
    }

    private static long words(final int high, final int low) {
        return (long) high << 32 | Integer.toUnsignedLong(low);
    }

    @Test
    void knownAnswers() {
        assertEquals(0x6627E8D5_E169C58DL, block(0, 0, 0, 0, 0, 0));
        assertEquals(0x408F276D_41C83B0EL, block(-1, -1, -1, -1, -1, -1));
        assertEquals(
                0xD16CFE09_94FDCCEBL, block(0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0));
    }

    @Test
    void everyWordOfCounterAndKeyCounts() {
        final Set<Long> blocks = new HashSet<>();
        for (int bit = 0; bit < 64; bit++) {
            blocks.add(Philox.bits(1L << bit, 0, 0, 0));
            blocks.add(Philox.bits(0, 1L << bit, 0, 0));
            blocks.add(Philox.bits(0, 0, 1 << bit % 32, bit / 32));
        }
        blocks.add(Philox.bits(0, 0, 0, 0));
        assertEquals(64 + 64 + 64 + 1, blocks.size());
        assertNotEquals(Philox.bits(0, 0, 1, 0), Philox.bits(0, 0, 0, 1));
    }

    /** Each of 7 numbers comes up DRAWS / 7 times, give or take 5 standard deviations. */
    @Test
    void integersAreUniform() {
        final int[] counts = new int[7];
        for (int i = 0; i < DRAWS; i++) {
            counts[Philox.below(7, 42, i, 3, 0)]++;
        }
        for (final int count : counts) {
            assertEquals(DRAWS / 7.0, count, 5 * Math.sqrt(DRAWS * 6 / 49.0));
        }
        assertEquals(0, Philox.below(1, 42, 0, 0, 0));
        for (int i = 0; i < 1000; i++) {
            assertTrue(Philox.below(Integer.MAX_VALUE, 42, i, 0, 0) >= 0);
        }
    }

    @Test
    void anEmptyRangeIsRefused() {
        assertEquals(
                "bound 0: must be at least 1",
                assertThrows(IllegalArgumentException.class, () -> Philox.below(0, 1, 2, 3, 4))
                        .getMessage());
    }

    /** Moments of both distributions, give or take 5 standard deviations of their estimates. */
    @Test
    void realNumbersHaveTheirMoments() {
        double mean = 0;
        double normalMean = 0;
        double square = 0;
        for (int lane = 0; lane < DRAWS; lane++) {
            final double uniform = Philox.uniform(42, 0, 1, lane);
            assertTrue(uniform >= 0 && uniform < 1);
            mean += uniform / DRAWS;
            final double normal = Philox.normal(42, 0, 2, lane);
            assertTrue(Double.isFinite(normal));
            normalMean += normal / DRAWS;
            square += normal * normal / DRAWS;
        }
        assertEquals(0.5, mean, 5 * Math.sqrt(1 / 12.0 / DRAWS));
        assertEquals(0, normalMean, 5 / Math.sqrt(DRAWS));
        assertEquals(1, square, 5 * Math.sqrt(2.0 / DRAWS));
    }
}
