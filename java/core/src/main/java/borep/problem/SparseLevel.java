package borep.problem;

import borep.device.Device;
import borep.model.SparseBatch;
import borep.model.SparseSet;

/**
 * Where one level's samples come from.
 *
 * @param set     the samples
 * @param sampler how a batch is chosen; null: the batch is the whole set, always
 * @param batch   samples per batch B, at least 1
 */
public record SparseLevel(SparseSet set, Sampler sampler, int batch) {
    /**
     * Checks the batch size.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public SparseLevel {
        if (batch < 1) {
            throw new IllegalArgumentException("batch size " + batch + ": must be at least 1");
        }
    }

    /** Batches of {@code batch} samples without repetition; the whole set if it has no more, or if {@code batch} is 0. */
    public static SparseLevel of(final Device device, final SparseSet set, final int batch, final long seed) {
        return batch == 0 || batch >= set.size()
                ? new SparseLevel(set, null, set.size())
                : new SparseLevel(set, Sampler.uniform(device, seed, set.size(), false), batch);
    }

    SparseBatch newBatch(final Device device) {
        return sampler == null ? SparseBatch.whole(device, set) : new SparseBatch(device, set, batch);
    }
}
