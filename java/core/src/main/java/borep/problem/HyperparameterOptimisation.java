package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Store;
import borep.kernel.Update;
import borep.model.Initialisation;
import borep.model.Network;
import borep.model.NetworkShape;
import borep.model.Parameters;

/**
 * Optimisation of the regularisation coefficient (Hao, Gong, Liu 2024, §5): x = one number, y = the whole network.
 * g = mean cross-entropy on a task's support set + λ(x)·R(y), f = mean cross-entropy on a query set.
 *
 * <p>λ(x) = x as in the public code, or e^x, which keeps it positive and makes normalised steps multiplicative.
 *
 * <p>Sweeps: ∇²_xy g·z = λ'(x) ⟨∇R(y), z⟩ is one dot product, no pass through the network. ∇²_yy g·z needs all four sweeps.
 */
public final class HyperparameterOptimisation extends NetworkProblem {
    /** How x gives the coefficient. */
    public enum Coefficient {
        /** λ = x (public code) */
        LINEAR,
        /** λ = e^x */
        EXPONENTIAL
    }

    private final Coefficient coefficient;
    private final double initial;
    private final Parameters upperLayout = Parameters.none().with("coefficient", 1, 1);
    /** [1] λ(x) and λ'(x), the same number for the exponential. */
    private final Reals lambda;

    private final Reals slope;

    /**
     * The problem on {@code device}.
     *
     * @param regulariser R
     * @param start       how x gives λ, and where it starts
     * @param upperLevel  query sets
     * @param lowerLevel  support sets
     * @param seed        of y's starting point
     */
    public HyperparameterOptimisation(
            final Device device,
            final NetworkShape shape,
            final Loss.Regulariser regulariser,
            final Start start,
            final TextLevel upperLevel,
            final TextLevel lowerLevel,
            final long seed) {
        super(device, shape, regulariser, upperLevel, lowerLevel, seed);
        this.coefficient = start.coefficient();
        this.initial = start.x();
        lambda = device.reals(1);
        slope = coefficient == Coefficient.LINEAR ? one : lambda;
    }

    /**
     * Where x starts.
     *
     * @param coefficient how x gives λ
     * @param x           starting value of x
     */
    public record Start(Coefficient coefficient, double x) {}

    @Override
    public Parameters upperLayout() {
        return upperLayout;
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        kernels.update().fill(x, initial);
        Initialisation.uniform(lowerLayout(), seed, y);
        upperChanged();
    }

    /** out [1] written: λ(x). */
    public void coefficient(final Reals x, final Reals out) {
        if (coefficient == Coefficient.LINEAR) {
            kernels.update().copy(x, out);
        } else {
            kernels.update().apply(Update.Function.EXP, x, out);
        }
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
        coefficient(x, lambda);
        if (out.gradientX() != null) {
            clear(out.gradientX());
            kernels.loss().regularise(regulariser, 1, slope, y, out.gradientX());
        }
        if (out.value() == null && out.gradientY() == null) {
            return;
        }
        final Network network = level(sample).network;
        forward(network, y, batch(sample));
        value(network, mean(sample), y, out.value());
        if (out.gradientY() != null) {
            gradient(network, mean(sample), y, out.gradientY(), store);
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        coefficient(x, lambda);
        if (out.mixed() != null) {
            clear(out.mixed());
            kernels.loss().regulariserMixed(regulariser, 1, y, z, out.mixed());
            kernels.update().multiply(out.mixed(), slope, out.mixed());
        }
        if (out.value() == null && out.gradient() == null && out.product() == null) {
            return;
        }
        final Network network = level(sample).network;
        if (out.product() == null) {
            forward(network, y, batch(sample));
        } else {
            forwardAlong(network, y, z, batch(sample));
        }
        value(network, mean(sample), y, out.value());
        if (out.product() != null) {
            regulariserGradient(y, out.gradient(), Store.WRITE);
            kernels.loss().regulariserHessianVector(regulariser, 1, lambda, y, z, out.product(), Store.WRITE);
            backwardAlong(network, y, z, mean(sample), out.gradient(), out.product());
        } else if (out.gradient() != null) {
            gradient(network, mean(sample), y, out.gradient(), Store.WRITE);
        }
    }

    private void value(final Network network, final Reals mean, final Reals y, final Reals value) {
        if (value != null) {
            kernels.update().dot(mean, network.losses(), value);
            kernels.loss().regularise(regulariser, 1, lambda, y, value);
        }
    }

    private void gradient(
            final Network network, final Reals mean, final Reals y, final Reals gradient, final Store store) {
        regulariserGradient(y, gradient, store);
        backward(network, y, mean, gradient);
    }

    private void regulariserGradient(final Reals y, final Reals gradient, final Store store) {
        if (gradient != null) {
            kernels.loss().regulariserGradient(regulariser, 1, lambda, y, gradient, store);
        }
    }
}
