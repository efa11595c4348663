package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.DeviceUnavailable;
import borep.device.Reals;
import java.lang.reflect.Field;
import java.util.List;
import jcuda.NativePointerObject;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.runtime.cudaEvent_t;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

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

    /** The other device's stream plays the one that JCuda would have made: to borep it is a handle either way. */
    @Test
    void streamsOfJCudaAreUsed() throws ReflectiveOperationException {
        try (CudaDevice other = Emulated.open();
                CudaDevice device = Emulated.open()) {
            final long own = device.stream();
            final CUstream stream = new CUstream();
            final IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> JCudaInterop.useStream(device, stream));
            assertEquals("stream of JCuda: is not created yet; create it with JCuda first", refusal.getMessage());
            final Field pointer = NativePointerObject.class.getDeclaredField("nativePointer");
            pointer.setAccessible(true);
            pointer.setLong(stream, other.stream());
            JCudaInterop.useStream(device, stream);
            assertEquals(other.stream(), device.stream());
            final Reals reals = device.reals(3);
            device.kernels().update().fill(reals, 2);
            assertArrayEquals(new double[] {2, 2, 2}, reals.toDoubles());
            device.useStream(0);
            assertEquals(own, device.stream());
            JCudaInterop.useStream(device, new cudaStream_t(stream));
            assertEquals(other.stream(), device.stream());
            device.useStream(0);
            for (final Runnable call : List.<Runnable>of(
                    () -> JCudaInterop.waitFor(device, new CUevent()),
                    () -> JCudaInterop.record(device, new cudaEvent_t()))) {
                assertEquals(
                        "event of JCuda: is not created yet; create it with JCuda first",
                        assertThrows(IllegalArgumentException.class, call::run).getMessage());
            }
        }
    }

    @Test
    void theExampleRunsWhereAGpuIs() {
        final CudaDevice device;
        try {
            device = (CudaDevice) new CudaProvider().open("cuda", 1);
        } catch (DeviceUnavailable e) {
            throw new TestAbortedException("no GPU: " + e.getMessage());
        }
        try (device) {
            assertArrayEquals(new float[] {3, 6, 9, 12}, JCudaExample.run(device));
        } catch (UnsatisfiedLinkError e) {
            throw new TestAbortedException("JCuda's natives are missing: " + e.getMessage());
        }
    }
}
