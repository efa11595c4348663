package borep.cuda;

import borep.device.Ints;
import borep.device.Reals;
import jcuda.driver.CUdeviceptr;

/**
 * Hands device memory to JCuda and takes JCuda's, without a copy. Both work in the device's primary context: JCuda programs retain it
 * with {@code cuDevicePrimaryCtxRetain}, not with {@code cuCtxCreate}. The streams differ, so {@link CudaDevice#synchronise} before JCuda
 * reads, and synchronise JCuda's stream before borep does.
 *
 * <p>Needs {@code org.jcuda:jcuda} on the module path; its native library only for JCuda's own calls.
 */
public final class JCudaInterop {
    private JCudaInterop() {}

    /** JCuda's pointer to these numbers; valid until the device is closed. */
    public static CUdeviceptr pointer(final Reals reals) {
        return pointer(CudaReals.address(reals));
    }

    /** JCuda's pointer to these integers; valid until the device is closed. */
    public static CUdeviceptr pointer(final Ints ints) {
        return pointer(CudaInts.address(ints));
    }

    /**
     * JCuda's memory as numbers of a device.
     *
     * @param pointer to at least {@code size} float32 numbers on the same GPU; JCuda goes on owning them
     */
    public static Reals reals(final CudaDevice device, final CUdeviceptr pointer, final int size) {
        return device.view(address(pointer), size);
    }

    /** The device address that a JCuda pointer stands for. */
    public static long address(final CUdeviceptr pointer) {
        return new Opened(pointer).address();
    }

    private static CUdeviceptr pointer(final long address) {
        return new CUdeviceptr().withByteOffset(address);
    }

    /** A copy, because JCuda shows the address to its own subclasses alone. */
    private static final class Opened extends CUdeviceptr {
        Opened(final CUdeviceptr pointer) {
            super(pointer);
        }

        long address() {
            return getNativePointer() + getByteOffset();
        }
    }
}
