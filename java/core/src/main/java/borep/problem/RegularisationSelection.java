package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Rows;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;
import borep.kernel.Update;
import borep.model.LinearModel;
import borep.model.Parameters;
import java.util.Arrays;

/**
 * Selection of regularisation coefficients (Pedregosa 2016; Dagréou et al. 2022, §4): y = logistic or softmax regression with weights W
 * [d, O], x = the logarithms of its coefficients, one for each feature or one for all.
 * g = mean cross-entropy on training samples + ½ Σ_j e^{x_j} ‖W_j‖², f = mean cross-entropy on validation samples. The bias is the last
 * feature and is regularised like every other, so that g is strongly convex.
 *
 * <p>With E [d·O, p] the matrix that gives every weight its coefficient, the regulariser's derivatives are, ⊙ element by element:
 *
 * <pre>
 * ∇_y    E e^x ⊙ y
 * ∇²_yy  E e^x ⊙ z
 * ∇_x    ½ e^x ⊙ Eᵀ(y ⊙ y)
 * ∇²_xy  e^x ⊙ Eᵀ(y ⊙ z)       no pass over the samples
 * </pre>
 */
public final class RegularisationSelection extends LinearProblem {
    /** How many coefficients there are. */
    public enum Coefficients {
        /** one for all weights */
        SHARED,
        /** one for each feature, its weights in all classes together */
        PER_FEATURE
    }

    private final Start start;
    private final Parameters upperLayout;
    /** E, and its columns' sums Eᵀ 1 are the weights that share a coefficient. */
    private final SparseMatrix expansion;
    /** [p] e^x */
    private final Reals coefficients;
    /** [d·O] E e^x */
    private final Reals weightCoefficients;
    /** [d·O] */
    private final Reals products;

    private final Rows weightCoefficientRows;
    private final Rows productRows;
    private final Reals scalar;

    /**
     * Where x starts.
     *
     * @param coefficients how many there are
     * @param x            starting value of each x_j: the logarithm of its coefficient
     */
    public record Start(Coefficients coefficients, double x) {}

    /**
     * The problem on {@code device}.
     *
     * @param upperLevel validation samples
     * @param lowerLevel training samples, as {@link LinearModel} wants them
     * @throws IllegalArgumentException if the levels' features or classes differ
     */
    public RegularisationSelection(
            final Device device, final Start start, final SparseLevel upperLevel, final SparseLevel lowerLevel) {
        super(device, upperLevel, lowerLevel);
        this.start = start;
        final int features = lowerLevel.set().features();
        final int weights = lowerSize();
        final int count = start.coefficients() == Coefficients.SHARED ? 1 : features;
        final int sharing = weights / count;
        upperLayout = Parameters.none().with("log_coefficients", 1, count);
        final int[] starts = new int[weights + 1];
        final int[] places = new int[weights];
        final float[] ones = new float[weights];
        Arrays.setAll(starts, i -> i);
        Arrays.setAll(places, i -> i / sharing);
        Arrays.fill(ones, 1);
        expansion = kernels.sparse().matrix(new SparseRows(count, starts, places, ones));
        coefficients = device.reals(count);
        weightCoefficients = device.reals(weights);
        products = device.reals(weights);
        weightCoefficientRows = Rows.of(weightCoefficients, 1);
        productRows = Rows.of(products, 1);
        scalar = device.reals(1);
    }

    @Override
    public Parameters upperLayout() {
        return upperLayout;
    }

    /** y starts at 0: the lower level is convex, there is no symmetry to break. */
    @Override
    public void initialise(final Reals x, final Reals y) {
        kernels.update().fill(x, start.x());
        kernels.update().fill(y, 0);
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        expand(x);
        if (out.gradientX() != null) {
            collect(y, y, out.gradientX());
            kernels.update().scale(0.5, out.gradientX());
        }
        if (out.value() == null && out.gradientY() == null) {
            return;
        }
        final LinearModel model = model(sample);
        model.forward(y, ((SparseSample) sample).batch());
        value(model, sample, y, out.value());
        gradient(model, sample, y, out.gradientY());
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        expand(x);
        if (out.mixed() != null) {
            collect(y, z, out.mixed());
        }
        if (out.value() == null && out.gradient() == null && out.product() == null) {
            return;
        }
        final LinearModel model = model(sample);
        model.forward(y, ((SparseSample) sample).batch());
        value(model, sample, y, out.value());
        gradient(model, sample, y, out.gradient());
        if (out.product() != null) {
            model.tangentForward(z);
            kernels.update().multiply(weightCoefficients, z, out.product());
            model.tangentBackward(mean(sample), out.product());
        }
    }

    /** e^x, and of it each weight's. */
    private void expand(final Reals x) {
        kernels.update().apply(Update.Function.EXP, x, coefficients);
        kernels.sparse().multiply(expansion, null, coefficients, weightCoefficientRows);
    }

    /** out = e^x ⊙ Eᵀ(u ⊙ v). */
    private void collect(final Reals u, final Reals v, final Reals out) {
        kernels.update().multiply(u, v, products);
        clear(out);
        kernels.sparse().multiplyTransposed(expansion, null, productRows, out);
        kernels.update().multiply(coefficients, out, out);
    }

    private void value(final LinearModel model, final Sample sample, final Reals y, final Reals value) {
        if (value != null) {
            kernels.update().dot(mean(sample), model.losses(), value);
            kernels.update().multiply(weightCoefficients, y, products);
            kernels.update().dot(products, y, scalar);
            kernels.update().axpy(0.5, scalar, value);
        }
    }

    private void gradient(final LinearModel model, final Sample sample, final Reals y, final Reals gradient) {
        if (gradient != null) {
            kernels.update().multiply(weightCoefficients, y, gradient);
            model.backward(mean(sample), gradient);
        }
    }
}
