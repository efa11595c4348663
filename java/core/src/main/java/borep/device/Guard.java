package borep.device;

/**
 * Ends the steps of a run and keeps what they made, so that a step that leaves the finite numbers does no harm although the host,
 * which may have enqueued many steps ahead, has not seen it yet. A step is judged by the numbers it leaves to judge it by.
 *
 * <p>A bad step is the last one: its record closes the ring, the state is again that of the last good step, and whatever further
 * steps do is undone, until {@link #begin}.
 */
public interface Guard {
    /** The state as it is now is good, and nothing has gone wrong. Not part of a {@link Program}. */
    void begin();

    /**
     * Records a part of a step.
     *
     * @see Device#record
     */
    Program record(Runnable calls);

    /**
     * Enqueues the end of a step: its numbers go into the ring; if all are finite the counter goes on and the state is kept, else
     * the ring is closed and the state put back.
     */
    void end();
}
