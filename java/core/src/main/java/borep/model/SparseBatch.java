package borep.model;

import borep.device.Device;
import borep.device.Ints;
import borep.kernel.Batch;
import java.util.Arrays;

/** One batch of a {@link SparseSet}, or all of it: which samples, and their labels. Owns its memory, reused for ever. */
public final class SparseBatch {
    private final SparseSet set;
    private final Batch kernel;
    private final boolean isWhole;
    private final Ints indices;
    private final Ints labels;

    private SparseBatch(final Device device, final SparseSet set, final int size, final boolean isWhole) {
        this.set = set;
        this.isWhole = isWhole;
        kernel = device.kernels().batch();
        indices = device.ints(size);
        labels = isWhole ? set.labels() : device.ints(size);
    }

    /**
     * Memory for batches of {@code size} samples.
     *
     * @throws IllegalArgumentException if size is below 1
     */
    public SparseBatch(final Device device, final SparseSet set, final int size) {
        this(device, set, requirePositive(size), false);
    }

    private static int requirePositive(final int size) {
        if (size < 1) {
            throw new IllegalArgumentException("batch size " + size + ": must be at least 1");
        }
        return size;
    }

    /** All samples in order: loaded once and for all. */
    public static SparseBatch whole(final Device device, final SparseSet set) {
        final SparseBatch batch = new SparseBatch(device, set, set.size(), true);
        final int[] order = new int[set.size()];
        Arrays.setAll(order, i -> i);
        batch.indices.set(order);
        return batch;
    }

    /** The set that it is a batch of. */
    public SparseSet set() {
        return set;
    }

    /** Whether it is the whole set, in order. */
    public boolean isWhole() {
        return isWhole;
    }

    /** Number of samples B. */
    public int size() {
        return indices.size();
    }

    /** [B] which samples of the set; fill it, unless it is the whole, then {@link #load}. */
    public Ints indices() {
        return indices;
    }

    /** [B] classes of the samples. */
    public Ints labels() {
        return labels;
    }

    /** Gathers the labels of the samples in {@link #indices}. */
    public void load() {
        if (!isWhole) {
            kernel.gather(indices, set.labels(), labels);
        }
    }
}
