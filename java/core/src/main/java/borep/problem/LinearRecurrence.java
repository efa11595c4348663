package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import java.util.Optional;

/**
 * The smallest recurrent model, h_t = w h_{t−1} read out by y after T steps: the weight w = x belongs to the
 * upper level, the readout to the lower one, and both want it to give a number:
 *
 * <pre>
 *   g = ½ (y w^T − a)² + ½ μ y²,   f = ½ (y w^T − b)²
 *   y* = a w^T / (w^2T + μ),   z* = (u a − b) w^T / (w^2T + μ)   with u = w^2T / (w^2T + μ)
 *   Φ' = (a u − b) · a · 2T w^(2T−1) μ / (w^2T + μ)²,   w* = (μ b / (a − b))^(1/2T),   Φ* = 0
 * </pre>
 *
 * <p>A power of w stands in every derivative, as in a long recurrence: the gradient vanishes for |w| &lt; 1 and explodes beyond. The lower
 * level's smoothness is unbounded in w too, which none of the theories covers: a stress test. Deterministic.
 */
public final class LinearRecurrence extends VectorProblem {
    private final int steps;
    private final double a;
    private final double b;
    private final double mu;
    /** w^T, T w^(T−1), y w^T − a or − b, and what is added to it. */
    private final Reals power;

    private final Reals slope;
    private final Reals misfit;
    private final Reals one;
    private final Reals buffer;

    /**
     * The problem on {@code device}.
     *
     * @param steps T, at least 1
     * @param a     what the lower level wants
     * @param b     what the upper level wants, in (0, a)
     * @param mu    μ, positive
     * @param w0    starting point; y starts at 0
     * @throws IllegalArgumentException if one of them is out of its range
     */
    public LinearRecurrence(
            final Device device, final int steps, final double a, final double b, final double mu, final double w0) {
        super(device, new double[] {w0}, 1);
        require(steps >= 1, "steps " + steps + ": must be at least 1");
        require(b > 0 && b < a, "target b " + b + ": must lie between 0 and a = " + a);
        require(mu > 0, "mu " + mu + ": must be positive");
        this.steps = steps;
        this.a = a;
        this.b = b;
        this.mu = mu;
        power = device.reals(1);
        slope = device.reals(1);
        misfit = device.reals(1);
        one = reals(1);
        buffer = device.reals(1);
    }

    private static void require(final boolean rule, final String sentence) {
        if (!rule) {
            throw new IllegalArgumentException(sentence);
        }
    }

    /** Writes power, slope and misfit = y w^T − target. */
    private void run(final Reals w, final Reals y, final double target) {
        update.fill(slope, 1);
        for (int t = 1; t < steps; t++) {
            update.multiply(w, slope, slope);
        }
        update.multiply(w, slope, power);
        update.scale(steps, slope);
        update.multiply(y, power, misfit);
        update.axpy(-target, one, misfit);
    }

    @Override
    public void upper(final Reals w, final Reals y, final Sample sample, final FirstOrder out) {
        run(w, y, b);
        if (out.value() != null) {
            halfSquare(misfit, out.value());
        }
        if (out.gradientX() != null) {
            update.multiply(y, slope, out.gradientX());
            update.multiply(misfit, out.gradientX(), out.gradientX());
        }
        if (out.gradientY() != null) {
            update.multiply(misfit, power, out.gradientY());
        }
    }

    @Override
    public void lower(final Reals w, final Reals y, final Sample sample, final FirstOrder out) {
        run(w, y, a);
        if (out.value() != null) {
            value(y, out.value());
        }
        if (out.gradientX() != null) {
            update.multiply(y, slope, out.gradientX());
            update.multiply(misfit, out.gradientX(), out.gradientX());
        }
        if (out.gradientY() != null) {
            gradient(y, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals w, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        run(w, y, a);
        if (out.value() != null) {
            value(y, out.value());
        }
        if (out.gradient() != null) {
            gradient(y, out.gradient());
        }
        if (out.product() != null) { // (w^2T + μ) z
            update.multiply(power, z, out.product());
            update.multiply(power, out.product(), out.product());
            update.axpy(mu, z, out.product());
        }
        if (out.mixed() != null) { // z · T w^(T−1) (2 y w^T − a)
            update.multiply(y, power, out.mixed());
            update.axpy(1, misfit, out.mixed());
            update.multiply(slope, out.mixed(), out.mixed());
            update.multiply(z, out.mixed(), out.mixed());
        }
    }

    private void value(final Reals y, final Reals value) {
        halfSquare(misfit, value);
        halfSquare(y, buffer);
        update.axpy(mu, buffer, value);
    }

    private void gradient(final Reals y, final Reals out) {
        update.multiply(misfit, power, out);
        update.axpy(mu, y, out);
    }

    private void halfSquare(final Reals v, final Reals out) {
        update.multiply(v, v, out);
        update.scale(0.5, out);
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        final double power = Math.pow(x[0], steps);
        return new double[] {a * power / (power * power + mu)};
    }

    @Override
    public double[] systemSolution(final double[] x) {
        final double power = Math.pow(x[0], steps);
        return new double[] {(lowerSolution(x)[0] * power - b) * power / (power * power + mu)};
    }

    @Override
    public double objective(final double[] x) {
        final double misses = lowerSolution(x)[0] * Math.pow(x[0], steps) - b;
        return 0.5 * misses * misses;
    }

    @Override
    public double[] hypergradient(final double[] x) {
        final double square = Math.pow(x[0], 2 * steps);
        final double u = square / (square + mu);
        return new double[] {
            (a * u - b) * a * 2 * steps * Math.pow(x[0], 2 * steps - 1) * mu / ((square + mu) * (square + mu))
        };
    }

    /** ±w*: Φ sees w only through w². */
    @Override
    public Optional<double[]> minimiser(final double[] x) {
        return Optional.of(new double[] {Math.copySign(Math.pow(mu * b / (a - b), 0.5 / steps), x[0])});
    }
}
