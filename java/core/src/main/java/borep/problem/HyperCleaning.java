package borep.problem;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Store;
import borep.model.Initialisation;
import borep.model.Network;
import borep.model.NetworkShape;
import borep.model.Parameters;

/**
 * Data hyper-cleaning (Shaban et al. 2019; Hao, Gong, Liu 2024, §5): x = one logit per training sample, y = the whole network.
 * g = (1/B) Σ σ(x_i) loss_i(y) on noisily labelled texts + c·R(y), f = mean cross-entropy on clean validation texts.
 *
 * <p>Sweeps: ∇²_xy g·z is (1/B) σ'(x_i) R{loss_i}, the tangent of the losses: forward and tangent forward, no backward pass.
 * ∇²_yy g·z needs all four.
 */
public final class HyperCleaning extends NetworkProblem {
    private final double coefficient;
    private final double initialLogit;
    private final Parameters upperLayout;
    /** [B] σ(x_i)/B of the current lower batch. */
    private final Reals sampleWeights;
    /** [B] losses or their tangents, each by its weight in the mean. */
    private final Reals weighed;

    /**
     * The problem on {@code device}.
     *
     * @param regularisation c·R(y)
     * @param initialLogit starting value of every x_i
     * @param upperLevel   clean validation texts
     * @param lowerLevel   training texts; x has one logit for each of them
     * @param seed         of y's starting point
     */
    public HyperCleaning(
            final Device device,
            final NetworkShape shape,
            final Regularisation regularisation,
            final double initialLogit,
            final TextLevel upperLevel,
            final TextLevel lowerLevel,
            final long seed) {
        super(device, shape, regularisation.kind(), upperLevel, lowerLevel, seed);
        this.coefficient = regularisation.coefficient();
        this.initialLogit = initialLogit;
        upperLayout =
                Parameters.none().with("sample_logits", 1, lowerLevel.set().size());
        sampleWeights = device.reals(lowerLevel.batch());
        weighed = device.reals(lowerLevel.batch());
    }

    @Override
    public Parameters upperLayout() {
        return upperLayout;
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        kernels.update().fill(x, initialLogit);
        Initialisation.uniform(lowerLayout(), seed, y);
        upperChanged();
    }

    /** False: validation samples have no logit. */
    @Override
    public boolean lowerTakesUpperSamples() {
        return false;
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
        final Network network = prepare(x, y, null, sample);
        value(network, y, out.value());
        if (out.gradientX() != null) {
            toLogits(x, sample, network.losses(), out.gradientX());
        }
        if (out.gradientY() != null) {
            gradient(network, y, out.gradientY(), store);
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        final boolean moves = out.product() != null || out.mixed() != null;
        final Network network = prepare(x, y, moves ? z : null, sample);
        value(network, y, out.value());
        if (out.mixed() != null) {
            toLogits(x, sample, network.lossTangents(), out.mixed());
        }
        if (out.product() != null) {
            regulariserGradient(y, out.gradient(), Store.WRITE);
            kernels.loss().regulariserHessianVector(regulariser, coefficient, one, y, z, out.product(), Store.WRITE);
            backwardAlong(network, y, z, sampleWeights, out.gradient(), out.product());
        } else if (out.gradient() != null) {
            gradient(network, y, out.gradient(), Store.WRITE);
        }
    }

    /** Forward on the sample, and its tangent along z unless that is null. */
    private Network prepare(final Reals x, final Reals y, final Reals z, final Sample sample) {
        if (((TextSample) sample).isUpper()) {
            throw new IllegalArgumentException("validation samples have no logit: g is defined on training samples");
        }
        final Network network = level(sample).network;
        if (z == null) {
            forward(network, y, batch(sample));
        } else {
            forwardAlong(network, y, z, batch(sample));
        }
        kernels.loss().sampleWeights(x, indices(sample), 1, sampleWeights);
        kernels.update().multiply(sampleWeights, mean(sample), sampleWeights);
        return network;
    }

    /** Derivative by the logits of the mean of σ(x_i) a_i. */
    private void toLogits(final Reals x, final Sample sample, final Reals a, final Reals out) {
        kernels.update().multiply(a, mean(sample), weighed);
        clear(out);
        kernels.loss().sampleWeightsBackward(x, indices(sample), 1, weighed, out);
    }

    private void value(final Network network, final Reals y, final Reals value) {
        if (value != null) {
            kernels.update().dot(sampleWeights, network.losses(), value);
            kernels.loss().regularise(regulariser, coefficient, one, y, value);
        }
    }

    private void gradient(final Network network, final Reals y, final Reals gradient, final Store store) {
        regulariserGradient(y, gradient, store);
        backward(network, y, sampleWeights, gradient);
    }

    private void regulariserGradient(final Reals y, final Reals gradient, final Store store) {
        if (gradient != null) {
            kernels.loss().regulariserGradient(regulariser, coefficient, one, y, gradient, store);
        }
    }

    private Ints indices(final Sample sample) {
        return batch(sample).indices();
    }
}
