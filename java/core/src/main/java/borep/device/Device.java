package borep.device;

import borep.kernel.Kernels;
import java.util.List;

/**
 * Memory, ordering and kernels of one place to compute. Knows nothing about models or solvers.
 *
 * <p>Calls on one device from one thread take effect in order. A device is not safe for use by several threads at once.
 */
public interface Device extends AutoCloseable {
    /** The name {@code --device} knows: {@code reference}, {@code scalar}, {@code vector}, {@code cuda:0}. */
    String name();

    /** One line for people: what runs, in which precision, on how many threads. */
    String description();

    /** Bytes of one element of {@link Reals}: 4 or 8. */
    int realBytes();

    /**
     * Bits of mantissa that the operands of matrix products keep: all that a {@link Reals} has, 23 or 52, unless the device was asked to
     * round them.
     */
    default int productBits() {
        return realBytes() == Float.BYTES ? 23 : 52;
    }

    /** A new vector of {@code size} zeros; size not negative. */
    Reals reals(int size);

    /** {@code size} new zeros; size not negative. */
    Ints ints(int size);

    /** A new counter at 0. */
    Counter counter();

    /** An empty ring of {@code capacity} records of {@code width} numbers. */
    Ring ring(int width, int capacity);

    /**
     * The end of a run's steps.
     *
     * @param counter counts good steps
     * @param ring    gets the numbers of every step
     * @param values  [ring's width] numbers that a step leaves; it is good if all are finite
     * @param state   every vector that a later step depends on; the guard keeps a copy
     */
    Guard guard(Counter counter, Ring ring, Reals values, List<Reals> state);

    /** One object per kernel family. */
    Kernels kernels();

    /**
     * Records {@code calls} for replay. The calls must read everything that changes between replays from device memory or
     * from a {@link Counter}; they are not executed by recording.
     */
    Program record(Runnable calls);

    /** Releases threads and memory; using the device afterwards is an error. Idempotent. */
    @Override
    void close();
}
