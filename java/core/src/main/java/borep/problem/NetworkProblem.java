package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.model.Network;
import borep.model.NetworkShape;
import borep.model.Parameters;
import borep.model.TextBatch;

/** What the problems share whose lower variable y is a whole network, encoder and head; f does not depend on x. */
public abstract class NetworkProblem extends TextProblem {
    private final Parameters lowerLayout;
    private final int encoderSize;
    private final Halves halves = new Halves();

    /** Encoder and head of the flat vectors that were last seen, so that a steady state makes no objects. */
    private final class Halves {
        private static final int REMEMBERED = 32;
        private final Reals[] wholes = new Reals[REMEMBERED];
        private final Reals[][] parts = new Reals[REMEMBERED][];
        private int next;

        private Reals[] of(final Reals whole) {
            for (int i = 0; i < REMEMBERED && wholes[i] != null; i++) {
                if (wholes[i] == whole) {
                    return parts[i];
                }
            }
            final int place = next++ % REMEMBERED;
            wholes[place] = whole;
            parts[place] =
                    new Reals[] {whole.slice(0, encoderSize), whole.slice(encoderSize, lowerLayout.size() - encoderSize)
                    };
            return parts[place];
        }
    }

    NetworkProblem(
            final Device device,
            final NetworkShape shape,
            final Loss.Regulariser regulariser,
            final TextLevel upperLevel,
            final TextLevel lowerLevel,
            final long seed) {
        super(device, shape, regulariser, upperLevel, lowerLevel, seed);
        lowerLayout = shape.parameters();
        encoderSize = shape.encoderParameters().size();
    }

    @Override
    public Parameters lowerLayout() {
        return lowerLayout;
    }

    @Override
    public final boolean upperSeesX() {
        return false;
    }

    /** The encoder's part of a vector laid out like y, which shares its memory; null for null. */
    final Reals encoder(final Reals whole) {
        return whole == null ? null : halves.of(whole)[0];
    }

    /** The head's part, in the same way. */
    final Reals head(final Reals whole) {
        return whole == null ? null : halves.of(whole)[1];
    }

    @Override
    public final void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        clear(out.gradientX());
        if (out.value() == null && out.gradientY() == null) {
            return; // f does not depend on x: nothing to compute
        }
        final Network network = level(sample).network;
        forward(network, y, batch(sample));
        if (out.value() != null) {
            kernels.update().dot(mean(sample), network.losses(), out.value());
        }
        if (out.gradientY() != null) {
            clear(out.gradientY());
            backward(network, y, mean(sample), out.gradientY());
        }
    }

    /** Features, logits and losses of a batch under y; they stay in the network for the sweeps that follow. */
    final void forward(final Network network, final Reals y, final TextBatch batch) {
        network.encode(encoder(y), batch);
        network.classify(head(y), batch);
    }

    /**
     * Adds ∇_y Σ_b w_b · loss_b of the batch that {@link #forward} has seen.
     *
     * @param sampleWeights [B] w
     * @param gradient      accumulated, laid out like y
     */
    final void backward(final Network network, final Reals y, final Reals sampleWeights, final Reals gradient) {
        network.backwardHead(head(y), sampleWeights, head(gradient), true);
        network.backwardEncoder(encoder(y), encoder(gradient));
    }

    /** Forward, and its tangent along z, the direction of a Hessian-vector product. */
    final void forwardAlong(final Network network, final Reals y, final Reals z, final TextBatch batch) {
        network.encodeAlong(encoder(y), encoder(z), batch);
        network.classify(head(y), batch);
        network.tangentClassify(head(y), head(z), true);
    }

    /**
     * Backward, and its tangent along z, after {@link #forwardAlong}: adds the gradient and ∇²_yy·z of the same weighted sum.
     *
     * @param sampleWeights [B]
     * @param gradient      accumulated, laid out like y; null: not wanted
     * @param product       accumulated, laid out like y
     */
    final void backwardAlong(
            final Network network,
            final Reals y,
            final Reals z,
            final Reals sampleWeights,
            final Reals gradient,
            final Reals product) {
        network.backwardHead(head(y), sampleWeights, head(gradient), true);
        network.tangentBackwardHead(head(y), head(z), sampleWeights, head(product), true);
        network.backwardEncoderAlong(encoder(y), encoder(z), encoder(gradient), encoder(product));
    }
}
