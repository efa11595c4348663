package borep.cuda;

import borep.device.Devices;
import borep.device.Reals;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaMemcpyKind;
import jcuda.runtime.cudaStream_t;

/**
 * The example of docs/jcuda.md: JCuda and borep work on one vector in one order, and nobody waits in between. Needs a GPU and, beside
 * {@code org.jcuda:jcuda}, its natives ({@code org.jcuda:jcuda-natives}).
 */
final class JCudaExample {
    private JCudaExample() {}

    public static void main(final String[] arguments) {
        try (CudaDevice device = (CudaDevice) Devices.choose("cuda").device()) {
            System.out.println(Arrays.toString(run(device))); // [3.0, 6.0, 9.0, 12.0]
        }
    }

    static float[] run(final CudaDevice device) {
        JCuda.setExceptionsEnabled(true);
        final cudaStream_t stream = new cudaStream_t();
        JCuda.cudaStreamCreate(stream); // in the primary context, as everything of JCuda's runtime API
        JCudaInterop.useStream(device, stream);
        final Reals vector = device.reals(4);
        final float[] numbers = {1, 2, 3, 4};
        final long bytes = (long) Sizeof.FLOAT * numbers.length;
        JCuda.cudaMemcpyAsync(
                JCudaInterop.pointer(vector),
                Pointer.to(numbers),
                bytes,
                cudaMemcpyKind.cudaMemcpyHostToDevice,
                stream);
        device.kernels().update().scale(3, vector); // borep, on the same stream
        device.flush(); // programs may have been gathered; JCuda enqueues next
        final float[] result = new float[numbers.length];
        JCuda.cudaMemcpyAsync(
                Pointer.to(result), JCudaInterop.pointer(vector), bytes, cudaMemcpyKind.cudaMemcpyDeviceToHost, stream);
        JCuda.cudaStreamSynchronize(stream);
        device.useStream(0);
        JCuda.cudaStreamDestroy(stream);
        return result;
    }
}
