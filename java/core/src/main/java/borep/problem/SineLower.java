package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;
import java.util.Arrays;
import java.util.Optional;

/**
 * The lower level of problems with unbounded upper smoothness: g = ½ yᵀAy − s·yᵀA sin(x), so that
 * y*(x) = s sin(x); and an upper level f = Σ φ(x_i) + ½ ‖y‖² whose φ a subclass gives. For 0 &lt; s &lt; 1 the only minimiser of
 * Φ = Σ φ(x_i) + ½ s² sin²(x_i) is x = 0. Deterministic.
 */
abstract class SineLower extends VectorProblem {
    private final double[][] matrix;
    private final LinearMap a;
    private final double s;
    private final Reals buffer;
    private final Reals image;
    private final Reals scalar;

    /**
     * @param a  [p, p] symmetric positive definite
     * @param s  coupling in (0, 1)
     * @param x0 [p] starting point; y starts at y*(x0)
     */
    SineLower(final Device device, final double[][] a, final double s, final double[] x0) {
        super(device, x0, x0.length);
        if (!(s > 0 && s < 1)) {
            throw new IllegalArgumentException("coupling s " + s + ": must lie in (0, 1)");
        }
        this.matrix = a;
        this.a = new LinearMap(device, a);
        this.s = s;
        buffer = device.reals(x0.length);
        image = device.reals(x0.length);
        scalar = device.reals(1);
    }

    /** value = Σ φ(x_i); written. */
    abstract void growth(Reals x, Reals value);

    /** slope = φ'(x); written. */
    abstract void slope(Reals x, Reals slope);

    /** φ(x), in float64. */
    abstract double growth(double x);

    /** φ'(x), in float64. */
    abstract double slope(double x);

    @Override
    public final void initialise(final Reals x, final Reals y) {
        super.initialise(x, y);
        update.apply(Update.Function.SIN, x, y);
        update.scale(s, y);
    }

    @Override
    public final void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        if (out.value() != null) {
            growth(x, out.value());
            update.dot(y, y, scalar);
            update.axpy(0.5, scalar, out.value());
        }
        if (out.gradientX() != null) {
            slope(x, out.gradientX());
        }
        if (out.gradientY() != null) {
            update.copy(y, out.gradientY());
        }
    }

    @Override
    public final void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        if (out.value() != null) {
            value(x, y, out.value());
        }
        if (out.gradientX() != null) {
            mixed(x, y, out.gradientX());
        }
        if (out.gradientY() != null) {
            gradient(x, y, out.gradientY());
        }
    }

    @Override
    public final void lowerAlong(
            final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        if (out.value() != null) {
            value(x, y, out.value());
        }
        if (out.gradient() != null) {
            gradient(x, y, out.gradient());
        }
        if (out.product() != null) {
            a.apply(z, out.product());
        }
        if (out.mixed() != null) {
            mixed(x, z, out.mixed());
        }
    }

    /** A (y − s sin x). */
    private void gradient(final Reals x, final Reals y, final Reals out) {
        update.apply(Update.Function.SIN, x, buffer);
        update.scale(-s, buffer);
        update.axpy(1, y, buffer);
        a.apply(buffer, out);
    }

    /** −s cos(x) ⊙ (A v): with v = y it is ∇_x g. */
    private void mixed(final Reals x, final Reals v, final Reals out) {
        a.apply(v, out);
        update.apply(Update.Function.COS, x, buffer);
        update.multiply(buffer, out, out);
        update.scale(-s, out);
    }

    private void value(final Reals x, final Reals y, final Reals value) {
        update.apply(Update.Function.SIN, x, buffer);
        update.scale(-2 * s, buffer);
        update.axpy(1, y, buffer);
        a.apply(buffer, image);
        update.dot(image, y, value);
        update.scale(0.5, value);
    }

    @Override
    public final double[] lowerSolution(final double[] x) {
        return Arrays.stream(x).map(xi -> s * Math.sin(xi)).toArray();
    }

    @Override
    public final double[] systemSolution(final double[] x) {
        return HostMatrix.solve(matrix, lowerSolution(x));
    }

    @Override
    public final double objective(final double[] x) {
        return Arrays.stream(x)
                .map(xi -> growth(xi) + 0.5 * s * s * Math.sin(xi) * Math.sin(xi))
                .sum();
    }

    @Override
    public final double[] hypergradient(final double[] x) {
        return Arrays.stream(x)
                .map(xi -> slope(xi) + s * s * Math.cos(xi) * Math.sin(xi))
                .toArray();
    }

    @Override
    public final Optional<double[]> minimiser(final double[] x) {
        return Optional.of(new double[x.length]);
    }
}
