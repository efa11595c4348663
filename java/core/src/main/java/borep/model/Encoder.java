package borep.model;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Kernels;
import borep.kernel.Pooling;
import borep.kernel.Rows;

/**
 * Recurrent encoder and pooling, from packed word vectors to one feature vector per sample, as four sweeps. For pairs both
 * texts run through the same weights and the features are (u, v, |u − v|, u ⊙ v).
 */
public final class Encoder {
    private final Kernels kernels;
    private final NetworkShape shape;
    private final Slices slices;
    private final RecurrentStack first;
    private final RecurrentStack second;
    /** Pooled halves of a pair [B, width], their cotangents, and the tangents of both; null for single texts. */
    private final Pooling.Pair values;

    private final Pooling.Pair cotangents;
    private final Pooling.Pair tangents;
    private final Pooling.Pair cotangentTangents;
    private Rows featureCotangents;
    private int rows;

    /**
     * Memory for batches of the shape of {@code batch}.
     *
     * @throws IllegalArgumentException if one of shape and batch is for pairs and the other is not
     */
    public Encoder(final Device device, final NetworkShape shape, final TextBatch batch) {
        this.kernels = device.kernels();
        this.shape = shape;
        if (shape.pair() != (batch.second() != null)) {
            throw new IllegalArgumentException(
                    shape.pair()
                            ? "a network for pairs needs pairs of texts"
                            : "pairs of texts need a network for pairs");
        }
        final int[] offsets = new int[shape.layers() * shape.directions() + 1];
        for (int part = 0; part + 1 < offsets.length; part++) {
            offsets[part + 1] = offsets[part]
                    + shape.layer(part / shape.directions(), part % shape.directions() == 1)
                            .parameters();
        }
        slices = new Slices(offsets);
        first = new RecurrentStack(device, shape, batch.first().rows().capacity(), batch.size());
        second = shape.pair()
                ? new RecurrentStack(device, shape, batch.second().rows().capacity(), batch.size())
                : null;
        values = pair(device, batch.size());
        cotangents = pair(device, batch.size());
        tangents = pair(device, batch.size());
        cotangentTangents = pair(device, batch.size());
    }

    private Pooling.Pair pair(final Device device, final int batch) {
        if (!shape.pair()) {
            return null;
        }
        final int width = shape.rowWidth();
        return new Pooling.Pair(
                Rows.of(device.reals(batch * width), width), Rows.of(device.reals(batch * width), width));
    }

    /**
     * The features of a batch, which must stay loaded until the last sweep.
     *
     * @param weights  read    [encoder parameters]
     * @param features written [B, featureWidth]
     */
    public void forward(final Reals weights, final TextBatch batch, final Rows features) {
        final Reals[] parts = slices.of(weights);
        rows = batch.size();
        if (second == null) {
            first.forward(parts, batch.first(), features);
            return;
        }
        first.forward(parts, batch.first(), values.u());
        second.forward(parts, batch.second(), values.v());
        kernels.pooling().pairForward(rows, values, features);
    }

    /**
     * Cotangents of the weights from those of the features; after {@link #forward} with these weights.
     *
     * @param weights   read        as in forward
     * @param cotangent read        [B, featureWidth]; for pairs it must stay unchanged until tangentBackward
     * @param gradient  accumulated [encoder parameters]; null: only leave the gates' cotangents for tangentBackward
     */
    public void backward(final Reals weights, final Rows cotangent, final Reals gradient) {
        final Reals[] parts = slices.of(weights);
        final Reals[] gradients = slices.of(gradient);
        if (second == null) {
            first.backward(parts, cotangent, gradients);
            return;
        }
        featureCotangents = cotangent;
        clear(cotangents);
        kernels.pooling().pairBackward(rows, values, cotangent, cotangents);
        first.backward(parts, cotangents.u(), gradients);
        second.backward(parts, cotangents.v(), gradients);
    }

    /**
     * Tangents of the features along a direction; after {@link #forward} with these weights.
     *
     * @param weights         read    as in forward
     * @param direction       read    [encoder parameters]
     * @param featureTangents written [B, featureWidth]
     */
    public void tangentForward(final Reals weights, final Reals direction, final Rows featureTangents) {
        final Reals[] parts = slices.of(weights);
        final Reals[] directions = slices.of(direction);
        if (second == null) {
            first.tangentForward(parts, directions, featureTangents);
            return;
        }
        first.tangentForward(parts, directions, tangents.u());
        second.tangentForward(parts, directions, tangents.v());
        kernels.pooling().pairTangentForward(rows, values, tangents, featureTangents);
    }

    /**
     * The derivative of {@link #backward}; after it and {@link #tangentForward} along the same direction.
     *
     * @param weights          read        as in forward
     * @param direction        read        as in tangentForward
     * @param cotangentTangent read        [B, featureWidth]
     * @param gradientTangent  accumulated [encoder parameters]
     */
    public void tangentBackward(
            final Reals weights, final Reals direction, final Rows cotangentTangent, final Reals gradientTangent) {
        final Reals[] parts = slices.of(weights);
        final Reals[] directions = slices.of(direction);
        final Reals[] gradients = slices.of(gradientTangent);
        if (second == null) {
            first.tangentBackward(parts, directions, cotangentTangent, gradients);
            return;
        }
        clear(cotangentTangents);
        kernels.pooling()
                .pairTangentBackward(rows, values, tangents, featureCotangents, cotangentTangent, cotangentTangents);
        first.tangentBackward(parts, directions, cotangentTangents.u(), gradients);
        second.tangentBackward(parts, directions, cotangentTangents.v(), gradients);
    }

    /** {@link #forward} and {@link #tangentForward}, parameters as there: a device may carry values and tangents together. */
    public void forwardAlong(
            final Reals weights,
            final Reals direction,
            final TextBatch batch,
            final Rows features,
            final Rows featureTangents) {
        final Reals[] parts = slices.of(weights);
        final Reals[] directions = slices.of(direction);
        rows = batch.size();
        if (second == null) {
            first.forwardAlong(parts, directions, batch.first(), features, featureTangents);
            return;
        }
        first.forwardAlong(parts, directions, batch.first(), values.u(), tangents.u());
        second.forwardAlong(parts, directions, batch.second(), values.v(), tangents.v());
        kernels.pooling().pairForward(rows, values, features);
        kernels.pooling().pairTangentForward(rows, values, tangents, featureTangents);
    }

    /** {@link #backward} and {@link #tangentBackward}, parameters as there; gradient null: not wanted. */
    public void backwardAlong(
            final Reals weights,
            final Reals direction,
            final Rows cotangent,
            final Rows cotangentTangent,
            final Reals gradient,
            final Reals gradientTangent) {
        final Reals[] parts = slices.of(weights);
        final Reals[] directions = slices.of(direction);
        final Reals[] gradients = slices.of(gradient);
        final Reals[] gradientTangents = slices.of(gradientTangent);
        if (second == null) {
            first.backwardAlong(parts, directions, cotangent, cotangentTangent, gradients, gradientTangents);
            return;
        }
        clear(cotangents);
        clear(cotangentTangents);
        final Pooling pooling = kernels.pooling();
        pooling.pairBackward(rows, values, cotangent, cotangents);
        pooling.pairTangentBackward(rows, values, tangents, cotangent, cotangentTangent, cotangentTangents);
        first.backwardAlong(parts, directions, cotangents.u(), cotangentTangents.u(), gradients, gradientTangents);
        second.backwardAlong(parts, directions, cotangents.v(), cotangentTangents.v(), gradients, gradientTangents);
    }

    private void clear(final Pooling.Pair pair) {
        kernels.update().fill(pair.u().values(), 0);
        kernels.update().fill(pair.v().values(), 0);
    }
}
