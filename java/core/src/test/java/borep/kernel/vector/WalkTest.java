package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.HostInts;
import borep.device.Ints;
import borep.kernel.Packing;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How samples are shared out. */
class WalkTest {
    private static final int MOST = 24;
    private final Random random = new Random(7);

    @Test
    void sharesOfEqualSamplesAreEqual() {
        assertArrayEquals(new int[] {0, 3, 6}, share(2, 5, 5, 5, 5, 5, 5));
    }

    @Test
    void fewLongSamplesWeighAsMuchAsManyShortOnes() {
        assertArrayEquals(new int[] {0, 2, 10}, share(2, 40, 40, 10, 10, 10, 10, 10, 10, 10, 10));
    }

    @Test
    void whereThereAreMoreSharesThanSamplesSomeAreEmpty() {
        assertArrayEquals(new int[] {0, 1, 2, 2, 2}, share(4, 9, 3));
        assertArrayEquals(new int[] {0, 0, 0}, share(2));
    }

    /** Whole samples are shared: the costs before and behind each cut are in proportion but for the length of one sample. */
    @Test
    void noShareIsWhatTheOthersHaveLeft() {
        for (int round = 0; round < 300; round++) {
            final int[] lengths = random.ints(random.nextInt(1, MOST), 0, 30)
                    .map(i -> -i)
                    .sorted()
                    .map(i -> -i)
                    .toArray();
            if (lengths[0] == 0) {
                continue; // a batch has a row
            }
            final int shares = 1 + round % 4;
            final int[] begins = share(shares, lengths);
            if (lengths.length < 3 * shares) {
                continue; // one sample can be more than a share
            }
            assertEquals(0, begins[0]);
            assertEquals(lengths.length, begins[shares]);
            double total = 0;
            for (int i = 0; i < shares; i++) {
                total += cost(lengths, begins[i], begins[i + 1]);
            }
            double before = 0;
            for (int i = 0; i < shares; i++) {
                before += cost(lengths, begins[i], begins[i + 1]);
                final double apart = Math.abs(before - total * (i + 1) / shares);
                assertTrue(apart <= lengths[0], () -> apart + " at a cut of " + Arrays.toString(lengths));
            }
        }
    }

    /** Rows, and three more for each step. */
    private static int cost(final int[] lengths, final int from, final int to) {
        int rows = 0;
        for (int sample = from; sample < to; sample++) {
            rows += lengths[sample];
        }
        return from == to ? 0 : rows + 3 * lengths[from];
    }

    /** @param lengths longest first */
    private static int[] share(final int shares, final int... lengths) {
        try (Device device = VectorDevice.withScalars(1)) {
            final int steps = lengths.length == 0 ? 0 : lengths[0];
            final Packing packing = Packing.allocate(device, MOST, 64);
            int rows = 0;
            for (int step = 0; step < steps; step++) {
                put(packing.stepStarts(), step, rows);
                int size = 0;
                while (size < lengths.length && lengths[size] > step) {
                    size++;
                }
                put(packing.stepSizes(), step, size);
                rows += size;
            }
            put(packing.shape(), Packing.STEPS, steps);
            put(packing.shape(), Packing.ROWS, rows);
            put(packing.shape(), Packing.SAMPLES, lengths.length);
            final Walk walk = new Walk(false, MOST * 64);
            walk.follow(packing, MOST);
            final int[] begins = new int[shares + 1];
            walk.share(shares, begins);
            return begins;
        }
    }

    private static void put(final Ints ints, final int at, final int value) {
        HostInts.array(ints)[HostInts.offset(ints) + at] = value;
    }
}
