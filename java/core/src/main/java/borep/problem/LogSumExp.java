package borep.problem;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Rows;
import borep.kernel.Update;
import java.util.Arrays;

/**
 * The synthetic problem of LancBiO (Yang, Gao, Yuan: LancBiO: Dynamic Lanczos-aided Bilevel Optimization via Krylov Subspace, ICLR 2025,
 * §4), a lower level whose Hessian changes with both variables and is ill conditioned at will:
 *
 * <pre>
 *   f = 0.1 cos(xᵀ(c ⊙ y)) + ½ ‖d ⊙ x − y‖²
 *   g = γ Σ sin(x_i + y_i) + log Σ exp(x_i y_i) + ½ yᵀ(e ⊙ y) + ½ yᵀGy
 * </pre>
 *
 * <p>With e ≥ 0 and G ⪰ I it is (1 − γ)-strongly convex in y. Nothing is known in closed form: y*(x) comes from Newton's method, z*(x)
 * from a dense system, in float64, which costs n³ operations and is what an exact evaluation of ∇Φ takes. The sum of exponentials is
 * taken without overflow ({@link Loss}; the public code overflows). Deterministic.
 */
public final class LogSumExp extends VectorProblem {
    private static final double RIPPLE = 0.1;
    private static final int MOST_NEWTON_STEPS = 100;
    private static final double NEWTON_PRECISION = 1e-13;

    private static final int PURPOSE = 0x4C53455F;
    private static final int LANE_C = 0;
    private static final int LANE_D = 1;
    private static final int LANE_E = 2;
    private static final int LANE_START = 3;

    /**
     * The problem's data.
     *
     * @param gamma γ in [0, 1)
     * @param c     [n]
     * @param d     [n]
     * @param e     [n] not negative
     * @param g     [n, n] symmetric, its least eigenvalue at least 1
     * @param x0    [n] starting point; y starts at 0
     */
    public record Data(double gamma, double[] c, double[] d, double[] e, double[][] g, double[] x0) {
        /**
         * Checks the range.
         *
         * @throws IllegalArgumentException if γ is out of it
         */
        public Data {
            if (!(gamma >= 0 && gamma < 1)) {
                throw new IllegalArgumentException("gamma " + gamma + ": must lie in [0, 1)");
            }
        }

        /**
         * The paper's distribution: c ~ U(−5, 5), d ~ U(0.1, 1.1), e ~ U(0, γ), G with eigenvalues evenly spaced from 1 to
         * {@code condition} in random directions, x0 ~ N(0, I).
         */
        public static Data random(final int n, final double gamma, final double condition, final long seed) {
            final double[] eigenvalues = new double[n];
            for (int i = 0; i < n; i++) {
                eigenvalues[i] = n == 1 ? 1 : 1 + (condition - 1) * i / (n - 1);
            }
            final double[] x0 = new double[n];
            Arrays.setAll(x0, i -> Philox.normal(seed, i, PURPOSE, LANE_START));
            return new Data(
                    gamma,
                    uniform(n, -5, 5, seed, LANE_C),
                    uniform(n, .1, 1.1, seed, LANE_D),
                    uniform(n, 0, gamma, seed, LANE_E),
                    HostMatrix.symmetric(eigenvalues, seed),
                    x0);
        }

        private static double[] uniform(
                final int n, final double from, final double to, final long seed, final int lane) {
            final double[] values = new double[n];
            Arrays.setAll(values, i -> from + (to - from) * Philox.uniform(seed, i, PURPOSE, lane));
            return values;
        }
    }

    private final Data data;
    private final LinearMap g;
    private final Reals c;
    private final Reals d;
    private final Reals e;
    private final Reals ones;
    private final Loss loss;
    private final Loss.Tape tape;
    private final Ints first;
    private final Reals one;
    /** x ⊙ y, softmax(x ⊙ y), a direction of x ⊙ y and the derivative of the softmax along it. */
    private final Reals exponents;

    private final Reals shares;
    private final Reals direction;
    private final Reals change;
    private final Reals buffer;
    private final Reals scalar;

    /** The problem with this data on {@code device}. */
    public LogSumExp(final Device device, final Data data) {
        super(device, data.x0(), data.x0().length);
        this.data = data;
        final int n = data.x0().length;
        g = new LinearMap(device, data.g());
        c = reals(data.c());
        d = reals(data.d());
        e = reals(data.e());
        ones = device.reals(n);
        update.fill(ones, 1);
        loss = device.kernels().loss();
        tape = loss.tape(1, n);
        first = device.ints(1);
        one = ones.slice(0, 1);
        exponents = device.reals(n);
        shares = device.reals(n);
        direction = device.reals(n);
        change = device.reals(n);
        buffer = device.reals(n);
        scalar = device.reals(1);
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        update.multiply(c, x, buffer);
        update.dot(buffer, y, scalar); // xᵀ(c ⊙ y)
        if (out.value() != null) {
            update.apply(Update.Function.COS, scalar, out.value());
            update.scale(RIPPLE, out.value());
        }
        update.apply(Update.Function.SIN, scalar, scalar);
        if (out.gradientY() != null) {
            update.fill(out.gradientY(), 0);
            update.axpy(-RIPPLE, scalar, buffer, out.gradientY());
        }
        if (out.gradientX() != null) {
            update.multiply(c, y, buffer);
            update.fill(out.gradientX(), 0);
            update.axpy(-RIPPLE, scalar, buffer, out.gradientX());
        }
        update.multiply(d, x, buffer);
        update.axpy(-1, y, buffer); // d ⊙ x − y
        if (out.value() != null) {
            update.dot(buffer, buffer, scalar);
            update.axpy(0.5, scalar, out.value());
        }
        if (out.gradientY() != null) {
            update.axpy(-1, buffer, out.gradientY());
        }
        if (out.gradientX() != null) {
            update.multiply(d, buffer, buffer);
            update.axpy(1, buffer, out.gradientX());
        }
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        soften(x, y);
        if (out.value() != null) {
            value(x, y, out.value());
        }
        if (out.gradientX() != null) {
            swing(Update.Function.COS, x, y, out.gradientX());
            update.multiply(shares, y, buffer);
            update.axpy(1, buffer, out.gradientX());
        }
        if (out.gradientY() != null) {
            gradient(x, y, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        soften(x, y);
        if (out.value() != null) {
            value(x, y, out.value());
        }
        if (out.gradient() != null) {
            gradient(x, y, out.gradient());
        }
        update.multiply(x, z, direction);
        loss.tangentBackward(tape, one, row(direction), row(change)); // p ⊙ (x ⊙ z − ⟨p, x ⊙ z⟩)
        if (out.product() != null) {
            curve(x, y, z, out.product());
            update.multiply(x, change, buffer);
            update.axpy(1, buffer, out.product());
            update.multiply(e, z, buffer);
            update.axpy(1, buffer, out.product());
            g.apply(z, buffer);
            update.axpy(1, buffer, out.product());
        }
        if (out.mixed() != null) {
            curve(x, y, z, out.mixed());
            update.multiply(shares, z, buffer);
            update.axpy(1, buffer, out.mixed());
            update.multiply(y, change, buffer);
            update.axpy(1, buffer, out.mixed());
        }
    }

    private static Rows row(final Reals values) {
        return Rows.of(values, values.size());
    }

    /** shares = softmax(x ⊙ y); the tape and scalar = log Σ exp(x_i y_i) belong to it. */
    private void soften(final Reals x, final Reals y) {
        update.multiply(x, y, exponents);
        loss.forward(tape, 1, row(exponents), first, scalar);
        update.axpy(1, exponents.slice(0, 1), scalar);
        loss.backward(tape, one, row(shares));
        update.axpy(1, one, shares.slice(0, 1));
    }

    /** out = γ function(x + y). */
    private void swing(final Update.Function function, final Reals x, final Reals y, final Reals out) {
        update.copy(x, out);
        update.axpy(1, y, out);
        update.apply(function, out, out);
        update.scale(data.gamma(), out);
    }

    /** out = −γ sin(x + y) ⊙ z: the same for both second derivatives. */
    private void curve(final Reals x, final Reals y, final Reals z, final Reals out) {
        swing(Update.Function.SIN, x, y, out);
        update.multiply(z, out, out);
        update.scale(-1, out);
    }

    /** γ cos(x + y) + p ⊙ x + e ⊙ y + Gy. */
    private void gradient(final Reals x, final Reals y, final Reals out) {
        swing(Update.Function.COS, x, y, out);
        update.multiply(shares, x, buffer);
        update.axpy(1, buffer, out);
        update.multiply(e, y, buffer);
        update.axpy(1, buffer, out);
        g.apply(y, buffer);
        update.axpy(1, buffer, out);
    }

    private void value(final Reals x, final Reals y, final Reals value) {
        update.copy(scalar, value);
        swing(Update.Function.SIN, x, y, buffer);
        update.dot(buffer, ones, scalar);
        update.axpy(1, scalar, value);
        update.multiply(e, y, buffer);
        update.dot(buffer, y, scalar);
        update.axpy(0.5, scalar, value);
        g.apply(y, buffer);
        update.dot(buffer, y, scalar);
        update.axpy(0.5, scalar, value);
    }

    /** Newton's method with halved steps while ‖∇_y g‖ would grow; quadratic near the end. */
    @Override
    public double[] lowerSolution(final double[] x) {
        double[] y = new double[x.length];
        double[] gradient = lowerGradient(x, y);
        for (int k = 0; k < MOST_NEWTON_STEPS && norm(gradient) > NEWTON_PRECISION * (1 + norm(x)); k++) {
            final double[] step = HostMatrix.solve(hessian(x, y), gradient);
            double length = 1;
            double[] next = HostMatrix.plus(y, -length, step);
            double[] slope = lowerGradient(x, next);
            while (!(norm(slope) < norm(gradient)) && length > 1e-6) {
                length /= 2;
                next = HostMatrix.plus(y, -length, step);
                slope = lowerGradient(x, next);
            }
            if (!(norm(slope) < norm(gradient))) {
                break; // as small as float64 has it
            }
            y = next;
            gradient = slope;
        }
        return y;
    }

    @Override
    public double[] systemSolution(final double[] x) {
        return systemSolution(x, lowerSolution(x));
    }

    private double[] systemSolution(final double[] x, final double[] y) {
        final double s = RIPPLE * Math.sin(ripple(x, y));
        final double[] rhs = new double[x.length];
        Arrays.setAll(rhs, i -> -s * data.c()[i] * x[i] - (data.d()[i] * x[i] - y[i]));
        return HostMatrix.solve(hessian(x, y), rhs);
    }

    @Override
    public double objective(final double[] x) {
        final double[] y = lowerSolution(x);
        double value = RIPPLE * Math.cos(ripple(x, y));
        for (int i = 0; i < x.length; i++) {
            value += 0.5 * (data.d()[i] * x[i] - y[i]) * (data.d()[i] * x[i] - y[i]);
        }
        return value;
    }

    @Override
    public double[] hypergradient(final double[] x) {
        final double[] y = lowerSolution(x);
        final double[] z = systemSolution(x, y);
        final double[] p = softmax(x, y);
        final double s = RIPPLE * Math.sin(ripple(x, y));
        double mean = 0; // ⟨p, x ⊙ z⟩
        for (int i = 0; i < x.length; i++) {
            mean += p[i] * x[i] * z[i];
        }
        final double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            final double mixed =
                    -data.gamma() * Math.sin(x[i] + y[i]) * z[i] + p[i] * (1 + x[i] * y[i]) * z[i] - p[i] * y[i] * mean;
            out[i] = -s * data.c()[i] * y[i] + data.d()[i] * (data.d()[i] * x[i] - y[i]) - mixed;
        }
        return out;
    }

    private double ripple(final double[] x, final double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * data.c()[i] * y[i];
        }
        return sum;
    }

    private static double[] softmax(final double[] x, final double[] y) {
        final double[] p = new double[x.length];
        Arrays.setAll(p, i -> x[i] * y[i]);
        final double most = Arrays.stream(p).max().orElseThrow();
        Arrays.setAll(p, i -> Math.exp(p[i] - most));
        final double sum = Arrays.stream(p).sum();
        Arrays.setAll(p, i -> p[i] / sum);
        return p;
    }

    private double[] lowerGradient(final double[] x, final double[] y) {
        final double[] p = softmax(x, y);
        final double[] out = HostMatrix.times(data.g(), y);
        for (int i = 0; i < x.length; i++) {
            out[i] += data.gamma() * Math.cos(x[i] + y[i]) + p[i] * x[i] + data.e()[i] * y[i];
        }
        return out;
    }

    private double[][] hessian(final double[] x, final double[] y) {
        final double[] p = softmax(x, y);
        final double[][] h = new double[x.length][];
        for (int i = 0; i < x.length; i++) {
            h[i] = data.g()[i].clone();
            for (int j = 0; j < x.length; j++) {
                h[i][j] -= p[i] * x[i] * p[j] * x[j];
            }
            h[i][i] += -data.gamma() * Math.sin(x[i] + y[i]) + p[i] * x[i] * x[i] + data.e()[i];
        }
        return h;
    }

    private static double norm(final double[] v) {
        return Math.sqrt(HostMatrix.dot(v, v));
    }
}
