package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Kernels;
import borep.model.LinearModel;
import borep.model.Parameters;

/**
 * What the problems share whose lower variable y is a linear model of sparse samples: f is the mean cross-entropy on validation samples and
 * does not depend on x.
 */
public abstract class LinearProblem implements BilevelProblem {
    /** The model of one level with the batch it was last run on. */
    static final class Level {
        final LinearModel model;
        /** [B] 1/B each: the weights of a mean. */
        final Reals mean;

        Level(final Device device, final SparseSample like) {
            model = new LinearModel(device, like.batch());
            mean = device.reals(like.batch().size());
            device.kernels().update().fill(mean, 1.0 / like.batch().size());
        }
    }

    final Device device;
    final Kernels kernels;

    private final SparseLevel upperLevel;
    private final SparseLevel lowerLevel;
    private final Level upper;
    private final Level lower;
    private final Parameters lowerLayout;

    LinearProblem(final Device device, final SparseLevel upperLevel, final SparseLevel lowerLevel) {
        this.device = device;
        this.upperLevel = upperLevel;
        this.lowerLevel = lowerLevel;
        if (upperLevel.set().features() != lowerLevel.set().features()
                || upperLevel.set().classes() != lowerLevel.set().classes()) {
            throw new IllegalArgumentException(
                    "validation samples of " + upperLevel.set().features() + " features and "
                            + upperLevel.set().classes() + " classes: the training samples have "
                            + lowerLevel.set().features() + " and "
                            + lowerLevel.set().classes());
        }
        kernels = device.kernels();
        upper = new Level(device, newUpperSample());
        lower = new Level(device, newLowerSample());
        lowerLayout = LinearModel.parameters(lowerLevel.set());
    }

    @Override
    public final Device device() {
        return device;
    }

    @Override
    public final Parameters lowerLayout() {
        return lowerLayout;
    }

    @Override
    public final SparseSample newUpperSample() {
        return new SparseSample(device, upperLevel, true);
    }

    @Override
    public final SparseSample newLowerSample() {
        return new SparseSample(device, lowerLevel, false);
    }

    @Override
    public final boolean upperSeesX() {
        return false;
    }

    /** The model that fits the sample: both objectives may be asked for on either level's data. */
    final Level level(final Sample sample) {
        return ((SparseSample) sample).isUpper() ? upper : lower;
    }

    @Override
    public final void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        clear(out.gradientX());
        if (out.value() == null && out.gradientY() == null) {
            return; // f does not depend on x: nothing to compute
        }
        final Level level = level(sample);
        level.model.forward(y, ((SparseSample) sample).batch());
        if (out.value() != null) {
            kernels.update().dot(level.mean, level.model.losses(), out.value());
        }
        if (out.gradientY() != null) {
            clear(out.gradientY());
            level.model.backward(level.mean, out.gradientY());
        }
    }

    /** Clears an output that the caller wants. */
    final void clear(final Reals out) {
        if (out != null) {
            kernels.update().fill(out, 0);
        }
    }
}
