package borep.model;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Kernels;
import borep.kernel.Loss;
import borep.kernel.Rows;

/**
 * Encoder → pooling → head → weighted softmax cross-entropy over one batch at a time, as the parts of four sweeps.
 *
 * <p>The sweeps are cut at the features, so that a problem runs only those parts that its structure needs: a problem whose
 * lower level is the head never differentiates through the encoder twice. The parts of one sweep leave their results here
 * for the next; call them in the order forward, backward, tangentForward, tangentBackward, or both forwards first.
 */
public final class Network {
    private final Kernels kernels;
    private final NetworkShape shape;
    private final Encoder encoder;
    private final Head head;
    private final Loss.Tape lossTape;
    private final Reals losses;
    private final Reals lossTangents;
    /** [B, featureWidth] and [B, C] values with their cotangents, tangents and cotangents' tangents. */
    private final Quad features;

    private final Quad logits;
    private int rows;

    private record Quad(Rows values, Rows cotangents, Rows tangents, Rows cotangentTangents) {
        static Quad allocate(final Device device, final int rows, final int width) {
            final int size = Math.multiplyExact(rows, width);
            return new Quad(
                    Rows.of(device.reals(size), width),
                    Rows.of(device.reals(size), width),
                    Rows.of(device.reals(size), width),
                    Rows.of(device.reals(size), width));
        }
    }

    /**
     * Memory for batches like {@code batch}.
     *
     * @throws IllegalArgumentException if one of shape and batch is for pairs and the other is not
     */
    public Network(final Device device, final NetworkShape shape, final TextBatch batch) {
        this.kernels = device.kernels();
        this.shape = shape;
        encoder = new Encoder(device, shape, batch);
        head = new Head(device, shape, batch.size());
        lossTape = kernels.loss().tape(batch.size(), shape.classes());
        losses = device.reals(batch.size());
        lossTangents = device.reals(batch.size());
        features = Quad.allocate(device, batch.size(), shape.featureWidth());
        logits = Quad.allocate(device, batch.size(), shape.classes());
    }

    /** The sizes it was made for. */
    public NetworkShape shape() {
        return shape;
    }

    /** [B, featureWidth] after {@link #encode}. */
    public Rows features() {
        return features.values();
    }

    /** [B, C] after {@link #classify}. */
    public Rows logits() {
        return logits.values();
    }

    /** [B, C] where a caller with a loss of its own leaves the logits' cotangents for {@link #backwardLogits}. */
    public Rows logitsCotangents() {
        return logits.cotangents();
    }

    /** [B] cross-entropy of each sample after {@link #classify}. */
    public Reals losses() {
        return losses;
    }

    /** [B] derivative of the losses along the direction, after {@link #tangentClassify}. */
    public Reals lossTangents() {
        return lossTangents;
    }

    /** Forward, first part: features of the batch, which must stay loaded until the last sweep; weights read [encoder parameters]. */
    public void encode(final Reals encoderWeights, final TextBatch batch) {
        encoder.forward(encoderWeights, batch, features.values());
    }

    /**
     * {@link #encode} and {@link #tangentEncode}, for whoever knows the direction from the beginning: a device may run both as
     * one.
     */
    public void encodeAlong(final Reals encoderWeights, final Reals direction, final TextBatch batch) {
        encoder.forwardAlong(encoderWeights, direction, batch, features.values(), features.tangents());
    }

    /** Forward, second part without a loss: logits from the features; weights read [head parameters]. */
    public void score(final Reals headWeights, final TextBatch batch) {
        rows = batch.size();
        head.forward(rows, headWeights, features.values(), logits.values());
    }

    /** Forward, second part: logits and losses from the features; weights read [head parameters]. */
    public void classify(final Reals headWeights, final TextBatch batch) {
        score(headWeights, batch);
        kernels.loss().forward(lossTape, rows, logits.values(), batch.labels(), losses);
    }

    /** predictions [B] written: the most probable classes after {@link #classify}. */
    public void predict(final Ints predictions) {
        kernels.loss().predict(rows, logits.values(), predictions);
    }

    /**
     * Backward, first part: cotangents of Σ w_i loss_i.
     *
     * @param sampleWeights read [B] w
     * @param gradient      accumulated [head parameters]; null: not wanted
     * @param toFeatures    whether the encoder's part will follow
     */
    public void backwardHead(
            final Reals headWeights, final Reals sampleWeights, final Reals gradient, final boolean toFeatures) {
        kernels.loss().backward(lossTape, sampleWeights, logits.cotangents());
        backwardLogits(headWeights, gradient, toFeatures);
    }

    /** {@link #backwardHead} from the cotangents in {@link #logitsCotangents}. */
    public void backwardLogits(final Reals headWeights, final Reals gradient, final boolean toFeatures) {
        head.backward(headWeights, logits.cotangents(), gradient, cleared(features.cotangents(), toFeatures));
    }

    /** The features' cotangents after a {@link #backwardHead} that left them out. */
    public void backwardHeadToFeatures(final Reals headWeights) {
        head.backwardToFeatures(headWeights, logits.cotangents(), cleared(features.cotangents(), true));
    }

    /**
     * Backward, second part.
     *
     * @param gradient accumulated [encoder parameters]; null: only prepare for tangentBackward
     */
    public void backwardEncoder(final Reals encoderWeights, final Reals gradient) {
        encoder.backward(encoderWeights, features.cotangents(), gradient);
    }

    /**
     * One plain backward pass of the encoder with the <em>tangent</em> of the features' cotangents: the whole mixed derivative
     * when the direction lies in the head alone (docs/sweeps.md, hyper-representation).
     *
     * @param gradient accumulated [encoder parameters]
     */
    public void backwardEncoderAlongHead(final Reals encoderWeights, final Reals gradient) {
        encoder.backward(encoderWeights, features.cotangentTangents(), gradient);
    }

    /**
     * {@link #backwardEncoder} minus {@link #backwardEncoderAlongHead} in one pass, which is linear in the cotangents it starts
     * from. The features' cotangents are used up.
     *
     * @param gradient accumulated [encoder parameters]
     */
    public void backwardEncoderMinusAlongHead(final Reals encoderWeights, final Reals gradient) {
        kernels.update()
                .axpy(
                        -1,
                        features.cotangentTangents().values(),
                        features.cotangents().values());
        encoder.backward(encoderWeights, features.cotangents(), gradient);
    }

    /** Tangent forward, first part: tangents of the features along {@code direction} [encoder parameters]. */
    public void tangentEncode(final Reals encoderWeights, final Reals direction) {
        encoder.tangentForward(encoderWeights, direction, features.tangents());
    }

    /**
     * Tangent forward, second part: tangents of logits and losses.
     *
     * @param direction      read [head parameters]
     * @param encoderTangent whether {@link #tangentEncode} came before; if not the features stand still
     */
    public void tangentClassify(final Reals headWeights, final Reals direction, final boolean encoderTangent) {
        head.tangentForward(headWeights, direction, encoderTangent ? features.tangents() : null, logits.tangents());
        kernels.loss().tangentForward(lossTape, logits.tangents(), lossTangents);
    }

    /**
     * Tangent backward, first part.
     *
     * @param gradientTangent accumulated [head parameters]; null: not wanted
     * @param toFeatures      whether the encoder's part will follow
     */
    public void tangentBackwardHead(
            final Reals headWeights,
            final Reals direction,
            final Reals sampleWeights,
            final Reals gradientTangent,
            final boolean toFeatures) {
        kernels.loss().tangentBackward(lossTape, sampleWeights, logits.tangents(), logits.cotangentTangents());
        head.tangentBackward(
                headWeights,
                direction,
                logits.cotangentTangents(),
                gradientTangent,
                cleared(features.cotangentTangents(), toFeatures));
    }

    /** Tangent backward, second part; gradientTangent accumulated [encoder parameters]. */
    public void tangentBackwardEncoder(final Reals encoderWeights, final Reals direction, final Reals gradientTangent) {
        encoder.tangentBackward(encoderWeights, direction, features.cotangentTangents(), gradientTangent);
    }

    /** {@link #backwardEncoder} and {@link #tangentBackwardEncoder}, after both parts of the head. */
    public void backwardEncoderAlong(
            final Reals encoderWeights, final Reals direction, final Reals gradient, final Reals gradientTangent) {
        encoder.backwardAlong(
                encoderWeights,
                direction,
                features.cotangents(),
                features.cotangentTangents(),
                gradient,
                gradientTangent);
    }

    private Rows cleared(final Rows target, final boolean wanted) {
        if (!wanted) {
            return null;
        }
        kernels.update().fill(target.values(), 0);
        return target;
    }
}
