package borep.device;

import java.util.Objects;

/** Float64 numbers on the Java heap: the {@link Reals} of the {@code reference} device. */
public final class HostDoubles implements Reals {
    private final double[] array;
    private final int offset;
    private final int size;

    /** {@code size} zeros. */
    public HostDoubles(final int size) {
        this(new double[size], 0, size);
    }

    private HostDoubles(final double[] array, final int offset, final int size) {
        this.array = array;
        this.offset = offset;
        this.size = size;
    }

    /** The array of {@code reals}; its elements begin at {@link #offset(Reals)}. */
    public static double[] array(final Reals reals) {
        return ((HostDoubles) reals).array;
    }

    /** Where the elements of {@code reals} begin in {@link #array(Reals)}. */
    public static int offset(final Reals reals) {
        return ((HostDoubles) reals).offset;
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
        return new HostDoubles(array, offset + from, length);
    }

    @Override
    public void set(final double[] values) {
        requireSize(values.length);
        for (int i = 0; i < size; i++) {
            array[offset + i] = values[i];
        }
    }

    @Override
    public void set(final float[] values) {
        requireSize(values.length);
        for (int i = 0; i < size; i++) {
            array[offset + i] = values[i];
        }
    }

    @Override
    public double[] toDoubles() {
        final double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = array[offset + i];
        }
        return values;
    }

    @Override
    public double get(final int index) {
        return array[offset + Objects.checkIndex(index, size)];
    }

    private void requireSize(final int length) {
        if (length != size) {
            throw new IllegalArgumentException(length + " values for " + size + " reals");
        }
    }
}
