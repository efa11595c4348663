package borep.device;

import java.util.Objects;

/** Float32 numbers on the Java heap: the {@link Reals} of the {@code vector} and {@code scalar} devices. */
public final class HostFloats implements Reals {
    private final float[] array;
    private final int offset;
    private final int size;

    /** {@code size} zeros. */
    public HostFloats(final int size) {
        this(new float[size], 0, size);
    }

    private HostFloats(final float[] array, final int offset, final int size) {
        this.array = array;
        this.offset = offset;
        this.size = size;
    }

    /** The array of {@code reals}; its elements begin at {@link #offset(Reals)}. */
    public static float[] array(final Reals reals) {
        return ((HostFloats) reals).array;
    }

    /** Where the elements of {@code reals} begin in {@link #array(Reals)}. */
    public static int offset(final Reals reals) {
        return ((HostFloats) reals).offset;
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
        return new HostFloats(array, offset + from, length);
    }

    @Override
    public void set(final double[] values) {
        requireSize(values.length);
        for (int i = 0; i < size; i++) {
            array[offset + i] = (float) values[i];
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
