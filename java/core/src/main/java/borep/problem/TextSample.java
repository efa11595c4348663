package borep.problem;

import borep.device.Counter;
import borep.device.Device;
import borep.model.TextBatch;

/** A batch of texts of one level of a {@link TextProblem}. */
public final class TextSample implements Sample {
    private final TextLevel level;
    private final TextBatch batch;
    private final boolean upper;
    private long draws;

    TextSample(final Device device, final TextLevel level, final boolean upper) {
        this.level = level;
        this.upper = upper;
        this.batch = new TextBatch(
                device, level.set(), level.batch(), level.sampler().repeats(level.batch()));
    }

    @Override
    public void draw(final Counter step, final int purpose, final int lane) {
        level.sampler().draw(step, purpose, lane, batch.indices());
        batch.load();
        draws++;
    }

    /** Takes exactly these samples of the level's set; as many as the batch size. */
    public void select(final int[] indices) {
        batch.indices().set(indices);
        batch.load();
        draws++;
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
