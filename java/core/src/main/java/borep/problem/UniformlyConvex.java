package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;
import java.util.Arrays;
import java.util.Optional;

/**
 * A lower level that is uniformly, but for exponents above 2 not strongly convex: the synthetic problem of the public UniBiO code
 * (Gong, Hao, Liu: bilevel optimisation with a uniformly convex lower level), coordinate by coordinate:
 *
 * <pre>
 *   g = Σ y_i^p / p − y_i sin x_i,   f = Σ sin(y_i^(p−1)),   p even
 *   y* = sin(x)^(1/(p−1)),   z* = cos(sin x),   Φ = Σ sin(sin x_i),   ∇Φ = cos(x) ⊙ cos(sin x)
 * </pre>
 *
 * <p>Minimisers are x_i = −π/2 + 2πk with Φ* = −n sin 1. Where sin x = 0 and p &gt; 2 the Hessian (p − 1) y*^(p−2) is 0: there z* is
 * the limit, and no method that solves the linear system sees it. Deterministic. {@link NoisyProblem} adds noise.
 */
public final class UniformlyConvex extends VectorProblem {
    private final int exponent;
    private final Reals power;
    private final Reals buffer;
    private final Reals ones;

    /**
     * The problem on {@code device}.
     *
     * @param exponent p, even, at least 2
     * @param x0       [n] starting point; y starts at 0
     * @throws IllegalArgumentException if p is odd or below 2
     */
    public UniformlyConvex(final Device device, final int exponent, final double... x0) {
        super(device, x0, x0.length);
        if (exponent < 2 || exponent % 2 != 0) {
            throw new IllegalArgumentException("exponent " + exponent + ": must be even and at least 2");
        }
        this.exponent = exponent;
        power = device.reals(x0.length);
        buffer = device.reals(x0.length);
        ones = device.reals(x0.length);
        update.fill(ones, 1);
    }

    /** Through y alone. */
    @Override
    public boolean upperSeesX() {
        return false;
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        raise(y, exponent - 1);
        if (out.value() != null) {
            update.apply(Update.Function.SIN, power, buffer);
            update.dot(buffer, ones, out.value());
        }
        if (out.gradientX() != null) {
            update.fill(out.gradientX(), 0);
        }
        if (out.gradientY() != null) {
            update.apply(Update.Function.COS, power, out.gradientY());
            raise(y, exponent - 2);
            update.multiply(power, out.gradientY(), out.gradientY());
            update.scale(exponent - 1, out.gradientY());
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
            raise(y, exponent - 2);
            update.multiply(power, z, out.product());
            update.scale(exponent - 1, out.product());
        }
        if (out.mixed() != null) {
            mixed(x, z, out.mixed());
        }
    }

    /** power = y^n. */
    private void raise(final Reals y, final int n) {
        update.fill(power, 1);
        for (int i = 0; i < n; i++) {
            update.multiply(y, power, power);
        }
    }

    private void value(final Reals x, final Reals y, final Reals value) {
        raise(y, exponent - 1);
        update.scale(1.0 / exponent, power);
        update.apply(Update.Function.SIN, x, buffer);
        update.axpy(-1, buffer, power);
        update.dot(power, y, value);
    }

    /** y^(p−1) − sin x. */
    private void gradient(final Reals x, final Reals y, final Reals out) {
        raise(y, exponent - 1);
        update.apply(Update.Function.SIN, x, out);
        update.scale(-1, out);
        update.axpy(1, power, out);
    }

    /** −cos(x) ⊙ v: with v = y it is ∇_x g. */
    private void mixed(final Reals x, final Reals v, final Reals out) {
        update.apply(Update.Function.COS, x, out);
        update.multiply(v, out, out);
        update.scale(-1, out);
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        return Arrays.stream(x)
                .map(Math::sin)
                .map(s -> Math.copySign(Math.pow(Math.abs(s), 1.0 / (exponent - 1)), s))
                .toArray();
    }

    @Override
    public double[] systemSolution(final double[] x) {
        return Arrays.stream(x).map(xi -> Math.cos(Math.sin(xi))).toArray();
    }

    @Override
    public double objective(final double[] x) {
        return Arrays.stream(x).map(xi -> Math.sin(Math.sin(xi))).sum();
    }

    @Override
    public double[] hypergradient(final double[] x) {
        return Arrays.stream(x).map(xi -> Math.cos(xi) * Math.cos(Math.sin(xi))).toArray();
    }

    @Override
    public Optional<double[]> minimiser(final double[] x) {
        return Optional.of(Arrays.stream(x)
                .map(xi -> -Math.PI / 2 + 2 * Math.PI * Math.rint((xi + Math.PI / 2) / (2 * Math.PI)))
                .toArray());
    }
}
