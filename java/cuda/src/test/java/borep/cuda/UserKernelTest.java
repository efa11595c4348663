package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Counter;
import borep.device.Ints;
import borep.device.Program;
import borep.device.Reals;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.SecondOrder;
import borep.solver.Solver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Users' kernels from source text to graph. The compiler is the host's, which makes of the same text a library for the host executor; NVRTC's
 * part alone is {@link NvrtcTest}'s.
 */
class UserKernelTest {
    private static final String SOURCE = """
            extern "C" __global__ void mixture(
                int n, const float *a, const int *b, const long long *step, float f, double d, long long l, float *out) {
                const int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) {
                    out[i] = f * a[i] + b[i] + (float) d + (float) l + 1000.0f * *step;
                }
            }
            extern "C" __global__ void reversed(int n, float *values) {
                const int i = threadIdx.x;
                const float mine = i < n ? values[n - 1 - i] : 0;
                __syncthreads();
                if (i < n) {
                    values[i] = mine;
                }
            }
            extern "C" __global__ void blocks(float *out) {
                if (threadIdx.x + threadIdx.y + threadIdx.z == 0) {
                    out[(blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x] =
                        blockDim.x + 10 * blockDim.y + 100 * blockDim.z;
                }
            }
            """;

    private HostCompiler compiler;

    @BeforeEach
    void takeCompiler(@TempDir final Path folder) {
        compiler = new HostCompiler(folder);
    }

    /** Compiles for the host executor: what comes of it is the path of a library. */
    private KernelCompiler onTheHost() {
        final String include = "-I" + Header.PATH.getParent().resolveSibling("src");
        return (device, source, name) -> (compiler.library(
                                "#include \"simt/user_kernel.h\"\n" + source + "\nBOREP_SIMT_KERNEL(" + name + ")\n",
                                "-std=c++20",
                                "-O1",
                                include,
                                Emulated.library())
                        + "\0")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void argumentsOfEveryTypeArriveAndLaunchesAreRecorded() {
        try (CudaDevice device = Emulated.open()) {
            final UserKernel kernel = UserKernel.compile(device, SOURCE, "mixture", onTheHost());
            final int n = 300; // more than one block
            final Reals a = device.reals(n);
            final Reals out = device.reals(n);
            final Ints b = device.ints(n);
            final Counter step = device.counter();
            final double[] numbers = new double[n];
            final int[] whole = new int[n];
            final double[] expected = new double[n];
            for (int i = 0; i < n; i++) {
                numbers[i] = i;
                whole[i] = -2 * i;
                expected[i] = 3.0 * i - 2 * i + 0.5 - 7;
            }
            a.set(numbers);
            b.set(whole);
            kernel.launch(n, n, a, b, step, 3f, 0.5, -7L, out);
            assertArrayEquals(expected, out.toDoubles());

            final CudaDevice.Statistics before = device.statistics();
            final Program program = device.record(() -> {
                kernel.launch(n, n, a, b, step, 3f, 0.5, -7L, out);
                device.kernels().update().scale(2, out); // borep's own after the user's, in one graph
                step.advance();
            });
            assertArrayEquals(expected, out.toDoubles(), "recording runs nothing");
            program.run();
            program.run();
            assertEquals(
                    2 * (expected[5] + 1000), out.get(5), "the second run reads the counter that the first advanced");
            final CudaDevice.Statistics after = device.statistics();
            assertEquals(2, after.launches() - before.launches());
            assertEquals(3, after.kernels() - before.kernels(), "recorded once");
        }
    }

    @Test
    void gridsAndBarriersAreThoseOfTheLaunch() {
        try (CudaDevice device = Emulated.open()) {
            final Reals values = device.reals(5);
            values.set(new float[] {1, 2, 3, 4, 5});
            final UserKernel reversed = UserKernel.compile(device, SOURCE, "reversed", onTheHost());
            reversed.launch(5, 5, values);
            assertArrayEquals(new double[] {5, 4, 3, 2, 1}, values.toDoubles());
            final Reals out = device.reals(24);
            final UserKernel blocks = UserKernel.compile(device, SOURCE, "blocks", onTheHost());
            blocks.launch(new UserKernel.Size(new int[] {2, 3, 4}, new int[] {4, 2, 3}, 0), out);
            for (final double threads : out.toDoubles()) {
                assertEquals(4 + 20 + 300, threads);
            }
        }
    }

    @Test
    void refusalsSayWhatIsWrong() {
        try (CudaDevice device = Emulated.open()) {
            final UserKernel kernel = UserKernel.compile(device, SOURCE, "reversed", onTheHost());
            final Reals values = device.reals(5);
            refused("kernel reversed has 2 parameters: 1 arguments were given", () -> kernel.launch(5, values));
            refused(
                    "argument 0 of kernel reversed has 8 bytes: its parameter has 4",
                    () -> kernel.launch(5, 5L, values));
            refused(
                    "argument 1 of a kernel: must be Reals, Ints, Counter, int, long, float or double",
                    () -> kernel.launch(5, 5, null));
            refused(
                    "kernel reversed: 1 x 1 x 1 blocks of 32 x 32 x 2 threads; its blocks have 1 to 1024 threads, a grid at least"
                            + " one block",
                    () -> kernel.launch(new UserKernel.Size(new int[] {1, 1, 1}, new int[] {32, 32, 2}, 0), 5, values));
            refused(
                    "kernel reversed: 50000 bytes of shared memory; at most 49152",
                    () -> kernel.launch(
                            new UserKernel.Size(new int[] {1, 1, 1}, new int[] {32, 1, 1}, 50000), 5, values));
            final String missing = assertThrows(
                            IllegalArgumentException.class,
                            () -> UserKernel.load(device, onTheHost().compile(device, SOURCE, "blocks"), "reversed"))
                    .getMessage();
            assertTrue(
                    missing.startsWith("kernel reversed: not in the compiled code; declare it extern \"C\""), missing);
            final String garbage = assertThrows(
                            IllegalArgumentException.class,
                            () -> UserKernel.load(device, "/nowhere\0".getBytes(StandardCharsets.UTF_8), "reversed"))
                    .getMessage();
            assertTrue(garbage.startsWith("kernel reversed: its compiled code cannot be loaded ("), garbage);
            final String longName = "x".repeat(10_000);
            final String sentence = assertThrows(
                            IllegalArgumentException.class,
                            () -> UserKernel.load(device, "/nowhere\0".getBytes(StandardCharsets.UTF_8), longName))
                    .getMessage();
            assertTrue(
                    sentence.startsWith("kernel " + longName + ": its compiled code cannot be loaded ("),
                    "a sentence may be of any length");
            try (CudaDevice other = Emulated.open()) {
                refused(
                        "reals: must be of device cuda-emulated itself, not of another one",
                        () -> kernel.launch(5, 5, other.reals(5)));
            }
            device.record(() -> refused(
                    "load of a kernel: not allowed while a program is recorded; load before",
                    () -> UserKernel.load(device, new byte[1], "reversed")));
            device.kernels().update().fill(values, 1); // nothing of all this is left behind
            assertEquals(1, values.get(0));
        }
    }

    private static void refused(final String sentence, final Runnable call) {
        assertEquals(
                sentence,
                assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }

    @Test
    void librariesAreGivenBack() {
        final Ledger ledger = Ledger.open();
        final var before = ledger.live();
        try (CudaDevice device = Emulated.open()) {
            UserKernel.compile(device, SOURCE, "reversed", onTheHost());
            assertEquals(1, ledger.live().get("library"));
            for (final String call : new String[] {"cudaLibraryGetKernel", "cudaFuncGetAttributes"}) {
                ledger.fail(call, 0, 500);
                assertThrows(
                        IllegalArgumentException.class,
                        () -> UserKernel.compile(device, SOURCE, "reversed", onTheHost()));
                assertTrue(ledger.hasFailed(), call);
                assertEquals(1, ledger.live().get("library"), call);
            }
        }
        assertEquals(before, ledger.live());
    }

    /** The oracles of the example against their formulas. */
    @Test
    void aUsersOraclesAreRight() {
        try (CudaDevice device = Emulated.open()) {
            final BilevelProblem problem = new LogCosh(device, onTheHost(), .3, -.8);
            final Reals x = vector(device, .3, -.8);
            final Reals y = vector(device, 1.1, .2);
            final Reals z = vector(device, -2, .5);
            final FirstOrder first = new FirstOrder(device.reals(1), device.reals(2), device.reals(2));
            final SecondOrder second = new SecondOrder(null, null, device.reals(2), device.reals(2));
            problem.lower(x, y, problem.newLowerSample(), first);
            problem.lowerAlong(x, y, z, problem.newLowerSample(), second);
            double value = 0;
            for (int i = 0; i < 2; i++) {
                final double r = y.get(i) - Math.sin(x.get(i));
                final double curvature = 1.5 - Math.tanh(r) * Math.tanh(r);
                value += Math.log(Math.cosh(r)) + .25 * r * r;
                assertEquals(Math.tanh(r) + .5 * r, first.gradientY().get(i), 1e-6);
                assertEquals(
                        -Math.cos(x.get(i)) * (Math.tanh(r) + .5 * r),
                        first.gradientX().get(i),
                        1e-6);
                assertEquals(curvature * z.get(i), second.product().get(i), 1e-6);
                assertEquals(
                        -Math.cos(x.get(i)) * curvature * z.get(i),
                        second.mixed().get(i),
                        1e-6);
            }
            assertEquals(value, first.value().get(0), 1e-6);
        }
    }

    /** BO-REP on the example: no call of its own for the user's kernel, no wait, and the known solution. */
    @Test
    void aUsersOracleRunsInTheSolversGraph() {
        for (final GraphMode mode : new GraphMode[] {GraphMode.PHASE, new GraphMode(5)}) {
            try (CudaDevice device = Emulated.open()) {
                device.setGraphs(mode);
                final Solver solver = LogCosh.solver(new LogCosh(device, onTheHost(), 3, -2, 1));
                for (int k = 0; k < 20; k++) {
                    solver.step();
                }
                device.flush(); // or the first launch of several programs would still come
                final CudaDevice.Statistics before = device.statistics();
                for (int k = 20; k < 300; k++) {
                    solver.step();
                }
                device.flush();
                final CudaDevice.Statistics after = device.statistics();
                assertEquals(before.kernels(), after.kernels(), "every kernel is recorded");
                assertEquals(before.synchronisations(), after.synchronisations(), "nobody waits");
                assertEquals(before.allocations(), after.allocations(), "nothing is allocated");
                for (final double x : solver.x().toDoubles()) {
                    assertEquals(0, x, .1, "the minimiser, " + mode);
                }
            }
        }
    }

    private static Reals vector(final CudaDevice device, final double... values) {
        final Reals vector = device.reals(values.length);
        vector.set(values);
        return vector;
    }
}
