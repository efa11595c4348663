package borep.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Permutation;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Batch.Stream;
import borep.kernel.Batch.Tasks;
import borep.kernel.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which samples a step takes, and where their steps go: against the words of {@link Batch} and {@link Packing}. */
class HostBatchTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);

    private static final Device DEVICE = new ReferenceDevice();
    private static final Batch BATCH = DEVICE.kernels().batch();
    private static final Stream STREAM = new Stream(SEED, 3, 1);

    private static Counter at(final long step) {
        final Counter counter = DEVICE.counter();
        counter.set(step);
        return counter;
    }

    private static Ints ints(final int... values) {
        final Ints ints = DEVICE.ints(values.length);
        ints.set(values);
        return ints;
    }

    private static int[] draw(
            final Stream stream, final long step, final int from, final boolean again, final int size) {
        final Ints indices = DEVICE.ints(size);
        BATCH.draw(stream, at(step), from, again, indices);
        return indices.toArray();
    }

    private static Set<Integer> set(final int... values) {
        final Set<Integer> set = new HashSet<>();
        Arrays.stream(values).forEach(set::add);
        return set;
    }

    @Test
    void drawsAreTheFunctionsOfTheirContract() {
        final long key = Philox.bits(SEED, 5, 3, 1);
        assertArrayEquals(
                IntStream.range(0, 8).map(i -> Permutation.image(key, 20, i)).toArray(), draw(STREAM, 5, 20, false, 8));
        assertArrayEquals(
                IntStream.range(0, 8)
                        .map(i -> Philox.below(20, SEED, 5, 3, 1 + (i << 16)))
                        .toArray(),
                draw(STREAM, 5, 20, true, 8));
    }

    @Test
    void normalsAreTheFunctionsOfTheirContract() {
        final Reals out = DEVICE.reals(9);
        BATCH.normal(STREAM, at(5), out.slice(1, 7));
        final long key = Philox.bits(SEED, 5, 3, 1);
        assertArrayEquals(
                IntStream.range(0, 9)
                        .mapToDouble(i -> i == 0 || i == 8 ? 0 : Philox.normal(key, i - 1, 0, 0))
                        .toArray(),
                out.toDoubles());
    }

    @Test
    void withoutReplacementNothingComesTwiceBeforeAllHaveCome() {
        assertEquals(20, set(draw(STREAM, 0, 20, false, 20)).size());
        final int[] more = draw(STREAM, 0, 5, false, 12);
        assertEquals(5, set(Arrays.copyOf(more, 5)).size());
        assertArrayEquals(Arrays.copyOf(more, 5), Arrays.copyOfRange(more, 5, 10));
        assertTrue(set(draw(STREAM, 0, 20, true, 40)).size() > 10);
    }

    @Test
    void streamsAndStepsDifferAndReplay() {
        for (final boolean replacement : new boolean[] {false, true}) {
            final Set<List<Integer>> draws = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                draws.add(boxed(draw(STREAM, i, 1000, replacement, 10)));
                draws.add(boxed(draw(new Stream(SEED + 1 + i, 3, 1), 0, 1000, replacement, 10)));
                draws.add(boxed(draw(new Stream(SEED, 4 + i, 1), 0, 1000, replacement, 10)));
                draws.add(boxed(draw(new Stream(SEED, 3, 2 + i), 0, 1000, replacement, 10)));
            }
            assertEquals(16, draws.size(), "-Dborep.seed=" + SEED);
            assertArrayEquals(draw(STREAM, 7, 1000, replacement, 10), draw(STREAM, 7, 1000, replacement, 10));
        }
    }

    private static List<Integer> boxed(final int... values) {
        return Arrays.stream(values).boxed().toList();
    }

    @Test
    void thereMustBeSomethingToDrawFrom() {
        for (final boolean replacement : new boolean[] {false, true}) {
            final IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> draw(STREAM, 0, 0, replacement, 1));
            assertEquals("population 0: must be at least 1", e.getMessage());
        }
    }

    /** Three domains of 10, 30 and 60 samples in two classes; sample numbers are 1000 · domain + 100 · class + number. */
    private static Tasks tasks() {
        final int[] sizes = {4, 6, 10, 20, 30, 30};
        final int[] starts = new int[7];
        final int[] members = new int[100];
        for (int list = 0; list < 6; list++) {
            starts[list + 1] = starts[list] + sizes[list];
            for (int i = 0; i < sizes[list]; i++) {
                members[starts[list] + i] = 1000 * (list / 2) + 100 * (list % 2) + i;
            }
        }
        return new Tasks(ints(members), ints(starts), 2);
    }

    private static int[] task(final long step, final boolean balanced, final int skip, final int size) {
        final Ints indices = DEVICE.ints(size);
        BATCH.drawTask(STREAM, at(step), tasks(), balanced, skip, indices);
        return indices.toArray();
    }

    @Test
    void aTaskIsOneDomainWithDisjointHalves() {
        for (int step = 0; step < 200; step++) {
            for (final boolean balanced : new boolean[] {false, true}) {
                // balanced halves of 5 would need 6 of the 4 samples of the smallest class
                for (final int size : balanced ? new int[] {1, 3, 4} : new int[] {1, 4, 5}) {
                    final int[] support = task(step, balanced, 0, size);
                    final int[] query = task(step, balanced, size, size);
                    final Set<Integer> both = set(support);
                    both.addAll(set(query));
                    final String message = "step " + step + ", size " + size + ", -Dborep.seed=" + SEED;
                    assertEquals(2 * size, both.size(), message);
                    assertEquals(
                            1,
                            both.stream()
                                    .map(sample -> sample / 1000)
                                    .distinct()
                                    .count(),
                            message);
                    assertArrayEquals(support, task(step, balanced, 0, size), message);
                }
            }
        }
    }

    @Test
    void aBalancedTaskHasEveryClassEquallyOften() {
        for (int step = 0; step < 50; step++) {
            final int[] even = task(step, true, 0, 6);
            assertEquals(
                    3,
                    Arrays.stream(even).filter(sample -> sample / 100 % 10 == 0).count());
            final int[] odd = task(step, true, 0, 7);
            assertEquals(
                    4,
                    Arrays.stream(odd).filter(sample -> sample / 100 % 10 == 0).count());
        }
    }

    /** Domains come as often as they are large, give or take 5 standard deviations. */
    @Test
    void domainsComeByTheirSizes() {
        final int draws = 20_000;
        final int[] counts = new int[3];
        for (int step = 0; step < draws; step++) {
            counts[task(step, false, 0, 1)[0] / 1000]++;
        }
        final double[] shares = {0.1, 0.3, 0.6};
        for (int domain = 0; domain < 3; domain++) {
            final double deviation = Math.sqrt(draws * shares[domain] * (1 - shares[domain]));
            assertEquals(draws * shares[domain], counts[domain], 5 * deviation, "-Dborep.seed=" + SEED);
        }
    }

    @Test
    void anEmptyDomainNeverComesAndAnEmptyClassIsRefusedIfBalanced() {
        final Tasks gaps = new Tasks(ints(10, 11, 12), ints(0, 0, 0, 3, 3, 3, 3), 2);
        final Ints indices = DEVICE.ints(3);
        for (int step = 0; step < 20; step++) {
            BATCH.drawTask(STREAM, at(step), gaps, false, 0, indices);
            assertEquals(set(10, 11, 12), set(indices.toArray()));
        }
        final IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> BATCH.drawTask(STREAM, at(0), gaps, true, 0, indices));
        assertEquals(
                "domain 1 has no sample of class 1: balanced tasks need every class in every domain", e.getMessage());
    }

    @Test
    void gatherPicks() {
        final Ints out = DEVICE.ints(5);
        BATCH.gather(ints(3, 0, 3), ints(9, 10, 11, 12, 13).slice(1, 4), out.slice(1, 3));
        assertArrayEquals(new int[] {0, 13, 10, 13, 0}, out.toArray());
    }

    /** The packing of random sequences, one that its words say and another computes. */
    @Test
    void packingIsWhatItsWordsSay() {
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int trial = 0; trial < 100; trial++) {
            final int count = random.nextInt(1, 9);
            final int[] lengths = random.ints(count, 0, 7).toArray();
            final int[] chosen = random.ints(random.nextInt(0, 12), 0, count).toArray();
            assertPacked(random, lengths, chosen, "trial " + trial + ", -Dborep.seed=" + SEED);
        }
    }

    private static void assertPacked(
            final SplittableRandom random, final int[] lengths, final int[] chosen, final String message) {
        final int width = random.nextInt(1, 4);
        final int vocabulary = 10;
        final int[] starts = new int[lengths.length];
        for (int i = 1; i < lengths.length; i++) {
            starts[i] = starts[i - 1] + lengths[i - 1];
        }
        final int[] tokens =
                random.ints(Arrays.stream(lengths).sum(), 0, vocabulary).toArray();
        final double[] table = random.doubles(vocabulary * width).toArray();
        final Sequences sequences =
                new Sequences(ints(tokens), ints(starts), ints(lengths), DEVICE.reals(table.length), width);
        sequences.table().set(table);
        final int rows = Arrays.stream(chosen).map(i -> lengths[i]).sum();
        final Packing packing = Packing.allocate(DEVICE, 12, 6);
        final Rows packed = new Rows(DEVICE.reals(rows * (width + 2) + 1), width, width + 2, 1);
        BATCH.pack(sequences, ints(chosen), packing, packed);

        final int steps = Arrays.stream(chosen).map(i -> lengths[i]).max().orElse(0);
        assertArrayEquals(
                new int[] {steps, rows, chosen.length}, packing.shape().toArray(), message);
        final int[] order = IntStream.range(0, chosen.length)
                .boxed()
                .sorted(Comparator.comparing((Integer b) -> -lengths[chosen[b]])) // stable
                .mapToInt(Integer::intValue)
                .toArray();
        assertArrayEquals(order, packing.order().slice(0, chosen.length).toArray(), message);
        assertArrayEquals(
                Arrays.stream(chosen).map(i -> lengths[i]).toArray(),
                packing.lengths().slice(0, chosen.length).toArray(),
                message);
        int row = 0;
        for (int t = 0; t < steps; t++) {
            assertEquals(row, packing.stepStarts().toArray()[t], message);
            final int first = row;
            for (final int b : order) {
                if (lengths[chosen[b]] > t) {
                    final int token = tokens[starts[chosen[b]] + t];
                    for (int c = 0; c < width; c++) {
                        assertEquals(table[token * width + c], packed.values().get(row * (width + 2) + 1 + c), message);
                    }
                    row++;
                }
            }
            assertEquals(row - first, packing.stepSizes().toArray()[t], message);
        }
        assertEquals(rows, packing.stepStarts().toArray()[steps], message);
        for (int r = 0; r < rows; r++) {
            assertEquals(0, packed.values().get(r * (width + 2)), message);
            assertEquals(0, packed.values().get(r * (width + 2) + width + 1), message);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        final Sequences sequences = new Sequences(ints(0, 0, 0), ints(0, 1), ints(1, 2), DEVICE.reals(1), 1);
        final Rows three = Rows.of(DEVICE.reals(3), 1);
        assertRefused(
                "a batch of 2 samples, the packing holds 1",
                () -> BATCH.pack(sequences, ints(0, 1), Packing.allocate(DEVICE, 1, 2), three));
        assertRefused(
                "a sequence of 2 steps, the packing holds 1",
                () -> BATCH.pack(sequences, ints(0, 1), Packing.allocate(DEVICE, 2, 1), three));
        assertRefused(
                "a batch of 4 rows, the memory holds 3",
                () -> BATCH.pack(sequences, ints(1, 1), Packing.allocate(DEVICE, 2, 2), three));
    }

    private static void assertRefused(final String message, final Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }

    @Test
    void everyHostDeviceTakesTheSameSamples() {
        try (Device scalar = borep.kernel.vector.VectorDevice.withScalars(1)) {
            final Ints indices = scalar.ints(10);
            scalar.kernels().batch().draw(STREAM, at(3), 50, false, indices);
            assertArrayEquals(draw(STREAM, 3, 50, false, 10), indices.toArray());
            assertFalse(Arrays.equals(draw(STREAM, 4, 50, false, 10), indices.toArray()));
        }
    }
}
