package borep.cuda;

import borep.device.Ints;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** 32-bit integers in device memory. {@link #address()} is a CUDA device pointer, for other libraries. */
public final class CudaInts implements Ints {
    private final CudaDevice device;
    private final long address;
    private final int size;

    CudaInts(final CudaDevice device, final long address, final int size) {
        this.device = device;
        this.address = address;
        this.size = size;
    }

    /**
     * The device pointer that a call on {@code device} is given.
     *
     * @throws IllegalArgumentException if they are not that device's
     */
    static long address(final CudaDevice device, final Ints ints) {
        if (ints instanceof CudaInts own && own.device == device) {
            return own.address();
        }
        throw device.foreign("ints");
    }

    /**
     * The device pointer of the first element.
     *
     * @throws IllegalStateException after the device has been closed
     */
    public long address() {
        device.requireOpen();
        return address;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Ints slice(final int from, final int length) {
        if (from < 0 || length < 0 || from > size - length) {
            throw new IndexOutOfBoundsException("slice [" + from + ", " + (from + length) + ") of " + size + " ints");
        }
        return new CudaInts(device, address + (long) Integer.BYTES * from, length);
    }

    @Override
    public void set(final int[] values) {
        if (values.length != size) {
            throw new IllegalArgumentException(values.length + " values for " + size + " ints");
        }
        try (Arena arena = Arena.ofConfined()) {
            device.write(address, arena.allocateFrom(ValueLayout.JAVA_INT, values));
        }
    }

    @Override
    public int[] toArray() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment copy = arena.allocate(ValueLayout.JAVA_INT, size);
            device.read(address, copy);
            return copy.toArray(ValueLayout.JAVA_INT);
        }
    }
}
