package borep.device;

import java.util.Arrays;

/** Integers on the Java heap: the {@link Ints} of every device that computes on the host. */
public final class HostInts implements Ints {
    private final int[] array;
    private final int offset;
    private final int size;

    /** {@code size} zeros. */
    public HostInts(final int size) {
        this(new int[size], 0, size);
    }

    private HostInts(final int[] array, final int offset, final int size) {
        this.array = array;
        this.offset = offset;
        this.size = size;
    }

    /** The array of {@code ints}; its elements begin at {@link #offset(Ints)}. */
    public static int[] array(final Ints ints) {
        return ((HostInts) ints).array;
    }

    /** Where the elements of {@code ints} begin in {@link #array(Ints)}. */
    public static int offset(final Ints ints) {
        return ((HostInts) ints).offset;
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
        return new HostInts(array, offset + from, length);
    }

    @Override
    public void set(final int[] values) {
        if (values.length != size) {
            throw new IllegalArgumentException(values.length + " values for " + size + " ints");
        }
        System.arraycopy(values, 0, array, offset, size);
    }

    @Override
    public int[] toArray() {
        return Arrays.copyOfRange(array, offset, offset + size);
    }
}
