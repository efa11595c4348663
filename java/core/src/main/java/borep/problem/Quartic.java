package borep.problem;

import borep.device.Device;
import borep.device.Reals;

/**
 * Unbounded smoothness of polynomial growth: g = ½ yᵀAy − s·yᵀA sin(x), f = ¼ Σ x_i⁴ + ½ ‖y‖².
 *
 * <p>y*(x) = s sin(x) and ∇Φ(x) = x³ + s² cos(x) ⊙ sin(x), (L0, L1)-smooth for every L1 &gt; 0; the only minimiser is x = 0 with
 * Φ* = 0. Deterministic.
 */
public final class Quartic extends SineLower {
    private final Reals square;

    /**
     * The problem on {@code device}.
     *
     * @param a  [p, p] symmetric positive definite
     * @param s  coupling in (0, 1)
     * @param x0 [p] starting point; y starts at y*(x0)
     * @throws IllegalArgumentException if s is out of its range
     */
    public Quartic(final Device device, final double[][] a, final double s, final double[] x0) {
        super(device, a, s, x0);
        square = device.reals(x0.length);
    }

    @Override
    void growth(final Reals x, final Reals value) {
        update.multiply(x, x, square);
        update.dot(square, square, value);
        update.scale(0.25, value);
    }

    @Override
    void slope(final Reals x, final Reals slope) {
        update.multiply(x, x, slope);
        update.multiply(x, slope, slope);
    }

    @Override
    double growth(final double x) {
        return x * x * x * x / 4;
    }

    @Override
    double slope(final double x) {
        return x * x * x;
    }
}
