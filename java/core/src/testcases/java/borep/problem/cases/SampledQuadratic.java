package borep.problem.cases;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Philox;
import borep.device.Reals;
import borep.model.Parameters;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * The worked quadratic ({@link Quadratic.Data#worked}) with noise that names its sample: every oracle is also a function of (x, y, z) and of the
 * {@link Token} it was drawn with, in float64 on the host. So a test can write an algorithm down a second time, sample by sample. The noise of a
 * gradient grows with the point: of one sample's difference between two points some is left, and which sample it was shows. x is two tensors
 * of one number each. Steps allocate: for tests of numbers alone.
 */
public final class SampledQuadratic implements BilevelProblem {
    private static final double[][] A = {{2, .5}, {.5, 1}};
    private static final double[][] B = {{1, 0}, {.5, -1}};
    private static final double[] OFFSET = {.1, -.2};
    private static final double[][] C = {{1, .5}, {0, 1}};
    private static final double[] D = {1, -1};
    private static final double RHO = .1;
    private static final double SIGMA = .2;
    /** Lanes of the noise: one for each oracle. */
    private static final int LOWER_Y = 0;

    private static final int LOWER_X = 2;
    private static final int PRODUCT = 4;
    private static final int MIXED = 6;
    private static final int UPPER_Y = 8;
    private static final int UPPER_X = 10;
    private static final int UPPER_YY = 12;
    private static final int UPPER_XX = 14;

    private final Device device;
    private final boolean isNoisy;

    /** What a sample was drawn by. */
    public record Token(long step, int purpose, int lane) {
        /** Of oracles without noise. */
        public static final Token EXACT = new Token(-1, 0, 0);

        /** Component i of one oracle's noise. */
        private double noise(final int oracle, final int i) {
            return step < 0 ? 0 : SIGMA * Philox.normal(11, step, purpose, 16 * lane + oracle + i);
        }
    }

    private final class Drawn implements Sample {
        private Token token = Token.EXACT;

        @Override
        public void draw(final Counter step, final int purpose, final int lane) {
            token = isNoisy ? new Token(step.get(), purpose, lane) : Token.EXACT;
        }
    }

    /** Starts at x = (1, 2), y = 0. */
    public SampledQuadratic(final Device device, final boolean isNoisy) {
        this.device = device;
        this.isNoisy = isNoisy;
    }

    private static double[] times(final double[][] m, final double... v) {
        return new double[] {m[0][0] * v[0] + m[0][1] * v[1], m[1][0] * v[0] + m[1][1] * v[1]};
    }

    private static double[] transposeTimes(final double[][] m, final double... v) {
        return new double[] {m[0][0] * v[0] + m[1][0] * v[1], m[0][1] * v[0] + m[1][1] * v[1]};
    }

    private static double[] noisy(final double[] v, final Token token, final int oracle) {
        return new double[] {v[0] + token.noise(oracle, 0), v[1] + token.noise(oracle, 1)};
    }

    /** v with noise that grows with {@code by}. */
    private static double[] noisy(final double[] v, final Token token, final int oracle, final double[] by) {
        return new double[] {v[0] + token.noise(oracle, 0) * by[0], v[1] + token.noise(oracle, 1) * by[1]};
    }

    /** ∇_y g = Ay + Bx + c, with the noise of A, of B and its own. */
    public static double[] lowerY(final double[] x, final double[] y, final Token token) {
        final double[] ay = times(A, y);
        final double[] bx = times(B, x);
        final double[] g = {ay[0] + bx[0] + OFFSET[0], ay[1] + bx[1] + OFFSET[1]};
        return noisy(noisy(noisy(g, token, PRODUCT, y), token, MIXED, x), token, LOWER_Y);
    }

    /** ∇_x g = Bᵀy, with the noise of B and its own. */
    public static double[] lowerX(final double[] y, final Token token) {
        return noisy(noisy(transposeTimes(B, y), token, MIXED, y), token, LOWER_X);
    }

    /** ∇²_yy g·v = Av, with the noise of A. */
    public static double[] product(final double[] v, final Token token) {
        return noisy(times(A, v), token, PRODUCT, v);
    }

    /** ∇²_xy g·v = Bᵀv, with the noise of B. */
    public static double[] mixed(final double[] v, final Token token) {
        return noisy(transposeTimes(B, v), token, MIXED, v);
    }

    /** ∇_y f = Cᵀ(Cy − d), with noise, some of which grows with y. */
    public static double[] upperY(final double[] y, final Token token) {
        final double[] cy = times(C, y);
        return noisy(noisy(transposeTimes(C, cy[0] - D[0], cy[1] - D[1]), token, UPPER_YY, y), token, UPPER_Y);
    }

    /** ∇_x f = ρx, with noise, some of which grows with x. */
    public static double[] upperX(final double[] x, final Token token) {
        return noisy(noisy(new double[] {RHO * x[0], RHO * x[1]}, token, UPPER_XX, x), token, UPPER_X);
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Parameters upperLayout() {
        return Parameters.none().with("first", 1, 1).with("second", 1, 1);
    }

    @Override
    public Parameters lowerLayout() {
        return Parameters.none().with("y", 1, 2);
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        x.set(new double[] {1, 2});
        y.set(new double[2]);
    }

    @Override
    public Sample newUpperSample() {
        return new Drawn();
    }

    @Override
    public Sample newLowerSample() {
        return new Drawn();
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final Token token = ((Drawn) sample).token;
        write(out.value(), 0);
        write(out.gradientX(), upperX(x.toDoubles(), token));
        write(out.gradientY(), upperY(y.toDoubles(), token));
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final Token token = ((Drawn) sample).token;
        write(out.value(), 0);
        write(out.gradientX(), lowerX(y.toDoubles(), token));
        write(out.gradientY(), lowerY(x.toDoubles(), y.toDoubles(), token));
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        final Token token = ((Drawn) sample).token;
        write(out.value(), 0);
        write(out.gradient(), lowerY(x.toDoubles(), y.toDoubles(), token));
        write(out.product(), product(z.toDoubles(), token));
        write(out.mixed(), mixed(z.toDoubles(), token));
    }

    private static void write(final Reals out, final double... values) {
        if (out != null) {
            out.set(values);
        }
    }
}
