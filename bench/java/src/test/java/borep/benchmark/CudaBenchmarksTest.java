package borep.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import borep.cuda.CudaDevice;
import borep.device.Reals;
import java.util.Collection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The benchmarks of the CUDA device run: on the host executor, tiny, so that a GPU's time is not spent on finding out. */
class CudaBenchmarksTest {
    @BeforeEach
    void needsTheEmulator() {
        assumeFalse(
                System.getProperty("borep.cuda.emulator", "").isBlank(),
                "-Dborep.cuda.emulator=PATH names the library that 'borep build-native' makes");
    }

    private static OptionsBuilder once(final Class<?> benchmark) {
        final OptionsBuilder options = new OptionsBuilder();
        options.include(benchmark.getSimpleName() + "\\.")
                .param("device", "cuda-emulated")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        return options;
    }

    @Test
    void stepsRunInEveryMode() throws RunnerException {
        final OptionsBuilder options = once(CudaLoopBenchmark.class);
        options.param("calls", "3").param("size", "40");
        assertMeasured(3, new Runner(options.build()).run());
    }

    @Test
    void sweepsRunInEveryPrecision() throws RunnerException {
        final OptionsBuilder options = once(CudaSweepBenchmark.class);
        options.param("input", "3").param("hidden", "5").param("steps", "6").param("batch", "2");
        assertMeasured(2 * 2 * CudaDevice.Precision.values().length, new Runner(options.build()).run());
    }

    private static void assertMeasured(final int expected, final Collection<RunResult> results) {
        assertEquals(expected, results.size());
        for (final RunResult result : results) {
            assertTrue(
                    result.getPrimaryResult().getScore() > 0, result.getParams().toString());
        }
    }

    /** The comparison with cuBLAS, with a product of the host's in its place: right numbers agree, wrong ones show. */
    @Test
    void theComparisonComparesTheSameProduct() {
        try (CudaDevice device = (CudaDevice) Setting.device("cuda-emulated")) {
            final JCublasBaseline.Row right = JCublasBaseline.compare(device, CudaBenchmarksTest::product, 5, 7, 9, 1);
            assertTrue(right.error() < 1e-5, right.toString());
            assertTrue(right.micros() > 0 && right.peerMicros() > 0, right.toString());
            final JCublasBaseline.Row swapped = JCublasBaseline.compare(
                    device, (rows, input, output, x, w, y) -> product(rows, input, output, w, x, y), 9, 7, 9, 1);
            assertTrue(swapped.error() > 1e-2, "Yᵀ is not Y: " + swapped);
        }
    }

    private static void product(
            final int rows, final int input, final int output, final Reals x, final Reals w, final Reals y) {
        final double[] left = x.toDoubles();
        final double[] right = w.toDoubles();
        final double[] product = new double[rows * output];
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < output; o++) {
                for (int i = 0; i < input; i++) {
                    product[r * output + o] += left[r * input + i] * right[o * input + i];
                }
            }
        }
        y.set(product);
    }

    /** Here JCuda's natives are missing; where they are not, there is nothing to say. */
    @Test
    void aMissingNativePartIsNamed() {
        boolean present;
        try {
            System.loadLibrary("JCublas2-12.6.0-linux-x86_64");
            present = true;
        } catch (UnsatisfiedLinkError e) {
            present = false;
        }
        assumeFalse(present, "JCublas is complete here");
        try (CudaDevice device = (CudaDevice) Setting.device("cuda-emulated")) {
            for (int again = 0; again < 2; again++) { // the second failure is another error inside
                final IllegalStateException refusal =
                        assertThrows(IllegalStateException.class, () -> new JCublasBaseline.Cublas(device));
                assertEquals(JCublasBaseline.MISSING, refusal.getMessage());
            }
        }
    }
}
