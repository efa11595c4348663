package borep.cuda;

import borep.device.Ints;
import borep.device.Reals;
import jcuda.NativePointerObject;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.runtime.cudaEvent_t;
import jcuda.runtime.cudaStream_t;

/**
 * Hands device memory to JCuda and takes JCuda's, without a copy. Both work in the device's primary context: JCuda programs retain it
 * with {@code cuDevicePrimaryCtxRetain}, not with {@code cuCtxCreate}. Work of both comes in one order on a stream of JCuda's
 * ({@link #useStream}), or is ordered by events ({@link #waitFor}, {@link #record}); else the streams differ, so {@link
 * CudaDevice#synchronise} before JCuda reads, and synchronise JCuda's stream before borep does. docs/jcuda.md has an example.
 *
 * <p>Needs {@code org.jcuda:jcuda} on the module path; its native library only for JCuda's own calls.
 */
public final class JCudaInterop {
    private JCudaInterop() {}

    /** JCuda's pointer to these numbers; valid until the device is closed. */
    public static CUdeviceptr pointer(final Reals reals) {
        return pointer(((CudaReals) reals).address());
    }

    /** JCuda's pointer to these integers; valid until the device is closed. */
    public static CUdeviceptr pointer(final Ints ints) {
        return pointer(((CudaInts) ints).address());
    }

    /**
     * JCuda's memory as numbers of a device.
     *
     * @param pointer to at least {@code size} float32 numbers on the same GPU; JCuda goes on owning them
     */
    public static Reals reals(final CudaDevice device, final CUdeviceptr pointer, final int size) {
        return device.view(address(pointer), size);
    }

    /** Enqueues borep's work on a stream that JCuda made, from now on; JCuda keeps it until the device is closed or uses another one. */
    public static void useStream(final CudaDevice device, final CUstream stream) {
        device.useStream(handle("stream", stream));
    }

    /** As {@link #useStream(CudaDevice, CUstream)}, for a stream of JCuda's runtime API. */
    public static void useStream(final CudaDevice device, final cudaStream_t stream) {
        device.useStream(handle("stream", stream));
    }

    /** Lets borep's work from now on wait for what JCuda has recorded in the event. */
    public static void waitFor(final CudaDevice device, final CUevent event) {
        device.waitFor(handle("event", event));
    }

    /** As {@link #waitFor(CudaDevice, CUevent)}, for an event of JCuda's runtime API. */
    public static void waitFor(final CudaDevice device, final cudaEvent_t event) {
        device.waitFor(handle("event", event));
    }

    /** Records the event after everything that borep has enqueued so far, for JCuda to wait for. */
    public static void record(final CudaDevice device, final CUevent event) {
        device.record(handle("event", event));
    }

    /** As {@link #record(CudaDevice, CUevent)}, for an event of JCuda's runtime API. */
    public static void record(final CudaDevice device, final cudaEvent_t event) {
        device.record(handle("event", event));
    }

    private static long handle(final String name, final NativePointerObject object) {
        final long handle = new Handle(object).value();
        if (handle == 0) {
            throw new IllegalArgumentException(name + " of JCuda: is not created yet; create it with JCuda first");
        }
        return handle;
    }

    /** The device address that a JCuda pointer stands for. */
    public static long address(final CUdeviceptr pointer) {
        return new Opened(pointer).address();
    }

    private static CUdeviceptr pointer(final long address) {
        return new CUdeviceptr().withByteOffset(address);
    }

    /** A copy, because JCuda shows the handle to its own subclasses alone. */
    private static final class Handle extends NativePointerObject {
        Handle(final NativePointerObject object) {
            super(object);
        }

        long value() {
            return getNativePointer();
        }
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
