package borep.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** A keyed permutation: a bijection for every size, different for every key, and even. */
class PermutationTest {
    @Test
    void everySizeIsABijection() {
        for (int n = 1; n <= 300; n++) {
            for (int key = 0; key < 3; key++) {
                assertDistinct(n, n, Philox.bits(key, 0, 0, 0));
            }
        }
    }

    @Test
    void largeSizesGiveDistinctImages() {
        for (final int n : new int[] {1 << 16, (1 << 16) + 1, 1_000_003, (1 << 30) + 1, Integer.MAX_VALUE}) {
            assertDistinct(n, 20_000, Philox.bits(7, 0, 0, 0));
        }
    }

    private static void assertDistinct(final int n, final int places, final long key) {
        final BitSet images = new BitSet();
        for (int place = 0; place < Math.min(n, places); place++) {
            final int image = Permutation.image(key, n, place);
            assertTrue(image >= 0 && image < n, "n " + n + ", place " + place + ": " + image);
            assertFalse(images.get(image), "n " + n + ", key " + key + ": " + image + " twice");
            images.set(image);
        }
    }

    /** Over many keys, every place goes everywhere equally often, give or take 6 standard deviations. */
    @Test
    void keysGiveEvenPermutations() {
        final int n = 11;
        final int keys = 22_000;
        final int[][] counts = new int[n][n];
        for (int key = 0; key < keys; key++) {
            for (int place = 0; place < n; place++) {
                counts[place][Permutation.image(Philox.bits(key, 0, 0, 0), n, place)]++;
            }
        }
        final double expected = keys / (double) n;
        for (final int[] images : counts) {
            for (final int count : images) {
                assertEquals(expected, count, 6 * Math.sqrt(expected));
            }
        }
    }
}
