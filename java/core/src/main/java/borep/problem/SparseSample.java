package borep.problem;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Reals;
import borep.model.SparseBatch;

/** A batch of sparse samples of one level of a {@link LinearProblem}. */
public final class SparseSample implements Sample {
    private final Sampler sampler;
    private final Partition partition;
    private final SparseBatch batch;
    private final boolean upper;
    private Reals mean;

    /** @param partition what {@link #take} takes from */
    SparseSample(final Device device, final SparseLevel level, final Partition partition, final boolean upper) {
        this.sampler = level.sampler();
        this.partition = partition;
        this.upper = upper;
        batch = level.newBatch(device);
        mean = partition.mean();
    }

    @Override
    public void draw(final Counter step, final int purpose, final int lane) {
        if (sampler != null) {
            sampler.draw(step, purpose, lane, batch.indices());
            batch.load();
        }
        mean = partition.mean();
    }

    @Override
    public void take(final int i) {
        partition.copy(i, batch.indices());
        batch.load();
        mean = partition.mean(i);
    }

    /** [B] what each sample weighs in the batch's mean: 1/B, but in a last batch that is smaller 0 past its end. */
    Reals mean() {
        return mean;
    }

    /** Which samples it holds. */
    public SparseBatch batch() {
        return batch;
    }

    /** Whether it was made for the upper level. */
    boolean isUpper() {
        return upper;
    }
}
