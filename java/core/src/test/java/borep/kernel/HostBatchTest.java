package borep.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HostBatchTest {
    private final Device device = new ReferenceDevice();
    private final Batch batch = device.kernels().batch();
    private final Counter step = device.counter();

    private Ints ints(final int... values) {
        final Ints ints = device.ints(values.length);
        ints.set(values);
        return ints;
    }

    @Test
    void packsLongestFirstStepByStep() {
        final Reals table = device.reals(8);
        table.set(new double[] {0, 10, 20, 30, 40, 50, 60, 70});
        // sequences: [1 2], [], [3 4 5], [6]
        final Sequences sequences = new Sequences(ints(1, 2, 3, 4, 5, 6), ints(0, 2, 2, 5), ints(2, 0, 3, 1), table, 1);
        final Packing packing = Packing.allocate(device, 5, 3);
        final Rows rows = Rows.of(device.reals(9), 1);
        batch.pack(sequences, ints(3, 0, 1, 2, 0), packing, rows);
        assertArrayEquals(new int[] {3, 8, 5}, packing.shape().toArray());
        assertArrayEquals(new int[] {3, 1, 4, 0, 2}, packing.order().toArray()); // ties in batch order
        assertArrayEquals(new int[] {1, 2, 0, 3, 2}, packing.lengths().toArray());
        assertArrayEquals(new int[] {4, 3, 1}, packing.stepSizes().toArray());
        assertArrayEquals(new int[] {0, 4, 7, 8}, packing.stepStarts().toArray());
        assertArrayEquals(
                new double[] {30, 10, 10, 60, 40, 20, 20, 50, 0}, rows.values().toDoubles());
    }

    @Test
    void drawsAreReplayableAndDistinct() {
        final Batch.Stream stream = new Batch.Stream(4, 2, 1);
        final Ints first = device.ints(50);
        step.set(7);
        batch.draw(stream, step, 60, false, first);
        assertEquals(50, IntStream.of(first.toArray()).distinct().count());
        final Ints again = device.ints(50);
        batch.draw(stream, step, 60, false, again);
        assertArrayEquals(first.toArray(), again.toArray());
        step.advance();
        batch.draw(stream, step, 60, false, again);
        assertFalse(Arrays.equals(first.toArray(), again.toArray()));
        batch.draw(stream, step, 5, true, again);
        assertTrue(IntStream.of(again.toArray()).allMatch(i -> i >= 0 && i < 5));
    }

    @Test
    void tasksAreOneDomainBalancedAndDisjoint() {
        // two domains of 20 and 60 samples, two classes each
        final int[] starts = {0, 10, 20, 50, 80};
        final Batch.Tasks tasks = new Batch.Tasks(ints(IntStream.range(0, 80).toArray()), ints(starts), 2);
        final Batch.Stream stream = new Batch.Stream(4, 2, 1);
        int large = 0;
        final int rounds = 2000;
        for (int k = 0; k < rounds; k++) {
            step.set(k);
            final Ints support = device.ints(6);
            final Ints query = device.ints(6);
            batch.drawTask(stream, step, tasks, true, 0, support);
            batch.drawTask(stream, step, tasks, true, 6, query);
            final Set<Integer> all = new HashSet<>();
            IntStream.of(support.toArray()).forEach(all::add);
            IntStream.of(query.toArray()).forEach(all::add);
            assertEquals(12, all.size(), "support and query overlap at step " + k);
            final boolean second = support.toArray()[0] >= 20;
            assertTrue(all.stream().allMatch(i -> i >= 20 == second), "two domains in one task");
            final int border = second ? 50 : 10;
            assertEquals(
                    3, IntStream.of(support.toArray()).filter(i -> i < border).count());
            large += second ? 1 : 0;
        }
        assertEquals(.75, (double) large / rounds, .05); // proportional to the domains' sizes
    }

    @Test
    void aDomainWithoutAClassCannotBeBalanced() {
        final Batch.Tasks tasks = new Batch.Tasks(ints(0, 1, 2), ints(0, 3, 3), 2);
        final IllegalStateException e = assertThrows(
                IllegalStateException.class,
                () -> batch.drawTask(new Batch.Stream(1, 1, 1), step, tasks, true, 0, device.ints(2)));
        assertEquals(
                "domain 0 has no sample of class 1: balanced tasks need every class in every domain", e.getMessage());
    }
}
