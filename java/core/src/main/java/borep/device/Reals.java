package borep.device;

/**
 * A run of real numbers in a device's memory: float32 on the fast devices, float64 on the reference device.
 *
 * <p>Kernels read and write it where it lies; the host copies in and out only at the edges of a run (parameters, metrics,
 * checkpoints). A slice shares the memory of what it was cut from.
 */
public interface Reals {
    /** Number of elements. */
    int size();

    /**
     * The elements {@code [from, from + length)}, sharing this memory.
     *
     * @throws IndexOutOfBoundsException "slice [4, 10) of 8 reals"
     */
    Reals slice(int from, int length);

    /**
     * Overwrites every element from the host, rounded to the storage type.
     *
     * @throws IllegalArgumentException unless {@code values.length} equals {@link #size()}
     */
    void set(double[] values);

    /**
     * Overwrites every element from the host.
     *
     * @throws IllegalArgumentException unless {@code values.length} equals {@link #size()}
     */
    void set(float[] values);

    /** Copies every element to the host, exactly; waits for the device. */
    double[] toDoubles();

    /**
     * Copies one element to the host, exactly; waits for the device.
     *
     * @throws IndexOutOfBoundsException unless index lies in [0, size)
     */
    double get(int index);
}
