package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Reals;
import jcuda.driver.CUdeviceptr;
import org.junit.jupiter.api.Test;

/** Pointers there and back; JCuda's native library is not needed for that. */
class JCudaInteropTest {
    @Test
    void pointersNameTheSameMemory() {
        try (CudaDevice device = Emulated.open()) {
            final Reals reals = device.reals(6);
            reals.set(new float[] {1, 2, 3, 4, 5, 6});
            final CUdeviceptr pointer = JCudaInterop.pointer(reals.slice(2, 4));
            assertEquals(((CudaReals) reals).address() + 8, JCudaInterop.address(pointer));
            final CUdeviceptr further = pointer.withByteOffset(4);
            final Reals seen = JCudaInterop.reals(device, further, 3);
            assertArrayEquals(new double[] {4, 5, 6}, seen.toDoubles());
            device.kernels().update().scale(10, seen);
            assertArrayEquals(new double[] {1, 2, 3, 40, 50, 60}, reals.toDoubles());
            assertThrows(IllegalArgumentException.class, () -> JCudaInterop.reals(device, new CUdeviceptr(), 1));
        }
    }
}
