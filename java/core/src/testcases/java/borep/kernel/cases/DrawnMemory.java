package borep.kernel.cases;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import borep.kernel.SparseRows;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Memory of one kernel's call, drawn from a seed. What a kernel must write is NaN before, what it accumulates into is drawn as well, and rows
 * have columns beside them that nobody may touch: everything that is watched is returned and compared.
 */
final class DrawnMemory {
    private final Device device;
    private final long seed;
    private int drawn;
    private final Map<String, double[]> touched = new LinkedHashMap<>();
    private final Map<String, Reals> watched = new LinkedHashMap<>();

    DrawnMemory(final Device device, final long seed) {
        this.device = device;
        this.seed = seed;
    }

    /** Where the next numbers come from. */
    SplittableRandom random() {
        return new SplittableRandom(seed + drawn++);
    }

    Reals zeros(final int size) {
        return device.reals(size);
    }

    /** Uniform numbers in ±1.7 scale. */
    Reals draw(final int size, final double scale) {
        final float[] values = new float[size];
        final SplittableRandom random = random();
        for (int i = 0; i < size; i++) {
            values[i] = (float) (scale * random.nextDouble(-1.7, 1.7));
        }
        final Reals reals = device.reals(size);
        reals.set(values);
        return reals;
    }

    /** What is compared in the end. */
    Reals watch(final String name, final Reals reals) {
        watched.put(name, reals);
        return reals;
    }

    /** As they are now. */
    void watch(final String name, final Ints ints) {
        touched.put(name, Arrays.stream(ints.toArray()).asDoubleStream().toArray());
    }

    /** Memory that a kernel must write. */
    Reals unwritten(final String name, final int size) {
        final Reals reals = device.reals(size);
        final double[] nothing = new double[size];
        Arrays.fill(nothing, Double.NaN);
        reals.set(nothing);
        return watch(name, reals);
    }

    /** Rows of {@code width} inside wider ones. */
    static Rows inside(final Reals reals, final int width) {
        return new Rows(reals, width, width + 3, 2);
    }

    /** Length of memory for such rows. */
    static int wide(final int rows, final int width) {
        return rows * (width + 3) + 2;
    }

    /** All that was watched, by name. */
    Map<String, double[]> results() {
        watched.forEach((name, reals) -> touched.put(name, reals.toDoubles()));
        return touched;
    }

    /** Packs sequences of these lengths, over so many drawn vectors, the way every batch is packed, with room for a row more. */
    Rows pack(final Packing packing, final int[] lengths, final int words, final int width) {
        final int rows = Arrays.stream(lengths).sum();
        final Ints tokens = device.ints(rows);
        final Ints starts = device.ints(lengths.length);
        final Ints sizes = device.ints(lengths.length);
        final Ints indices = device.ints(lengths.length);
        final int[] begin = new int[lengths.length];
        final int[] all = new int[lengths.length];
        for (int i = 0, next = 0; i < lengths.length; next += lengths[i++]) {
            begin[i] = next;
            all[i] = i;
        }
        final int[] names = new int[rows];
        Arrays.setAll(names, i -> i % words);
        tokens.set(names);
        starts.set(begin);
        sizes.set(lengths);
        indices.set(all);
        final Rows packed = inside(draw(wide(rows + 1, width), 1), width);
        final Sequences sequences = new Sequences(tokens, starts, sizes, draw(words * width, 1), width);
        device.kernels().batch().pack(sequences, indices, packing, packed);
        return packed;
    }

    Packing packing(final int[] lengths) {
        return Packing.allocate(
                device, lengths.length, Math.max(1, Arrays.stream(lengths).max().orElse(1)));
    }

    Pooling.Pair pair(final String name, final int rows, final int width) {
        return new Pooling.Pair(
                inside(watch(name + ".u", draw(wide(rows, width), 1)), width),
                inside(watch(name + ".v", draw(wide(rows, width), 1)), width));
    }

    /** Uniform numbers in [0, bound). */
    Ints choose(final int count, final int bound) {
        final SplittableRandom random = random();
        final int[] values = new int[count];
        Arrays.setAll(values, i -> random.nextInt(bound));
        final Ints ints = device.ints(count);
        ints.set(values);
        return ints;
    }

    Reals positive(final int size) {
        final Reals reals = draw(size, 1);
        device.kernels().update().multiply(reals, reals, reals);
        return reals;
    }

    /** Every third row is empty; so is the second column. */
    SparseRows sparseRows(final int count, final int columns, final int mostInRow) {
        final SplittableRandom random = random();
        final int[] starts = new int[count + 1];
        final int[] places = new int[count * columns];
        final float[] values = new float[count * columns];
        int at = 0;
        for (int row = 0; row < count; row++) {
            for (int column = 0; row % 3 != 1 && column < columns; column++) {
                if (column != 1 && at - starts[row] < mostInRow && random.nextInt(columns) <= mostInRow) {
                    places[at] = column;
                    values[at++] = (float) random.nextDouble(-1.7, 1.7);
                }
            }
            starts[row + 1] = at;
        }
        return new SparseRows(columns, starts, Arrays.copyOf(places, at), Arrays.copyOf(values, at));
    }
}
