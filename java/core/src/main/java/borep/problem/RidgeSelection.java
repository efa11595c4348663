package borep.problem;

import borep.device.Device;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Update;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * Selection of ridge regression's hyperparameter by a validation set: x are the logarithms of the coefficients,
 * one for every weight or one for all of them.
 *
 * <pre>
 *   g = 1/2n ‖Xy − t‖² + ½ Σ e^(x_j) y_j²,   f = 1/2m ‖X_v y − t_v‖²
 *   y* = H⁻¹ Xᵀt/n with H = XᵀX/n + diag(e^x),   z* = H⁻¹ X_vᵀ(X_v y* − t_v)/m,   ∇Φ = −e^x ⊙ y* ⊙ z*
 * </pre>
 *
 * <p>With one coefficient the minimiser is where Φ' changes its sign, found by bisection. For an orthonormal design (X = √n I,
 * X_v = √m I) it is λ* = e^x* = ‖a‖² / aᵀb − 1 with a = Xᵀt/n, b = X_vᵀt_v/m, if 0 &lt; aᵀb &lt; ‖a‖². Deterministic.
 */
public final class RidgeSelection extends VectorProblem {
    /** Coefficients outside e^±16 are none that a validation set would choose. */
    private static final double WIDEST = 16;

    private static final double STRIDE = 0.25;
    private static final int BISECTIONS = 60;
    private static final int PURPOSE = 0x52494447;

    /**
     * The problem's data.
     *
     * @param design            [n, q] X
     * @param targets           [n] t
     * @param validationDesign  [m, q] X_v
     * @param validationTargets [m] t_v
     * @param shared            whether all weights share one coefficient
     * @param x0                logarithm that every coefficient starts from; y starts at 0
     */
    public record Data(
            double[][] design,
            double[] targets,
            double[][] validationDesign,
            double[] validationTargets,
            boolean shared,
            double x0) {

        /**
         * Normal features of falling scale, targets of normal weights with noise: n training and m validation samples.
         *
         * @param noise standard deviation of the targets' noise
         */
        public static Data random(
                final int n,
                final int m,
                final int q,
                final double noise,
                final boolean shared,
                final double x0,
                final long seed) {
            final double[][] design = design(n, q, seed, 0);
            final double[][] validation = design(m, q, seed, 1);
            final double[] weights = new double[q];
            Arrays.setAll(weights, j -> Philox.normal(seed, j, PURPOSE, 2));
            return new Data(
                    design,
                    targets(design, weights, noise, seed, 3),
                    validation,
                    targets(validation, weights, noise, seed, 4),
                    shared,
                    x0);
        }

        private static double[][] design(final int rows, final int q, final long seed, final int lane) {
            final double[][] design = new double[rows][q];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < q; j++) {
                    design[i][j] = Philox.normal(seed, (long) i * q + j, PURPOSE, lane) / Math.sqrt(1 + j);
                }
            }
            return design;
        }

        private static double[] targets(
                final double[][] design, final double[] weights, final double noise, final long seed, final int lane) {
            final double[] targets = HostMatrix.times(design, weights);
            for (int i = 0; i < targets.length; i++) {
                targets[i] += noise * Philox.normal(seed, i, PURPOSE, lane);
            }
            return targets;
        }
    }

    private final Data data;
    /** XᵀX/n and Xᵀt/n. */
    private final double[][] gram;

    private final double[] correlation;
    /** Found when somebody asks. */
    private double[] minimisers;

    private final LinearMap design;
    private final LinearMap validationDesign;
    private final Reals targets;
    private final Reals validationTargets;
    private final Reals coefficients;
    private final Reals residual;
    private final Reals validationResidual;
    private final Reals penalties;
    private final Reals ones;
    private final Reals buffer;
    private final Reals scalar;

    /** The problem with this data on {@code device}. */
    public RidgeSelection(final Device device, final Data data) {
        super(device, filled(data.shared() ? 1 : data.design()[0].length, data.x0()), data.design()[0].length);
        this.data = data;
        gram = gram(data);
        correlation = HostMatrix.scaled(
                1.0 / data.targets().length, HostMatrix.transposeTimes(data.design(), data.targets()));
        design = new LinearMap(device, data.design());
        validationDesign = new LinearMap(device, data.validationDesign());
        targets = reals(data.targets());
        validationTargets = reals(data.validationTargets());
        coefficients = device.reals(upperSize());
        residual = device.reals(data.targets().length);
        validationResidual = device.reals(data.validationTargets().length);
        penalties = device.reals(upperSize());
        ones = device.reals(upperSize());
        update.fill(ones, 1);
        buffer = device.reals(lowerSize());
        scalar = device.reals(1);
    }

    private static double[] filled(final int size, final double value) {
        final double[] values = new double[size];
        Arrays.fill(values, value);
        return values;
    }

    /** Through y alone. */
    @Override
    public boolean upperSeesX() {
        return false;
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        validationDesign.apply(y, validationResidual);
        update.axpy(-1, validationTargets, validationResidual);
        final int m = data.validationTargets().length;
        if (out.value() != null) {
            update.dot(validationResidual, validationResidual, out.value());
            update.scale(0.5 / m, out.value());
        }
        if (out.gradientX() != null) {
            update.fill(out.gradientX(), 0);
        }
        if (out.gradientY() != null) {
            validationDesign.transpose(validationResidual, out.gradientY());
            update.scale(1.0 / m, out.gradientY());
        }
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        update.apply(Update.Function.EXP, x, coefficients);
        if (out.value() != null) {
            value(y, out.value());
        }
        if (out.gradientX() != null) {
            mixed(y, y, out.gradientX());
            update.scale(0.5, out.gradientX());
        }
        if (out.gradientY() != null) {
            gradient(y, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        update.apply(Update.Function.EXP, x, coefficients);
        if (out.value() != null) {
            value(y, out.value());
        }
        if (out.gradient() != null) {
            gradient(y, out.gradient());
        }
        if (out.product() != null) {
            design.apply(z, residual);
            design.transpose(residual, out.product());
            update.scale(1.0 / targets.size(), out.product());
            addPenalty(z, out.product());
        }
        if (out.mixed() != null) {
            mixed(y, z, out.mixed());
        }
    }

    /** Xᵀ(Xy − t)/n + e^x ⊙ y. */
    private void gradient(final Reals y, final Reals out) {
        design.apply(y, residual);
        update.axpy(-1, targets, residual);
        design.transpose(residual, out);
        update.scale(1.0 / targets.size(), out);
        addPenalty(y, out);
    }

    /** out += e^x ⊙ v. */
    private void addPenalty(final Reals v, final Reals out) {
        if (data.shared()) {
            update.axpy(1, coefficients, v, out);
        } else {
            update.multiply(coefficients, v, buffer);
            update.axpy(1, buffer, out);
        }
    }

    /** e^x ⊙ y ⊙ v, or e^x ⟨y, v⟩. */
    private void mixed(final Reals y, final Reals v, final Reals out) {
        if (data.shared()) {
            update.dot(y, v, out);
        } else {
            update.multiply(y, v, out);
        }
        update.multiply(coefficients, out, out);
    }

    private void value(final Reals y, final Reals value) {
        design.apply(y, residual);
        update.axpy(-1, targets, residual);
        update.dot(residual, residual, value);
        update.scale(0.5 / targets.size(), value);
        mixed(y, y, penalties);
        update.dot(penalties, ones, scalar);
        update.axpy(0.5, scalar, value);
    }

    private static double[][] gram(final Data data) {
        final int q = data.design()[0].length;
        final double[][] gram = new double[q][q];
        for (final double[] row : data.design()) {
            for (int i = 0; i < q; i++) {
                for (int j = 0; j < q; j++) {
                    gram[i][j] += row[i] * row[j] / data.targets().length;
                }
            }
        }
        return gram;
    }

    private double[][] hessian(final double[] x) {
        final double[][] h = new double[gram.length][];
        for (int i = 0; i < h.length; i++) {
            h[i] = gram[i].clone();
            h[i][i] += Math.exp(x[data.shared() ? 0 : i]);
        }
        return h;
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        return HostMatrix.solve(hessian(x), correlation);
    }

    @Override
    public double[] systemSolution(final double[] x) {
        final double[] misses = misses(x);
        return HostMatrix.solve(
                hessian(x),
                HostMatrix.scaled(1.0 / misses.length, HostMatrix.transposeTimes(data.validationDesign(), misses)));
    }

    /** X_v y* − t_v. */
    private double[] misses(final double[] x) {
        return HostMatrix.plus(
                HostMatrix.times(data.validationDesign(), lowerSolution(x)), -1, data.validationTargets());
    }

    @Override
    public double objective(final double[] x) {
        final double[] misses = misses(x);
        return HostMatrix.dot(misses, misses) / (2 * misses.length);
    }

    @Override
    public double[] hypergradient(final double[] x) {
        final double[] y = lowerSolution(x);
        final double[] z = systemSolution(x);
        final double[] out = new double[x.length];
        for (int j = 0; j < y.length; j++) {
            out[data.shared() ? 0 : j] -= Math.exp(x[data.shared() ? 0 : j]) * y[j] * z[j];
        }
        return out;
    }

    @Override
    public Optional<double[]> minimiser(final double[] x) {
        if (!data.shared()) {
            return Optional.empty();
        }
        if (minimisers == null) {
            minimisers = minimisers();
        }
        return Arrays.stream(minimisers)
                .boxed()
                .min(Comparator.comparingDouble(root -> Math.abs(root - x[0])))
                .map(root -> new double[] {root});
    }

    /** Where Φ' goes from below to above 0. */
    private double[] minimisers() {
        return DoubleStream.iterate(-WIDEST, left -> left < WIDEST, left -> left + STRIDE)
                .filter(left -> slope(left) < 0 && slope(left + STRIDE) >= 0)
                .map(this::bisect)
                .toArray();
    }

    private double bisect(final double left) {
        double low = left;
        double high = left + STRIDE;
        for (int k = 0; k < BISECTIONS; k++) {
            final double middle = (low + high) / 2;
            if (slope(middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private double slope(final double x) {
        return hypergradient(new double[] {x})[0];
    }
}
