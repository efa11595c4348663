package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;
import borep.model.Parameters;
import java.util.List;
import java.util.Optional;

/**
 * A finite sum of quadratics, with the closed form of {@link Quadratic} and noise from drawing terms (benchmark_bilevel's simulated
 * data have this structure): g = (1/n) Σ_i ½ yᵀA_i y + yᵀ(B_i x + c_i), f = (1/m) Σ_j ½ ‖C_j y − d_j‖² + ½ρ ‖x‖².
 *
 * <p>A sample is one term of its level: drawn uniformly, or taken by its number as batch i of the {@link FiniteSum}. {@link #whole} is
 * the problem without noise.
 */
public final class QuadraticSum implements SolvedProblem {
    /**
     * A term of g.
     *
     * @param a [q, q] symmetric; the mean over the terms must be positive definite
     * @param b [q, p]
     * @param c [q]
     */
    public record LowerTerm(double[][] a, double[][] b, double[] c) {}

    /**
     * A term of f.
     *
     * @param c [r, q] the matrix C, r the same for all terms
     * @param d [r]
     */
    public record UpperTerm(double[][] c, double[] d) {}

    private final Device device;
    private final Update update;
    private final Quadratic whole;
    private final double rho;
    private final long seed;
    private final int p;
    private final int q;
    private final int r;
    private final TermSample.Table lowerTable;
    private final TermSample.Table upperTable;
    private final Reals lowerBuffer;
    private final Reals residual;
    private final Reals scalar;

    /**
     * The problem on {@code device}.
     *
     * @param lowerTerms the n terms of g, at least one, all of the same sizes
     * @param upperTerms the m terms of f, at least one, all of the same sizes
     * @param rho        ρ, not negative
     * @param x0         [p] starting point; y starts at 0
     * @param seed       of the drawn terms
     */
    public QuadraticSum(
            final Device device,
            final List<LowerTerm> lowerTerms,
            final List<UpperTerm> upperTerms,
            final double rho,
            final double[] x0,
            final long seed) {
        this.device = device;
        this.rho = rho;
        this.seed = seed;
        update = device.kernels().update();
        p = x0.length;
        q = lowerTerms.getFirst().c().length;
        r = upperTerms.getFirst().d().length;
        whole = new Quadratic(device, mean(lowerTerms, upperTerms, x0));
        lowerTable = TermSample.Table.of(
                device, lowerTerms.stream().map(QuadraticSum::row).toList());
        upperTable = TermSample.Table.of(
                device, upperTerms.stream().map(QuadraticSum::row).toList());
        lowerBuffer = device.reals(q);
        residual = device.reals(r);
        scalar = device.reals(1);
    }

    /** A_i, 0, B_i, c_i. */
    private static double[] row(final LowerTerm term) {
        final double[] first = LinearMap.weights(term.a(), new double[term.c().length]);
        final double[] second = LinearMap.weights(term.b(), term.c());
        final double[] row = new double[first.length + second.length];
        System.arraycopy(first, 0, row, 0, first.length);
        System.arraycopy(second, 0, row, first.length, second.length);
        return row;
    }

    /** C_j, −d_j. */
    private static double[] row(final UpperTerm term) {
        final double[] offset = new double[term.d().length];
        for (int i = 0; i < offset.length; i++) {
            offset[i] = -term.d()[i];
        }
        return LinearMap.weights(term.c(), offset);
    }

    /** The problem with the mean objectives, without noise. */
    public Quadratic whole() {
        return whole;
    }

    /** A, B, c averaged, C_j / √m and d_j / √m stacked. */
    private Quadratic.Data mean(final List<LowerTerm> lowerTerms, final List<UpperTerm> upperTerms, final double[] x0) {
        final double[][] a = new double[q][q];
        final double[][] b = new double[q][p];
        final double[] c = new double[q];
        for (final LowerTerm term : lowerTerms) {
            for (int i = 0; i < q; i++) {
                add(1.0 / lowerTerms.size(), term.a()[i], a[i]);
                add(1.0 / lowerTerms.size(), term.b()[i], b[i]);
            }
            add(1.0 / lowerTerms.size(), term.c(), c);
        }
        final double root = 1 / Math.sqrt(upperTerms.size());
        final double[][] cUp = new double[upperTerms.size() * r][q];
        final double[] d = new double[upperTerms.size() * r];
        for (int j = 0; j < d.length; j++) {
            final UpperTerm term = upperTerms.get(j / r);
            add(root, term.c()[j % r], cUp[j]);
            d[j] = root * term.d()[j % r];
        }
        return new Quadratic.Data(a, b, c, cUp, d, rho, 0, x0);
    }

    private static void add(final double factor, final double[] from, final double[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * from[i];
        }
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Parameters upperLayout() {
        return whole.upperLayout();
    }

    @Override
    public Parameters lowerLayout() {
        return whole.lowerLayout();
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        whole.initialise(x, y);
    }

    @Override
    public FiniteSum upperSum() {
        return upperTable.sum();
    }

    @Override
    public FiniteSum lowerSum() {
        return lowerTable.sum();
    }

    /** False: the levels are sums of other terms. */
    @Override
    public boolean lowerTakesUpperSamples() {
        return false;
    }

    @Override
    public Sample newUpperSample() {
        return new TermSample(device, upperTable, seed + 1, new int[] {r, q});
    }

    @Override
    public Sample newLowerSample() {
        return new TermSample(device, lowerTable, seed, new int[] {q, q}, new int[] {q, p});
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final LinearMap c = ((TermSample) sample).map(0);
        c.apply(y, residual);
        if (out.value() != null) {
            update.dot(residual, residual, out.value());
            update.scale(0.5, out.value());
            update.dot(x, x, scalar);
            update.axpy(0.5 * rho, scalar, out.value());
        }
        if (out.gradientX() != null) {
            update.copy(x, out.gradientX());
            update.scale(rho, out.gradientX());
        }
        if (out.gradientY() != null) {
            c.transpose(residual, out.gradientY());
        }
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final LinearMap a = ((TermSample) sample).map(0);
        final LinearMap b = ((TermSample) sample).map(1);
        if (out.value() != null) {
            value(a, b, x, y, out.value());
        }
        if (out.gradientX() != null) {
            b.transpose(y, out.gradientX());
        }
        if (out.gradientY() != null) {
            gradient(a, b, x, y, out.gradientY());
        }
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        final LinearMap a = ((TermSample) sample).map(0);
        final LinearMap b = ((TermSample) sample).map(1);
        if (out.value() != null) {
            value(a, b, x, y, out.value());
        }
        if (out.gradient() != null) {
            gradient(a, b, x, y, out.gradient());
        }
        if (out.product() != null) {
            a.apply(z, out.product());
        }
        if (out.mixed() != null) {
            b.transpose(z, out.mixed());
        }
    }

    private void gradient(final LinearMap a, final LinearMap b, final Reals x, final Reals y, final Reals out) {
        a.apply(y, out);
        b.apply(x, lowerBuffer);
        update.axpy(1, lowerBuffer, out);
    }

    private void value(final LinearMap a, final LinearMap b, final Reals x, final Reals y, final Reals value) {
        a.apply(y, lowerBuffer);
        update.scale(0.5, lowerBuffer);
        update.dot(lowerBuffer, y, value);
        b.apply(x, lowerBuffer);
        update.dot(lowerBuffer, y, scalar);
        update.axpy(1, scalar, value);
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        return whole.lowerSolution(x);
    }

    @Override
    public double[] systemSolution(final double[] x) {
        return whole.systemSolution(x);
    }

    @Override
    public double objective(final double[] x) {
        return whole.objective(x);
    }

    @Override
    public double[] hypergradient(final double[] x) {
        return whole.hypergradient(x);
    }

    @Override
    public Optional<double[]> minimiser(final double[] x) {
        return whole.minimiser(x);
    }
}
