package borep.problem;

import borep.device.Device;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Update;
import java.util.Optional;

/**
 * The master test problem with a known solution:
 * g = ½ yᵀAy + yᵀ(Bx + c), f = ½ ‖Cy − d‖² + ½ρ ‖x‖² + κ Σ (cosh x_i − 1).
 *
 * <p>y*(x) = −A⁻¹(Bx + c), z*(x) = A⁻¹Cᵀ(Cy* − d), ∇Φ(x) = ρx + κ sinh(x) − Bᵀz*(x). With κ = 0 the minimiser solves
 * (ρI + MᵀM) x = −Mᵀe with M = −CA⁻¹B and e = −CA⁻¹c − d. With κ &gt; 0 the upper level is (L0, L1)-smooth but not L-smooth: its
 * curvature grows with its gradient, the setting BO-REP is made for. Deterministic. {@link NoisyProblem} adds noise.
 */
public final class Quadratic extends VectorProblem {
    /** More than quadratic convergence needs from anywhere that cosh can be computed. */
    private static final int NEWTON_STEPS = 100;

    /**
     * The problem's data.
     *
     * @param a     [q, q] symmetric positive definite
     * @param b     [q, p]
     * @param c     [q]
     * @param cUp   [r, q] the matrix C
     * @param d     [r]
     * @param rho   ρ, not negative
     * @param kappa κ, not negative
     * @param x0    [p] starting point; y starts at 0
     */
    public record Data(
            double[][] a, double[][] b, double[] c, double[][] cUp, double[] d, double rho, double kappa, double[] x0) {
        private static final int PURPOSE = 0x51554144;

        /** The worked instance that most tables of the tests are for: two variables a level, from x0 = (1, 2). */
        public static Data worked(final double kappa) {
            return new Data(
                    new double[][] {{2, .5}, {.5, 1}},
                    new double[][] {{1, 0}, {.5, -1}},
                    new double[] {.1, -.2},
                    new double[][] {{1, .5}, {0, 1}},
                    new double[] {1, -1},
                    .1,
                    kappa,
                    new double[] {1, 2});
        }

        /**
         * A random instance: A with eigenvalues evenly spaced by their logarithms from 1/condition to 1 in random directions, the
         * others' entries normal, with B and C of norm near 1.
         */
        public static Data random(
                final int p,
                final int q,
                final double condition,
                final double rho,
                final double kappa,
                final long seed) {
            final double[] eigenvalues = new double[q];
            for (int i = 0; i < q; i++) {
                eigenvalues[i] = q == 1 ? 1 : Math.pow(condition, -(double) i / (q - 1));
            }
            return new Data(
                    HostMatrix.symmetric(eigenvalues, seed),
                    normal(q, p, seed, 0),
                    normal(1, q, seed, 1)[0],
                    normal(q, q, seed, 2),
                    normal(1, q, seed, 3)[0],
                    rho,
                    kappa,
                    HostMatrix.scaled(Math.sqrt(p), normal(1, p, seed, 4)[0]));
        }

        /** Independent entries with the variance 1 / columns. */
        private static double[][] normal(final int rows, final int columns, final long seed, final int lane) {
            final double[][] matrix = new double[rows][columns];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    matrix[i][j] = Philox.normal(seed, (long) i * columns + j, PURPOSE, lane) / Math.sqrt(columns);
                }
            }
            return matrix;
        }
    }

    private final Data data;
    private final LinearMap a;
    private final LinearMap b;
    private final LinearMap c;
    private final Reals offset;
    private final Reals target;
    private final Reals ones;
    private final Reals lowerBuffer;
    private final Reals upperBuffer;
    private final Reals residual;
    private final Reals scalar;

    /** The problem with this data on {@code device}. */
    public Quadratic(final Device device, final Data data) {
        super(device, data.x0(), data.c().length);
        this.data = data;
        a = new LinearMap(device, data.a());
        b = new LinearMap(device, data.b());
        c = new LinearMap(device, data.cUp());
        offset = reals(data.c());
        target = reals(data.d());
        ones = device.reals(data.x0().length);
        update.fill(ones, 1);
        lowerBuffer = device.reals(data.c().length);
        upperBuffer = device.reals(data.x0().length);
        residual = device.reals(data.d().length);
        scalar = device.reals(1);
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        c.apply(y, residual);
        update.axpy(-1, target, residual);
        if (out.value() != null) {
            update.fill(out.value(), 0);
            addDot(0.5, residual, residual, out.value());
            addDot(0.5 * data.rho(), x, x, out.value());
            if (data.kappa() != 0) { // else 0 · ∞ far out
                update.apply(Update.Function.COSH, x, upperBuffer);
                update.axpy(-1, ones, upperBuffer);
                addDot(data.kappa(), upperBuffer, ones, out.value());
            }
        }
        if (out.gradientX() != null) {
            if (data.kappa() == 0) {
                update.fill(out.gradientX(), 0);
            } else {
                update.apply(Update.Function.SINH, x, out.gradientX());
                update.scale(data.kappa(), out.gradientX());
            }
            update.axpy(data.rho(), x, out.gradientX());
        }
        if (out.gradientY() != null) {
            c.transpose(residual, out.gradientY());
        }
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        if (out.value() != null) {
            value(x, y, out.value());
        }
        if (out.gradientX() != null) {
            b.transpose(y, out.gradientX());
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
            b.transpose(z, out.mixed());
        }
    }

    private void gradient(final Reals x, final Reals y, final Reals out) {
        a.apply(y, out);
        b.apply(x, lowerBuffer);
        update.axpy(1, lowerBuffer, out);
        update.axpy(1, offset, out);
    }

    private void value(final Reals x, final Reals y, final Reals value) {
        update.fill(value, 0);
        a.apply(y, lowerBuffer);
        addDot(0.5, lowerBuffer, y, value);
        b.apply(x, lowerBuffer);
        update.axpy(1, offset, lowerBuffer);
        addDot(1, lowerBuffer, y, value);
    }

    private void addDot(final double factor, final Reals u, final Reals v, final Reals value) {
        update.dot(u, v, scalar);
        update.axpy(factor, scalar, value);
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        return HostMatrix.solve(
                data.a(), HostMatrix.plus(HostMatrix.scaled(-1, HostMatrix.times(data.b(), x)), -1, data.c()));
    }

    @Override
    public double[] systemSolution(final double[] x) {
        return HostMatrix.solve(data.a(), HostMatrix.transposeTimes(data.cUp(), misfit(lowerSolution(x))));
    }

    /** Cy − d. */
    private double[] misfit(final double[] y) {
        return HostMatrix.plus(HostMatrix.times(data.cUp(), y), -1, data.d());
    }

    @Override
    public double objective(final double[] x) {
        final double[] e = misfit(lowerSolution(x));
        double growth = 0;
        for (final double xi : x) {
            growth += data.kappa() == 0 ? 0 : data.kappa() * (Math.cosh(xi) - 1);
        }
        return 0.5 * HostMatrix.dot(e, e) + 0.5 * data.rho() * HostMatrix.dot(x, x) + growth;
    }

    @Override
    public double[] hypergradient(final double[] x) {
        final double[] gradient = HostMatrix.scaled(-1, HostMatrix.transposeTimes(data.b(), systemSolution(x)));
        for (int i = 0; i < x.length; i++) {
            gradient[i] += data.rho() * x[i] + slope(x[i]);
        }
        return gradient;
    }

    /** κ sinh(x), also where sinh overflows and κ = 0. */
    private double slope(final double x) {
        return data.kappa() == 0 ? 0 : data.kappa() * Math.sinh(x);
    }

    /** Where κ &gt; 0 by Newton's method from the minimiser without growth; Φ is strictly convex. */
    @Override
    public Optional<double[]> minimiser(final double[] x) {
        double[] at = HostMatrix.stationaryPoint(this::withoutGrowth, x.length);
        for (int k = 0; data.kappa() > 0 && k < NEWTON_STEPS; k++) {
            double[] step = HostMatrix.solve(hessian(at), hypergradient(at));
            while (objective(HostMatrix.plus(at, -1, step)) > objective(at)) {
                step = HostMatrix.scaled(0.5, step); // at last so short that nothing moves
            }
            at = HostMatrix.plus(at, -1, step);
        }
        return Optional.of(at);
    }

    /** The affine part of ∇Φ. */
    private double[] withoutGrowth(final double[] x) {
        final double[] gradient = hypergradient(x);
        for (int i = 0; i < x.length; i++) {
            gradient[i] -= slope(x[i]);
        }
        return gradient;
    }

    private double[][] hessian(final double[] x) {
        final double[][] hessian = new double[x.length][x.length];
        final double[] atZero = withoutGrowth(new double[x.length]);
        for (int j = 0; j < x.length; j++) {
            final double[] unit = new double[x.length];
            unit[j] = 1;
            final double[] column = HostMatrix.plus(withoutGrowth(unit), -1, atZero);
            for (int i = 0; i < x.length; i++) {
                hessian[i][j] = column[i];
            }
            hessian[j][j] += data.kappa() * Math.cosh(x[j]);
        }
        return hessian;
    }
}
