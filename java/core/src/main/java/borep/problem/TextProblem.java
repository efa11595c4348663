package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Kernels;
import borep.kernel.Loss;
import borep.model.Network;
import borep.model.NetworkShape;
import borep.model.TextBatch;

/** What the problems share that minimise a network's mean cross-entropy on texts: a network a level, their samples, a regulariser. */
public abstract class TextProblem implements BilevelProblem {
    /** The network of one level with the batch it was last run on. */
    static final class Level {
        final Network network;

        /** Whose features the network holds, and under which weights: see {@link TextProblem#encodeOnce}. */
        private TextSample encodedSample;

        private Reals encodedWeights;
        private long encodedDraws;
        private long encodedVersion;

        Level(final Device device, final NetworkShape shape, final TextSample like) {
            network = new Network(device, shape, like.batch());
        }
    }

    final Device device;
    final Kernels kernels;
    final NetworkShape shape;
    final Loss.Regulariser regulariser;
    final long seed;
    /** [1] the constant 1, the coefficient of regularisers whose factor says all. */
    final Reals one;

    private final TextLevel upperLevel;
    private final TextLevel lowerLevel;
    private final Partition upperPartition;
    private final Partition lowerPartition;
    private final Level upper;
    private final Level lower;
    /** How often x has changed. */
    private long version;

    TextProblem(
            final Device device,
            final NetworkShape shape,
            final Loss.Regulariser regulariser,
            final TextLevel upperLevel,
            final TextLevel lowerLevel,
            final long seed) {
        this.device = device;
        this.kernels = device.kernels();
        this.shape = shape;
        this.regulariser = regulariser;
        this.upperLevel = upperLevel;
        this.lowerLevel = lowerLevel;
        this.seed = seed;
        upperPartition = new Partition(device, upperLevel.sampler(), upperLevel.batch());
        lowerPartition = new Partition(device, lowerLevel.sampler(), lowerLevel.batch());
        upper = new Level(device, shape, newUpperSample());
        lower = new Level(device, shape, newLowerSample());
        one = device.reals(1);
        kernels.update().fill(one, 1);
    }

    @Override
    public final Device device() {
        return device;
    }

    /** Sizes of the network. */
    public final NetworkShape shape() {
        return shape;
    }

    @Override
    public final TextSample newUpperSample() {
        return new TextSample(device, upperLevel, upperPartition, true);
    }

    @Override
    public final TextSample newLowerSample() {
        return new TextSample(device, lowerLevel, lowerPartition, false);
    }

    @Override
    public final FiniteSum upperSum() {
        return upperPartition.sum();
    }

    @Override
    public final FiniteSum lowerSum() {
        return lowerPartition.sum();
    }

    @Override
    public final void upperChanged() {
        version++;
    }

    /** The network that last ran on samples of this one's level: its features, logits and losses may be read. */
    public final Network network(final Sample sample) {
        return level(sample).network;
    }

    /** The network that fits the sample: both objectives may be asked for on either level's data. */
    final Level level(final Sample sample) {
        return ((TextSample) sample).isUpper() ? upper : lower;
    }

    /** The texts of the sample, as last drawn. */
    final TextBatch batch(final Sample sample) {
        return ((TextSample) sample).batch();
    }

    /** [B] what each text weighs in the sample's mean. */
    final Reals mean(final Sample sample) {
        return ((TextSample) sample).mean();
    }

    /** Encodes the sample unless its features under this x are still there (while y moves the encoder stands still). */
    final Network encodeOnce(final Reals encoderWeights, final Sample sample) {
        final TextSample text = (TextSample) sample;
        final Level level = level(sample);
        if (level.encodedSample != text
                || level.encodedDraws != text.draws()
                || level.encodedVersion != version
                || level.encodedWeights != encoderWeights) {
            level.network.encode(encoderWeights, text.batch());
            level.encodedSample = text;
            level.encodedDraws = text.draws();
            level.encodedVersion = version;
            level.encodedWeights = encoderWeights;
        }
        return level.network;
    }

    /** Clears an output that the caller wants. */
    final void clear(final Reals out) {
        if (out != null) {
            kernels.update().fill(out, 0);
        }
    }
}
