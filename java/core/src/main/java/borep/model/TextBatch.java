package borep.model;

import borep.device.Device;
import borep.device.Ints;
import borep.kernel.Batch;
import borep.kernel.Packing;
import borep.kernel.Rows;
import borep.kernel.Sequences;

/** One batch of a {@link TextSet}: which samples, their labels, their packed word vectors. Owns its memory, reused for ever. */
public final class TextBatch {
    /**
     * The packed sequences of one side of the samples.
     *
     * @param packing how they lie
     * @param rows    [maxRows, input] word vectors
     */
    public record Side(Packing packing, Rows rows) {}

    private final TextSet set;
    private final Batch kernel;
    private final Ints indices;
    private final Ints labels;
    private final Side first;
    private final Side second;

    /**
     * Memory for batches of {@code size} samples of {@code set}.
     *
     * @param size    B, at least 1
     * @param repeats whether a sample may stand in a batch more than once
     * @throws IllegalArgumentException if size is below 1
     */
    public TextBatch(final Device device, final TextSet set, final int size, final boolean repeats) {
        this(device, set, size, size, repeats);
    }

    /**
     * Memory for one batch of a network that was made for larger ones.
     *
     * @param size    B, at least 1
     * @param most    B of the largest batch, whose rows there is room for
     * @param repeats whether a sample may stand in a batch more than once
     * @throws IllegalArgumentException if size is below 1
     */
    public TextBatch(final Device device, final TextSet set, final int size, final int most, final boolean repeats) {
        if (size < 1) {
            throw new IllegalArgumentException("batch size " + size + ": must be at least 1");
        }
        this.set = set;
        this.kernel = device.kernels().batch();
        this.indices = device.ints(size);
        this.labels = device.ints(size);
        this.first = side(device, set.first(), size, most, repeats);
        this.second = set.second() == null ? null : side(device, set.second(), size, most, repeats);
    }

    private static Side side(
            final Device device, final Sequences sequences, final int size, final int most, final boolean repeats) {
        final int maxRows = TextSet.maxRows(sequences, most, repeats);
        return new Side(
                Packing.allocate(device, size, TextSet.maxSteps(sequences)),
                Rows.of(device.reals(Math.multiplyExact(maxRows, sequences.width())), sequences.width()));
    }

    /** Number of samples B. */
    public int size() {
        return indices.size();
    }

    /** [B] which samples of the set; fill it, then {@link #load}. */
    public Ints indices() {
        return indices;
    }

    /** [B] classes of the samples. */
    public Ints labels() {
        return labels;
    }

    /** The texts. */
    public Side first() {
        return first;
    }

    /** The pairs' second texts; null for single texts. */
    public Side second() {
        return second;
    }

    /** Gathers labels and word vectors of the samples in {@link #indices}. */
    public void load() {
        kernel.gather(indices, set.labels(), labels);
        kernel.pack(set.first(), indices, first.packing(), first.rows());
        if (second != null) {
            kernel.pack(set.second(), indices, second.packing(), second.rows());
        }
    }
}
