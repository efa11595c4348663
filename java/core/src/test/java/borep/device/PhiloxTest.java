package borep.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    /** The known answers of Random123, first two words. */
    @Test
    void knownAnswers() {
        assertEquals(0x6627e8d5e169c58dL, Philox.bits(0, 0, 0, 0));
        assertEquals(0x408f276d41c83b0eL, Philox.bits(-1L, -1L, -1, -1));
        final long step = 0x85a308d3243f6a88L; // words 0 and 1 of the counter are the low and high half of the step
        final long seed = 0x299f31d0a4093822L;
        assertEquals(0xd16cfe0994fdccebL, Philox.bits(seed, step, 0x13198a2e, 0x03707344));
    }

    @Test
    void numbersFillTheirRange() {
        final int[] counts = new int[7];
        double sum = 0;
        double square = 0;
        final int draws = 70_000;
        for (int i = 0; i < draws; i++) {
            counts[Philox.below(7, 5, 0, 1, i)]++;
            final double normal = Philox.normal(5, 0, 2, i);
            sum += normal;
            square += normal * normal;
        }
        for (final int count : counts) {
            assertEquals(draws / 7.0, count, 5 * Math.sqrt(draws / 7.0));
        }
        assertEquals(0, sum / draws, 0.02);
        assertEquals(1, square / draws, 0.03);
        assertThrows(IllegalArgumentException.class, () -> Philox.below(0, 1, 1, 1, 1));
    }

    @Test
    void aPermutationTakesEveryValueOnce() {
        for (int n = 1; n <= 300; n++) {
            final Set<Integer> images = new HashSet<>();
            for (int place = 0; place < n; place++) {
                final int image = Permutation.image(Philox.bits(9, n, 0, 0), n, place);
                assertTrue(image >= 0 && image < n, n + ": " + image);
                images.add(image);
            }
            assertEquals(n, images.size(), "n = " + n);
        }
        final Set<Integer> images = new HashSet<>();
        for (int place = 0; place < 10_000; place++) {
            images.add(Permutation.image(77, Integer.MAX_VALUE, place));
        }
        assertEquals(10_000, images.size());
    }

    /** Every value lands on every place about equally often. */
    @Test
    void permutationsAreEven() {
        final int n = 10;
        final int keys = 20_000;
        final int[][] counts = new int[n][n];
        for (int key = 0; key < keys; key++) {
            for (int place = 0; place < n; place++) {
                counts[place][Permutation.image(Philox.bits(3, key, 0, 0), n, place)]++;
            }
        }
        for (final int[] row : counts) {
            for (final int count : row) {
                assertEquals(keys / n, count, 6 * Math.sqrt(keys / n));
            }
        }
    }

    @Test
    void schedulesFollowTheirForms() {
        assertEquals(.3, Schedule.parse("0.3").at(1_000_000));
        assertEquals(.3 * .25, Schedule.parse("0.3/step:100:0.5").at(250), 1e-15);
        assertEquals(.3 / Math.sqrt(5), Schedule.parse("0.3/power:0.5").at(4), 1e-15);
        for (final String text : new String[] {"0.3", "0.3/step:100:0.5", "0.3/power:0.5"}) {
            assertEquals(
                    Schedule.parse(text), Schedule.parse(Schedule.parse(text).toString()));
        }
        assertThrows(IllegalArgumentException.class, () -> Schedule.parse("0.3/step:0:0.5"));
        assertThrows(IllegalArgumentException.class, () -> Schedule.parse("nan"));
    }
}
