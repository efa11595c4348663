package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;
import borep.model.Parameters;

/**
 * The master test problem with a known solution (algorithms.md §21.1, §21.3):
 * g = ½ yᵀAy + yᵀ(Bx + c), f = ½ ‖Cy − d‖² + ½ρ ‖x‖² + κ Σ (cosh x_i − 1).
 *
 * <p>y*(x) = −A⁻¹(Bx + c), z*(x) = A⁻¹Cᵀ(Cy* − d). With κ &gt; 0 the upper level is (L0, L1)-smooth but not L-smooth: its
 * curvature grows with its gradient, the setting BO-REP is made for. Deterministic.
 */
public final class Quadratic implements BilevelProblem {
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
            double[][] a,
            double[][] b,
            double[] c,
            double[][] cUp,
            double[] d,
            double rho,
            double kappa,
            double[] x0) {}

    private final Device device;
    private final Update update;
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
    private final Parameters upperLayout;
    private final Parameters lowerLayout;

    /** The problem with this data on {@code device}. */
    public Quadratic(final Device device, final Data data) {
        this.device = device;
        this.data = data;
        update = device.kernels().update();
        a = new LinearMap(device, data.a());
        b = new LinearMap(device, data.b());
        c = new LinearMap(device, data.cUp());
        final int p = data.x0().length;
        final int q = data.c().length;
        offset = device.reals(q);
        offset.set(data.c());
        target = device.reals(data.d().length);
        target.set(data.d());
        ones = device.reals(p);
        update.fill(ones, 1);
        lowerBuffer = device.reals(q);
        upperBuffer = device.reals(p);
        residual = device.reals(data.d().length);
        scalar = device.reals(1);
        upperLayout = Parameters.none().with("x", 1, p);
        lowerLayout = Parameters.none().with("y", 1, q);
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
        x.set(data.x0());
        update.fill(y, 0);
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
        c.apply(y, residual);
        update.axpy(-1, target, residual);
        if (out.value() != null) {
            update.fill(out.value(), 0);
            addDot(0.5, residual, residual, out.value());
            addDot(0.5 * data.rho(), x, x, out.value());
            update.apply(Update.Function.COSH, x, upperBuffer);
            update.axpy(-1, ones, upperBuffer);
            addDot(data.kappa(), upperBuffer, ones, out.value());
        }
        if (out.gradientX() != null) {
            update.apply(Update.Function.SINH, x, out.gradientX());
            update.scale(data.kappa(), out.gradientX());
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
}
