package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;
import borep.model.Parameters;

/**
 * Unbounded smoothness with a closed form (algorithms.md §21.3a): g = ½ yᵀAy − s·yᵀA sin(x), f = Σ cosh(x_i) + ½ ‖y‖².
 *
 * <p>y*(x) = s sin(x) and ∇Φ(x) = sinh(x) + s² cos(x) ⊙ sin(x); for 0 &lt; s &lt; 1 the only minimiser is x = 0 with Φ* = p. The
 * second derivative grows with the gradient without bound, so gradient descent with a fixed step diverges from far out while
 * normalised momentum needs about ‖x0‖/η steps. Deterministic.
 */
public final class Cosh implements BilevelProblem {
    private final Device device;
    private final Update update;
    private final LinearMap a;
    private final double s;
    private final double[] x0;
    private final Reals lowerBuffer;
    private final Reals upperBuffer;
    private final Reals ones;
    private final Reals scalar;
    private final Parameters upperLayout;
    private final Parameters lowerLayout;

    /**
     * @param a  [p, p] symmetric positive definite
     * @param s  coupling in (0, 1)
     * @param x0 [p] starting point; y starts at y*(x0)
     */
    public Cosh(final Device device, final double[][] a, final double s, final double[] x0) {
        if (!(s > 0 && s < 1)) {
            throw new IllegalArgumentException("coupling s " + s + ": must lie in (0, 1)");
        }
        this.device = device;
        this.update = device.kernels().update();
        this.a = new LinearMap(device, a);
        this.s = s;
        this.x0 = x0.clone();
        lowerBuffer = device.reals(x0.length);
        upperBuffer = device.reals(x0.length);
        ones = device.reals(x0.length);
        update.fill(ones, 1);
        scalar = device.reals(1);
        upperLayout = Parameters.none().with("x", 1, x0.length);
        lowerLayout = Parameters.none().with("y", 1, x0.length);
    }

    @Override
    public Device device() {
        return device;
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
        x.set(x0);
        update.apply(Update.Function.SIN, x, y);
        update.scale(s, y);
    }

    @Override
    public Sample newUpperSample() {
        return ExactSample.INSTANCE;
    }

    @Override
    public Sample newLowerSample() {
        return ExactSample.INSTANCE;
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        if (out.value() != null) {
            update.apply(Update.Function.COSH, x, upperBuffer);
            update.dot(upperBuffer, ones, out.value());
            update.dot(y, y, scalar);
            update.axpy(0.5, scalar, out.value());
        }
        if (out.gradientX() != null) {
            update.apply(Update.Function.SINH, x, out.gradientX());
        }
        if (out.gradientY() != null) {
            update.copy(y, out.gradientY());
        }
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
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
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
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
        update.apply(Update.Function.SIN, x, lowerBuffer);
        update.scale(-s, lowerBuffer);
        update.axpy(1, y, lowerBuffer);
        a.apply(lowerBuffer, out);
    }

    /** −s cos(x) ⊙ (A v): with v = y it is ∇_x g. */
    private void mixed(final Reals x, final Reals v, final Reals out) {
        a.apply(v, out);
        update.apply(Update.Function.COS, x, upperBuffer);
        update.multiply(upperBuffer, out, out);
        update.scale(-s, out);
    }

    private void value(final Reals x, final Reals y, final Reals value) {
        update.apply(Update.Function.SIN, x, upperBuffer);
        update.scale(-2 * s, upperBuffer);
        update.axpy(1, y, upperBuffer);
        a.apply(upperBuffer, lowerBuffer);
        update.dot(lowerBuffer, y, value);
        update.scale(0.5, value);
    }
}
