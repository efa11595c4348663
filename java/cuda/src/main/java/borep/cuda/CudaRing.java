package borep.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import borep.device.Reals;
import borep.device.Ring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/** A ring in pinned memory that the device writes and the host reads without a call ({@code native/src/kernels/ring.cu}). */
@SuppressWarnings("restricted") // memory of the library's
final class CudaRing implements Ring {
    private static final VarHandle WORD = JAVA_LONG.varHandle();
    /** The header's words (native/src/kernels/ring.cuh). */
    private static final long WRITTEN = 0;

    private static final long CLOSED = 8;
    private static final long HEADER_BYTES = 16;
    private static final long POLL_NANOS = 20_000;
    /** After so long without a record the device is asked what is wrong. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private final CudaDevice device;
    private final int width;
    private final int capacity;
    private final long handle;
    private final MemorySegment header;
    private final MemorySegment records;

    CudaRing(final CudaDevice device, final int width, final int capacity) {
        this.device = device;
        this.width = width;
        this.capacity = capacity;
        final CudaBindings bindings = device.bindings();
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment out = call.allocate(JAVA_LONG, 3);
            final long at = out.address();
            bindings.check((int) bindings.ringCreate.invokeExact(device.context(), width, capacity, at));
            handle = out.getAtIndex(JAVA_LONG, 0);
            bindings.check((int) bindings.ringMemory.invokeExact(handle, at + 8, at + 16));
            header = MemorySegment.ofAddress(out.getAtIndex(JAVA_LONG, 1)).reinterpret(HEADER_BYTES);
            records = MemorySegment.ofAddress(out.getAtIndex(JAVA_LONG, 2))
                    .reinterpret((long) Float.BYTES * width * capacity);
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /** The ring that a call on {@code device} is given. */
    static CudaRing of(final CudaDevice device, final Ring ring) {
        device.requireOpen();
        if (ring instanceof CudaRing own && own.device == device) {
            return own;
        }
        throw device.foreign("ring");
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void append(final Reals values) {
        Structs.require("values", values, width);
        try {
            final CudaBindings bindings = device.bindings();
            bindings.check((int) bindings.ringAppend.invokeExact(handle(), CudaReals.address(device, values)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public long written() {
        return word(WRITTEN);
    }

    @Override
    public boolean isClosed() {
        return word(CLOSED) != 0;
    }

    /** How many steps were good, once a guard has closed the ring. */
    long goodSteps() {
        return word(CLOSED) - 1;
    }

    private long word(final long offset) {
        device.requireOpen();
        return (long) WORD.getAcquire(header, offset);
    }

    /**
     * @throws IllegalStateException after the device has been closed
     */
    long handle() {
        device.requireOpen();
        return handle;
    }

    @Override
    public void await(final long awaited) {
        if (written() < awaited) {
            device.flush();
        }
        final long begun = System.nanoTime();
        while (written() < awaited && !isClosed()) {
            if (System.nanoTime() - begun > PATIENCE_NANOS) {
                device.synchronise(); // throws what stopped it
                if (written() < awaited && !isClosed()) {
                    throw new IllegalStateException(awaited + " records: only " + written() + " have been appended");
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    @Override
    public double get(final long record, final int place) {
        Ring.requireRecord(this, written(), record, place);
        return records.getAtIndex(JAVA_FLOAT, record % capacity * width + place);
    }
}
