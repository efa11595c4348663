package borep.cuda;

import borep.device.Reals;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Float32 numbers in device memory. {@link #address()} is a CUDA device pointer, for other libraries. */
public final class CudaReals implements Reals {
    private final CudaDevice device;
    private final long address;
    private final int size;

    CudaReals(final CudaDevice device, final long address, final int size) {
        this.device = device;
        this.address = address;
        this.size = size;
    }

    /**
     * The device pointer that a call on {@code device} is given.
     *
     * @throws IllegalArgumentException if they are not that device's
     */
    static long address(final CudaDevice device, final Reals reals) {
        if (reals instanceof CudaReals own && own.device == device) {
            return own.address();
        }
        throw device.foreign("reals");
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
    public Reals slice(final int from, final int length) {
        if (from < 0 || length < 0 || from > size - length) {
            throw new IndexOutOfBoundsException("slice [" + from + ", " + (from + length) + ") of " + size + " reals");
        }
        return new CudaReals(device, address + (long) Float.BYTES * from, length);
    }

    @Override
    public void set(final double[] values) {
        final float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = (float) values[i];
        }
        set(rounded);
    }

    @Override
    public void set(final float[] values) {
        if (values.length != size) {
            throw new IllegalArgumentException(values.length + " values for " + size + " reals");
        }
        try (Arena arena = Arena.ofConfined()) {
            device.write(address, arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
        }
    }

    @Override
    public double[] toDoubles() {
        return read(address, size);
    }

    @Override
    public double get(final int index) {
        return read(address + (long) Float.BYTES * Objects.checkIndex(index, size), 1)[0];
    }

    private double[] read(final long from, final int count) {
        final double[] values = new double[count];
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment copy = arena.allocate(ValueLayout.JAVA_FLOAT, count);
            device.read(from, copy);
            for (int i = 0; i < count; i++) {
                values[i] = copy.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
        }
        return values;
    }
}
