package borep.problem;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Store;
import borep.model.LinearModel;
import borep.model.Parameters;

/**
 * Hyper-cleaning with a linear model (Franceschi et al. 2017; the setting of Yang, Gao, Yuan 2025, §5, and of Dagréou et al. 2022): x = one
 * logit per training sample, y = softmax regression. g = (1/B) Σ σ(x_i) loss_i(y) on noisily labelled samples + c·R(y), f = mean
 * cross-entropy on clean validation samples. With c·R(y) = (c/2) ‖y‖², bias included, g is strongly convex.
 *
 * <p>Sweeps: ∇²_xy g·z is (1/B) σ'(x_i) R{loss_i}, the tangent of the losses; ∇²_yy g·z one product with A and one with Aᵀ.
 */
public final class SoftmaxCleaning extends LinearProblem {
    private final Regularisation regularisation;
    private final double initialLogit;
    private final Parameters upperLayout;
    /** [B] σ(x_i)/B of the current lower batch. */
    private final Reals sampleWeights;
    /** [B] */
    private final Reals weighed;
    /** [1] the constant 1: the regularisation's factor says all. */
    private final Reals one;

    /**
     * The problem on {@code device}.
     *
     * @param regularisation c·R(y)
     * @param initialLogit   starting value of every x_i
     * @param upperLevel     clean validation samples
     * @param lowerLevel     training samples; x has one logit for each of them
     * @throws IllegalArgumentException if the levels' features or classes differ
     */
    public SoftmaxCleaning(
            final Device device,
            final Regularisation regularisation,
            final double initialLogit,
            final SparseLevel upperLevel,
            final SparseLevel lowerLevel) {
        super(device, upperLevel, lowerLevel);
        this.regularisation = regularisation;
        this.initialLogit = initialLogit;
        upperLayout =
                Parameters.none().with("sample_logits", 1, lowerLevel.set().size());
        sampleWeights = device.reals(lowerLevel.batch());
        weighed = device.reals(lowerLevel.batch());
        one = device.reals(1);
        kernels.update().fill(one, 1);
    }

    @Override
    public Parameters upperLayout() {
        return upperLayout;
    }

    /** y starts at 0: the lower level is convex, there is no symmetry to break. */
    @Override
    public void initialise(final Reals x, final Reals y) {
        kernels.update().fill(x, initialLogit);
        kernels.update().fill(y, 0);
    }

    /** False: validation samples have no logit. */
    @Override
    public boolean lowerTakesUpperSamples() {
        return false;
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final LinearModel model = prepare(x, y, sample);
        value(model, y, out.value());
        if (out.gradientX() != null) {
            weigh(x, sample, model.losses(), out.gradientX());
        }
        if (out.gradientY() != null) {
            gradient(model, y, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        final LinearModel model = prepare(x, y, sample);
        value(model, y, out.value());
        if (out.gradient() != null) {
            gradient(model, y, out.gradient());
        }
        if (out.product() == null && out.mixed() == null) {
            return;
        }
        model.tangentForward(z);
        if (out.mixed() != null) {
            weigh(x, sample, model.lossTangents(), out.mixed());
        }
        if (out.product() != null) {
            kernels.loss()
                    .regulariserHessianVector(
                            regularisation.kind(), regularisation.coefficient(), one, y, z, out.product(), Store.WRITE);
            model.tangentBackward(sampleWeights, out.product());
        }
    }

    private LinearModel prepare(final Reals x, final Reals y, final Sample sample) {
        if (((SparseSample) sample).isUpper()) {
            throw new IllegalArgumentException("validation samples have no logit: g is defined on training samples");
        }
        final LinearModel model = model(sample);
        model.forward(y, ((SparseSample) sample).batch());
        kernels.loss().sampleWeights(x, indices(sample), 1, sampleWeights);
        kernels.update().multiply(sampleWeights, mean(sample), sampleWeights);
        return model;
    }

    /** out_i = (1/B) σ'(x_i) values_i for the samples of the batch, 0 for all others. */
    private void weigh(final Reals x, final Sample sample, final Reals values, final Reals out) {
        kernels.update().multiply(values, mean(sample), weighed);
        clear(out);
        kernels.loss().sampleWeightsBackward(x, indices(sample), 1, weighed, out);
    }

    private void value(final LinearModel model, final Reals y, final Reals value) {
        if (value != null) {
            kernels.update().dot(sampleWeights, model.losses(), value);
            kernels.loss().regularise(regularisation.kind(), regularisation.coefficient(), one, y, value);
        }
    }

    private void gradient(final LinearModel model, final Reals y, final Reals gradient) {
        kernels.loss()
                .regulariserGradient(
                        regularisation.kind(), regularisation.coefficient(), one, y, gradient, Store.WRITE);
        model.backward(sampleWeights, gradient);
    }

    private static Ints indices(final Sample sample) {
        return ((SparseSample) sample).batch().indices();
    }
}
