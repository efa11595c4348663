package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Store;
import borep.kernel.Update;
import borep.model.Initialisation;
import borep.model.Network;
import borep.model.NetworkShape;
import borep.model.Parameters;

/**
 * Hyper-representation (Franceschi et al. 2018; Hao, Gong, Liu 2024, §5): x = recurrent encoder, y = classification head.
 * g = mean cross-entropy on a task's support set + c·R(y), f = mean cross-entropy on a query set.
 *
 * <p>Sweeps: a direction z lies in the head alone, downstream of the encoder. So ∇²_yy g·z never touches the encoder, and
 * ∇²_xy g·z is one plain backward pass of the encoder with the tangent of the features' cotangents. While y moves on one
 * sample the encoder's features are kept. That pass is linear in the cotangents, so a hypergradient whose levels share a sample
 * takes it once, with the difference of ∇_x f's cotangents and these.
 */
public final class HyperRepresentation extends TextProblem {
    private final double coefficient;
    private final Parameters upperLayout;
    private final Parameters lowerLayout;

    /**
     * The problem on {@code device}.
     *
     * @param regularisation c·R(y)
     * @param upperLevel  query sets
     * @param lowerLevel  support sets
     * @param seed        of the starting point
     */
    public HyperRepresentation(
            final Device device,
            final NetworkShape shape,
            final Regularisation regularisation,
            final TextLevel upperLevel,
            final TextLevel lowerLevel,
            final long seed) {
        super(device, shape, regularisation.kind(), upperLevel, lowerLevel, seed);
        this.coefficient = regularisation.coefficient();
        upperLayout = shape.encoderParameters();
        lowerLayout = shape.headParameters();
    }

    @Override
    public Parameters upperLayout() {
        return upperLayout;
    }

    @Override
    public Parameters lowerLayout() {
        return lowerLayout;
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        Initialisation.uniform(upperLayout, seed, x);
        Initialisation.uniform(lowerLayout, seed + 1, y);
        upperChanged();
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        clear(out.gradientY());
        addFirstOrder(x, y, sample, out);
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        lower(x, y, sample, out, Store.WRITE);
    }

    @Override
    public void addLower(final Reals x, final Reals y, final Sample sample, final AddedGradient out) {
        lower(x, y, sample, out.sum(), Store.ADD);
    }

    /** @param store of ∇_y g */
    private void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out, final Store store) {
        if (out.gradientY() != null) {
            kernels.loss().regulariserGradient(regulariser, coefficient, one, y, out.gradientY(), store);
        }
        addFirstOrder(x, y, sample, out);
        if (out.value() != null) {
            kernels.loss().regularise(regulariser, coefficient, one, y, out.value());
        }
    }

    /** The cross-entropy's part, whose gradient by y is added. */
    private void addFirstOrder(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final Network network = encodeOnce(x, sample);
        network.classify(y, batch(sample));
        if (out.value() != null) {
            kernels.update().dot(mean(sample), network.losses(), out.value());
        }
        clear(out.gradientX());
        if (out.gradientX() != null || out.gradientY() != null) {
            network.backwardHead(y, mean(sample), out.gradientY(), out.gradientX() != null);
        }
        if (out.gradientX() != null) {
            network.backwardEncoder(x, out.gradientX());
        }
    }

    @Override
    public void hypergradient(
            final Reals x, final Reals y, final Reals z, final Sample sample, final Hypergradient out) {
        final Network network = encodeOnce(x, sample);
        network.backwardHeadToFeatures(y);
        network.tangentClassify(y, z, false);
        network.tangentBackwardHead(y, z, mean(sample), null, true);
        clear(out.estimate());
        network.backwardEncoderMinusAlongHead(x, out.estimate());
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        final Network network = encodeOnce(x, sample);
        final Update update = kernels.update();
        network.classify(y, batch(sample));
        if (out.value() != null) {
            update.dot(mean(sample), network.losses(), out.value());
            kernels.loss().regularise(regulariser, coefficient, one, y, out.value());
        }
        if (out.gradient() != null) {
            kernels.loss().regulariserGradient(regulariser, coefficient, one, y, out.gradient(), Store.WRITE);
        }
        if (out.product() != null) {
            kernels.loss().regulariserHessianVector(regulariser, coefficient, one, y, z, out.product(), Store.WRITE);
        }
        clear(out.mixed());
        network.backwardHead(y, mean(sample), out.gradient(), false);
        network.tangentClassify(y, z, false);
        network.tangentBackwardHead(y, z, mean(sample), out.product(), out.mixed() != null);
        if (out.mixed() != null) {
            network.backwardEncoderAlongHead(x, out.mixed());
        }
    }
}
