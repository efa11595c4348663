package borep.benchmark;

import borep.cuda.CudaDevice;
import borep.cuda.JCudaInterop;
import borep.device.DeviceUnavailable;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Rows;
import java.util.Locale;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaStream_t;

/**
 * borep's matrix product beside cuBLAS, by JCublas, on the same memory: Y = X Wᵀ with X [rows, input] and W [output, input], as the dense layer and
 * the input part of recurrent sweeps have it, in float32. Prints for each shape both times, their ratio and the largest difference.
 *
 * <p>Needs a GPU, CUDA 12, and JCuda's natives ({@code org.jcuda:jcuda-natives} and {@code org.jcuda:jcublas-natives}, 12.6.0 for {@code
 * linux-x86_64}); says in one sentence what is missing.
 */
public final class JCublasBaseline {
    static final String MISSING = "JCublas: its native part cannot be loaded; put org.jcuda:jcuda-natives:12.6.0 and"
            + " org.jcuda:jcublas-natives:12.6.0 (classifier linux-x86_64) on the class path and the libraries of CUDA 12 into LD_LIBRARY_PATH";
    private static final int[][] SHAPES = {{64, 512, 2048}, {2048, 300, 2048}, {2048, 512, 2048}, {8192, 1024, 4096}};
    private static final int WARM_UP = 20;
    private static final int REPEATS = 200;

    private JCublasBaseline() {}

    /** Y = X Wᵀ by somebody else, on the device's memory and in order on its stream. */
    @FunctionalInterface
    interface Product {
        void run(int rows, int input, int output, Reals x, Reals w, Reals y);
    }

    /**
     * One shape's outcome.
     *
     * @param micros     of borep's product
     * @param peerMicros of the other one
     * @param error      largest difference relative to the largest element
     */
    record Row(int rows, int input, int output, double micros, double peerMicros, double error) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%5d x %4d x %4d  borep %8.1f us  cuBLAS %8.1f us  ratio %.2f  difference %.1e",
                    rows,
                    input,
                    output,
                    micros,
                    peerMicros,
                    peerMicros / micros,
                    error);
        }
    }

    /** @param arguments the device, {@code cuda} by default */
    public static void main(final String[] arguments) {
        try (CudaDevice device = (CudaDevice) Setting.device(arguments.length == 0 ? "cuda" : arguments[0]);
                Cublas cublas = new Cublas(device)) {
            System.out.println(device.description());
            for (final int[] shape : SHAPES) {
                System.out.println(compare(device, cublas, shape[0], shape[1], shape[2], REPEATS));
            }
        } catch (IllegalStateException | DeviceUnavailable e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    /** cuBLAS on a stream of JCuda's, which the device uses as long. */
    static final class Cublas implements Product, AutoCloseable {
        private final CudaDevice device;
        private final cublasHandle handle = new cublasHandle();
        private final cudaStream_t stream = new cudaStream_t();
        private final Pointer one = Pointer.to(new float[] {1});
        private final Pointer zero = Pointer.to(new float[] {0});

        /** @throws IllegalStateException {@link #MISSING} */
        Cublas(final CudaDevice device) {
            this.device = device;
            try {
                JCuda.setExceptionsEnabled(true);
                JCublas2.setExceptionsEnabled(true);
                JCuda.cudaStreamCreate(stream);
                JCublas2.cublasCreate(handle);
            } catch (LinkageError e) {
                throw new IllegalStateException(MISSING, e);
            }
            JCublas2.cublasSetStream(handle, stream);
            JCudaInterop.useStream(device, stream);
        }

        /** cuBLAS counts columns first: what it takes for Yᵀ [output, rows] = W Xᵀ is Y row by row. */
        @Override
        public void run(
                final int rows, final int input, final int output, final Reals x, final Reals w, final Reals y) {
            JCublas2.cublasSgemm(
                    handle,
                    cublasOperation.CUBLAS_OP_T,
                    cublasOperation.CUBLAS_OP_N,
                    output,
                    rows,
                    input,
                    one,
                    JCudaInterop.pointer(w),
                    input,
                    JCudaInterop.pointer(x),
                    input,
                    zero,
                    JCudaInterop.pointer(y),
                    output);
        }

        @Override
        public void close() {
            device.useStream(0);
            JCublas2.cublasDestroy(handle);
            JCuda.cudaStreamDestroy(stream);
        }
    }

    /** Both products of the same numbers, compared and timed. */
    static Row compare(
            final CudaDevice device,
            final Product peer,
            final int rows,
            final int input,
            final int output,
            final int repeats) {
        final Dense dense = device.kernels().dense();
        final Dense.Tape tape = dense.tape(new Dense.Shape(input, output, false), rows);
        final Rows x = Setting.rows(device, rows, input, 1);
        final Reals weights = device.reals(output * input + output); // the bias stays 0
        device.kernels().update().copy(Setting.normal(device, output * input, 2), weights.slice(0, output * input));
        final Rows own = Rows.of(device.reals(rows * output), output);
        final Reals other = device.reals(rows * output);
        final Runnable borep = () -> dense.forward(tape, rows, weights, x, own);
        final Runnable theirs =
                () -> peer.run(rows, input, output, x.values(), weights.slice(0, output * input), other);
        final double micros = micros(device, borep, repeats);
        final double peerMicros = micros(device, theirs, repeats);
        return new Row(
                rows, input, output, micros, peerMicros, difference(own.values().toDoubles(), other.toDoubles()));
    }

    private static double micros(final CudaDevice device, final Runnable work, final int repeats) {
        for (int i = 0; i < Math.min(WARM_UP, repeats); i++) {
            work.run();
        }
        device.synchronise();
        final long begun = System.nanoTime();
        for (int i = 0; i < repeats; i++) {
            work.run();
        }
        device.synchronise();
        return (System.nanoTime() - begun) / 1e3 / repeats;
    }

    private static double difference(final double[] a, final double[] b) {
        double largest = Double.MIN_NORMAL;
        double difference = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i]));
            difference = Math.max(difference, Math.abs(a[i] - b[i]));
        }
        return difference / largest;
    }
}
