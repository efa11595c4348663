package borep.device;

/**
 * The step counter of a run. It lives on the device, so that a recorded program draws a new batch and a new step size each
 * time it is replayed; together with the vectors it is all a checkpoint has to hold.
 */
public interface Counter {
    /** The current step, counted from 0; never waits for the device. */
    long get();

    /** Sets the step, for a resumed run. */
    void set(long step);

    /** Adds one, in the device's order of operations. */
    void advance();
}
