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
    final Device device;
    final Kernels kernels;

    private final SparseLevel upperLevel;
    private final SparseLevel lowerLevel;
    private final Partition upperPartition;
    private final Partition lowerPartition;
    private final LinearModel upper;
    private final LinearModel lower;
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
        upperPartition = new Partition(device, upperLevel.sampler(), upperLevel.batch());
        lowerPartition = new Partition(device, lowerLevel.sampler(), lowerLevel.batch());
        upper = new LinearModel(device, newUpperSample().batch());
        lower = new LinearModel(device, newLowerSample().batch());
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
        return new SparseSample(device, upperLevel, upperPartition, true);
    }

    @Override
    public final SparseSample newLowerSample() {
        return new SparseSample(device, lowerLevel, lowerPartition, false);
    }

    @Override
    public final FiniteSum upperSum() {
        return upperPartition.sum();
    }

    @Override
    public final FiniteSum lowerSum() {
        return lowerPartition.sum();
    }

    @Override
    public final boolean upperSeesX() {
        return false;
    }

    /** The model that fits the sample: both objectives may be asked for on either level's data. */
    final LinearModel model(final Sample sample) {
        return ((SparseSample) sample).isUpper() ? upper : lower;
    }

    /** [B] what each sample weighs in the batch's mean. */
    static Reals mean(final Sample sample) {
        return ((SparseSample) sample).mean();
    }

    @Override
    public final void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        clear(out.gradientX());
        if (out.value() == null && out.gradientY() == null) {
            return; // f does not depend on x: nothing to compute
        }
        final LinearModel model = model(sample);
        model.forward(y, ((SparseSample) sample).batch());
        if (out.value() != null) {
            kernels.update().dot(mean(sample), model.losses(), out.value());
        }
        if (out.gradientY() != null) {
            clear(out.gradientY());
            model.backward(mean(sample), out.gradientY());
        }
    }

    /** Clears an output that the caller wants. */
    final void clear(final Reals out) {
        if (out != null) {
            kernels.update().fill(out, 0);
        }
    }
}
