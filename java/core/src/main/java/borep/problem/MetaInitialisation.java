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
 * Learning where to begin (Finn et al. 2017): x = initial parameters of a whole network, y = those that a task has adapted.
 * g = mean cross-entropy on the task's support set + c·R(y) + ½λ ‖y − x‖², f = mean cross-entropy on its query set.
 *
 * <p>With λ = 0 x is nothing but the point where y begins, and only {@link borep.solver.Maml} can move it. With λ &gt; 0 it is a bilevel
 * problem for every solver, that of implicit MAML (Rajeswaran, Finn, Kakade, Levine, NeurIPS 2019), whose method is {@code aid-cg}.
 *
 * <p>Sweeps: ∇²_xy g·z = −λ z, no pass through the network. ∇²_yy g·z needs all four.
 */
public final class MetaInitialisation extends NetworkProblem {
    private final double coefficient;
    private final double proximity;
    private final Parameters adapted;
    private final Reals displacement;
    private final Reals square;

    /**
     * The problem on {@code device}.
     *
     * @param regularisation c·R(y)
     * @param proximity      λ, finite and not negative; 0: MAML
     * @param upperLevel     query sets
     * @param lowerLevel     support sets
     * @param seed           of the starting point
     * @throws IllegalArgumentException if λ is out of its range
     */
    public MetaInitialisation(
            final Device device,
            final NetworkShape shape,
            final Regularisation regularisation,
            final double proximity,
            final TextLevel upperLevel,
            final TextLevel lowerLevel,
            final long seed) {
        super(device, shape, regularisation.kind(), upperLevel, lowerLevel, seed);
        if (!(proximity >= 0) || Double.isInfinite(proximity)) {
            throw new IllegalArgumentException("proximity " + proximity + ": must be finite and not negative");
        }
        this.coefficient = regularisation.coefficient();
        this.proximity = proximity;
        adapted = adapted(super.lowerLayout());
        displacement = device.reals(lowerSize());
        square = device.reals(1);
    }

    /** The same tensors under names of their own: a checkpoint holds both. */
    private static Parameters adapted(final Parameters parameters) {
        Parameters adapted = Parameters.none();
        for (final Parameters.Entry entry : parameters.entries()) {
            adapted = adapted.with(
                    "adapted." + entry.name(), entry.fan(), entry.shape().toArray(Integer[]::new));
        }
        return adapted;
    }

    @Override
    public Parameters upperLayout() {
        return super.lowerLayout();
    }

    @Override
    public Parameters lowerLayout() {
        return adapted;
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        Initialisation.uniform(upperLayout(), seed, x);
        kernels.update().copy(x, y);
        upperChanged();
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        displace(x, y);
        if (out.gradientX() != null) {
            clear(out.gradientX());
            kernels.update().axpy(-proximity, displacement, out.gradientX());
        }
        if (out.value() == null && out.gradientY() == null) {
            return;
        }
        final Network network = level(sample).network;
        forward(network, y, batch(sample));
        value(network, mean(sample), y, out.value());
        if (out.gradientY() != null) {
            gradient(network, mean(sample), y, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        if (out.mixed() != null) {
            clear(out.mixed());
            kernels.update().axpy(-proximity, z, out.mixed());
        }
        if (out.value() == null && out.gradient() == null && out.product() == null) {
            return;
        }
        displace(x, y);
        final Network network = level(sample).network;
        if (out.product() == null) {
            forward(network, y, batch(sample));
        } else {
            forwardAlong(network, y, z, batch(sample));
        }
        value(network, mean(sample), y, out.value());
        if (out.product() != null) {
            regulariserGradient(y, out.gradient());
            kernels.loss().regulariserHessianVector(regulariser, coefficient, one, y, z, out.product(), Store.WRITE);
            backwardAlong(network, y, z, mean(sample), out.gradient(), out.product());
            kernels.update().axpy(proximity, z, out.product());
        } else if (out.gradient() != null) {
            gradient(network, mean(sample), y, out.gradient());
        }
    }

    /** y − x. */
    private void displace(final Reals x, final Reals y) {
        kernels.update().copy(y, displacement);
        kernels.update().axpy(-1, x, displacement);
    }

    private void value(final Network network, final Reals mean, final Reals y, final Reals value) {
        if (value != null) {
            final Update update = kernels.update();
            update.dot(mean, network.losses(), value);
            kernels.loss().regularise(regulariser, coefficient, one, y, value);
            update.dot(displacement, displacement, square);
            update.axpy(0.5 * proximity, square, value);
        }
    }

    private void gradient(final Network network, final Reals mean, final Reals y, final Reals gradient) {
        regulariserGradient(y, gradient);
        backward(network, y, mean, gradient);
    }

    /** gradient = that of c·R(y) and of the proximal term; null: not wanted. */
    private void regulariserGradient(final Reals y, final Reals gradient) {
        if (gradient != null) {
            kernels.loss().regulariserGradient(regulariser, coefficient, one, y, gradient, Store.WRITE);
            kernels.update().axpy(proximity, displacement, gradient);
        }
    }
}
