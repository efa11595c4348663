package borep.problem;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Reals;
import borep.model.TextBatch;

/** A batch of texts of one level of a {@link TextProblem}. */
public final class TextSample implements Sample {
    private final TextLevel level;
    private final Partition partition;
    private final TextBatch batch;
    private final boolean upper;
    private long draws;
    private Reals mean;

    /** @param partition what {@link #take} takes from */
    TextSample(final Device device, final TextLevel level, final Partition partition, final boolean upper) {
        this.level = level;
        this.partition = partition;
        mean = partition.mean();
        this.upper = upper;
        this.batch = new TextBatch(
                device, level.set(), level.batch(), level.sampler().repeats(level.batch()));
    }

    @Override
    public void draw(final Counter step, final int purpose, final int lane) {
        level.sampler().draw(step, purpose, lane, batch.indices());
        load(partition.mean());
    }

    @Override
    public void take(final int i) {
        partition.copy(i, batch.indices());
        load(partition.mean(i));
    }

    /**
     * Takes exactly these samples of the level's set.
     *
     * @throws IllegalArgumentException unless they are as many as the batch size
     */
    public void select(final int[] indices) {
        batch.indices().set(indices);
        load(partition.mean());
    }

    private void load(final Reals weights) {
        batch.load();
        draws++;
        mean = weights;
    }

    /** [B] what each text weighs in the batch's mean: 1/B, but in a last batch that is smaller 0 past its end. */
    Reals mean() {
        return mean;
    }

    /** The texts, packed. */
    public TextBatch batch() {
        return batch;
    }

    /** Whether it was made for the upper level. */
    boolean isUpper() {
        return upper;
    }

    /** How often it has been drawn: changes whenever its content does. */
    long draws() {
        return draws;
    }
}
