package borep.cuda;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Devices;
import borep.device.Reals;
import borep.kernel.Update;
import borep.model.Parameters;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;
import borep.solver.Solver;
import borep.solver.Solvers;
import java.util.Arrays;
import java.util.Map;

/**
 * The example of docs/nvrtc.md, a problem whose lower oracles are CUDA C of its own: g = Σ log cosh(r_i) + ½ μ r_i² with
 * r = y − sin(x), f = ½ ‖x‖² + ½ ‖y‖². y*(x) = sin(x), and x = 0 is the only minimiser. One kernel gives what is wanted of g; sums and the upper
 * level are borep's own operations, in the same order and the same graph.
 */
final class LogCosh implements BilevelProblem {
    static final String KERNEL = "log_cosh_along";
    static final String SOURCE = """
            // Written: every output that is not null. z null: no direction.
            extern "C" __global__ void log_cosh_along(
                int n, float mu, const float *x, const float *y, const float *z, float *value, float *by_x, float *by_y,
                float *product, float *mixed) {
                const int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i >= n) {
                    return;
                }
                const float r = y[i] - sinf(x[i]), slope = tanhf(r);
                const float curvature = 1 - slope * slope + mu, inner = -cosf(x[i]);
                if (value) value[i] = logf(coshf(r)) + 0.5f * mu * r * r;
                if (by_x) by_x[i] = inner * (slope + mu * r);
                if (by_y) by_y[i] = slope + mu * r;
                if (product) product[i] = curvature * z[i];
                if (mixed) mixed[i] = inner * curvature * z[i];
            }
            """;
    private static final float MU = 0.5f;

    private final CudaDevice device;
    private final Update update;
    private final UserKernel along;
    private final double[] start;
    private final Reals terms;
    private final Reals ones;
    private final Reals square;

    /**
     * @param compiler {@code new Nvrtc()} on a GPU
     * @param start    x to begin with
     */
    LogCosh(final CudaDevice device, final KernelCompiler compiler, final double... start) {
        this.device = device;
        this.start = start.clone();
        update = device.kernels().update();
        along = UserKernel.compile(device, SOURCE, KERNEL, compiler);
        terms = device.reals(start.length);
        ones = device.reals(start.length);
        square = device.reals(1);
        update.fill(ones, 1);
    }

    public static void main(final String[] arguments) {
        try (CudaDevice device = (CudaDevice) Devices.choose("cuda").device()) {
            final Solver solver = solver(new LogCosh(device, new Nvrtc(), 3, -2, 1));
            for (int k = 0; k < 300; k++) {
                solver.step();
            }
            System.out.println(Arrays.toString(solver.x().toDoubles())); // near 0
        }
    }

    static Solver solver(final BilevelProblem problem) {
        final Solver solver =
                Solvers.create("bo-rep", problem, Map.of("eta", "0.02", "alpha", "0.3", "gamma", "0.3"), 1);
        solver.initialise();
        return solver;
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        launch(x, y, null, out.value(), out.gradientX(), out.gradientY(), null, null);
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        launch(x, y, z, out.value(), null, out.gradient(), out.product(), out.mixed());
    }

    private void launch(
            final Reals x,
            final Reals y,
            final Reals z,
            final Reals value,
            final Reals byX,
            final Reals byY,
            final Reals product,
            final Reals mixed) {
        along.launch(
                start.length,
                start.length,
                MU,
                x,
                y,
                orNull(z),
                value == null ? 0L : terms,
                orNull(byX),
                orNull(byY),
                orNull(product),
                orNull(mixed));
        if (value != null) {
            update.dot(terms, ones, value);
        }
    }

    /** 0: a null pointer. */
    private static Object orNull(final Reals vector) {
        return vector == null ? 0L : vector;
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        if (out.value() != null) {
            update.dot(x, x, out.value());
            update.dot(y, y, square);
            update.axpy(1, square, out.value());
            update.scale(0.5, out.value());
        }
        if (out.gradientX() != null) {
            update.copy(x, out.gradientX());
        }
        if (out.gradientY() != null) {
            update.copy(y, out.gradientY());
        }
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Parameters upperLayout() {
        return Parameters.none().with("x", 1, start.length);
    }

    @Override
    public Parameters lowerLayout() {
        return Parameters.none().with("y", 1, start.length);
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        x.set(start);
        update.fill(y, 0);
    }

    @Override
    public Sample newUpperSample() {
        return new Everything();
    }

    @Override
    public Sample newLowerSample() {
        return new Everything();
    }

    /** Nothing is random here. */
    private static final class Everything implements Sample {
        @Override
        public void draw(final Counter step, final int purpose, final int lane) {}

        @Override
        public void take(final int i) {}
    }
}
