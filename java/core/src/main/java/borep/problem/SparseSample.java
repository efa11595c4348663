package borep.problem;

import borep.device.Counter;
import borep.device.Device;
import borep.model.SparseBatch;

/** A batch of sparse samples of one level of a {@link LinearProblem}. */
public final class SparseSample implements Sample {
    private final Sampler sampler;
    private final SparseBatch batch;
    private final boolean upper;

    SparseSample(final Device device, final SparseLevel level, final boolean upper) {
        this.sampler = level.sampler();
        this.upper = upper;
        batch = level.newBatch(device);
    }

    @Override
    public void draw(final Counter step, final int purpose, final int lane) {
        if (sampler != null) {
            sampler.draw(step, purpose, lane, batch.indices());
            batch.load();
        }
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
