package borep.model;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Kernels;
import borep.kernel.Rows;
import java.util.List;

/** Fully connected layers from features to class logits, tanh or nothing between them, as four sweeps. */
public final class Head {
    private final Kernels kernels;
    private final Slices slices;
    private final Dense.Tape[] tapes;
    /** [layer] outputs [B, O] of the layers but the last, their cotangents, and the tangents of both. */
    private final Rows[] outputs;

    private final Rows[] cotangents;
    private final Rows[] tangents;
    private final Rows[] cotangentTangents;

    /** Memory for batches of up to {@code maxBatch} samples. */
    public Head(final Device device, final NetworkShape shape, final int maxBatch) {
        kernels = device.kernels();
        final List<Integer> widths = shape.headWidths();
        final int layers = widths.size() - 1;
        final int[] offsets = new int[layers + 1];
        tapes = new Dense.Tape[layers];
        for (int layer = 0; layer < layers; layer++) {
            final boolean last = layer == layers - 1;
            final Dense.Shape dense = new Dense.Shape(widths.get(layer), widths.get(layer + 1), shape.tanh() && !last);
            offsets[layer + 1] = offsets[layer] + dense.parameters();
            tapes[layer] = kernels.dense().tape(dense, maxBatch);
        }
        slices = new Slices(offsets);
        outputs = rows(device, widths, maxBatch);
        cotangents = rows(device, widths, maxBatch);
        tangents = rows(device, widths, maxBatch);
        cotangentTangents = rows(device, widths, maxBatch);
    }

    private static Rows[] rows(final Device device, final List<Integer> widths, final int maxBatch) {
        final Rows[] rows = new Rows[widths.size() - 2];
        for (int layer = 0; layer < rows.length; layer++) {
            final int width = widths.get(layer + 1);
            rows[layer] = Rows.of(device.reals(Math.multiplyExact(maxBatch, width)), width);
        }
        return rows;
    }

    /**
     * The logits of a batch.
     *
     * @param rows     number of samples B
     * @param weights  read    [head parameters]
     * @param features read    [B, featureWidth]; must stay unchanged until the last sweep
     * @param logits   written [B, C]
     */
    public void forward(final int rows, final Reals weights, final Rows features, final Rows logits) {
        final Reals[] parts = slices.of(weights);
        Rows input = features;
        for (int layer = 0; layer < tapes.length; layer++) {
            final Rows output = layer < outputs.length ? outputs[layer] : logits;
            kernels.dense().forward(tapes[layer], rows, parts[layer], input, output);
            input = output;
        }
    }

    /**
     * Cotangents of weights and features from those of the logits; after {@link #forward} with these weights.
     *
     * @param weights           read        as in forward
     * @param logitsCotangents  read        [B, C]
     * @param gradient          accumulated [head parameters]; null: not wanted
     * @param featureCotangents accumulated [B, featureWidth]; null: not wanted
     */
    public void backward(
            final Reals weights, final Rows logitsCotangents, final Reals gradient, final Rows featureCotangents) {
        final Reals[] parts = slices.of(weights);
        Rows cotangent = logitsCotangents;
        for (int layer = tapes.length - 1; layer >= 0; layer--) {
            final Rows below = below(cotangents, layer, featureCotangents);
            kernels.dense().backward(tapes[layer], parts[layer], cotangent, slices.part(gradient, layer), below);
            cotangent = below;
        }
    }

    /**
     * What {@link #backward} without the features' cotangents left out: the last product, with the first layer's weights.
     *
     * @param weights           read        as in forward
     * @param logitsCotangents  read        [B, C] as there
     * @param featureCotangents accumulated [B, featureWidth]
     */
    public void backwardToFeatures(final Reals weights, final Rows logitsCotangents, final Rows featureCotangents) {
        final Rows cotangent = cotangents.length == 0 ? logitsCotangents : cotangents[0];
        kernels.dense().backward(tapes[0], slices.of(weights)[0], cotangent, null, featureCotangents);
    }

    /**
     * Tangents of the logits along a direction; after {@link #forward} with these weights.
     *
     * @param weights         read    as in forward
     * @param direction       read    [head parameters]
     * @param featureTangents read    [B, featureWidth]; null: zero
     * @param logitsTangents  written [B, C]
     */
    public void tangentForward(
            final Reals weights, final Reals direction, final Rows featureTangents, final Rows logitsTangents) {
        final Reals[] parts = slices.of(weights);
        final Reals[] directions = slices.of(direction);
        Rows input = featureTangents;
        for (int layer = 0; layer < tapes.length; layer++) {
            final Rows output = layer < tangents.length ? tangents[layer] : logitsTangents;
            kernels.dense().tangentForward(tapes[layer], parts[layer], directions[layer], input, output);
            input = output;
        }
    }

    /**
     * The derivative of {@link #backward}; after it and {@link #tangentForward} along the same direction.
     *
     * @param weights                  read        as in forward
     * @param direction                read        as in tangentForward
     * @param logitsCotangentTangents  read        [B, C]
     * @param gradientTangent          accumulated [head parameters]; null: not wanted
     * @param featureCotangentTangents accumulated [B, featureWidth]; null: not wanted
     */
    public void tangentBackward(
            final Reals weights,
            final Reals direction,
            final Rows logitsCotangentTangents,
            final Reals gradientTangent,
            final Rows featureCotangentTangents) {
        final Reals[] parts = slices.of(weights);
        final Reals[] directions = slices.of(direction);
        Rows cotangent = logitsCotangentTangents;
        for (int layer = tapes.length - 1; layer >= 0; layer--) {
            final Rows below = below(cotangentTangents, layer, featureCotangentTangents);
            kernels.dense()
                    .tangentBackward(
                            tapes[layer],
                            parts[layer],
                            directions[layer],
                            cotangent,
                            slices.part(gradientTangent, layer),
                            below);
            cotangent = below;
        }
    }

    /** Where the cotangents of a layer's input go; the head's own buffers are cleared first. */
    private Rows below(final Rows[] buffers, final int layer, final Rows features) {
        if (layer == 0) {
            return features;
        }
        kernels.update().fill(buffers[layer - 1].values(), 0);
        return buffers[layer - 1];
    }
}
