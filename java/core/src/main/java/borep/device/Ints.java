package borep.device;

/** A run of 32-bit integers (token ids, lengths, labels, sample indices) in a device's memory. */
public interface Ints {
    /** Number of elements. */
    int size();

    /**
     * The elements {@code [from, from + length)}, sharing this memory.
     *
     * @throws IndexOutOfBoundsException "slice [4, 10) of 8 ints"
     */
    Ints slice(int from, int length);

    /**
     * Overwrites every element from the host.
     *
     * @throws IllegalArgumentException unless {@code values.length} equals {@link #size()}
     */
    void set(int[] values);

    /** Copies every element to the host. */
    int[] toArray();
}
