package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;

/**
 * Unbounded smoothness with a closed form: g = ½ yᵀAy − s·yᵀA sin(x), f = Σ cosh(x_i) + ½ ‖y‖².
 *
 * <p>y*(x) = s sin(x) and ∇Φ(x) = sinh(x) + s² cos(x) ⊙ sin(x); for 0 &lt; s &lt; 1 the only minimiser is x = 0 with Φ* = p. The
 * second derivative grows with the gradient without bound, so gradient descent with a fixed step diverges from far out while
 * normalised momentum needs about ‖x0‖/η steps. Deterministic.
 */
public final class Cosh extends SineLower {
    private final Reals buffer;
    private final Reals ones;

    /**
     * The problem on {@code device}.
     *
     * @param a  [p, p] symmetric positive definite
     * @param s  coupling in (0, 1)
     * @param x0 [p] starting point; y starts at y*(x0)
     * @throws IllegalArgumentException if s is out of its range
     */
    public Cosh(final Device device, final double[][] a, final double s, final double[] x0) {
        super(device, a, s, x0);
        buffer = device.reals(x0.length);
        ones = device.reals(x0.length);
        update.fill(ones, 1);
    }

    @Override
    void growth(final Reals x, final Reals value) {
        update.apply(Update.Function.COSH, x, buffer);
        update.dot(buffer, ones, value);
    }

    @Override
    void slope(final Reals x, final Reals slope) {
        update.apply(Update.Function.SINH, x, slope);
    }

    @Override
    double growth(final double x) {
        return Math.cosh(x);
    }

    @Override
    double slope(final double x) {
        return Math.sinh(x);
    }
}
