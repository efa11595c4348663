package borep.problem;

import borep.device.Counter;

/**
 * One realisation of a level's randomness, with the device memory of its batch. A drawn sample can be replayed: evaluated at
 * two points it is the same realisation at both.
 */
public interface Sample {
    /**
     * Draws anew. The same (seed of the problem, step, purpose, lane) is always the same realisation, on every device.
     *
     * @param step    read on the device when the draw executes
     * @param purpose which of an iteration's random choices this is
     * @param lane    which of several with this purpose
     */
    void draw(Counter step, int purpose, int lane);

    /**
     * Becomes batch {@code i} of the level's {@link FiniteSum}: a constant of a recorded program. Ask the problem for the sum before.
     *
     * @throws UnsupportedOperationException if the level is no finite sum
     */
    default void take(final int i) {
        throw new UnsupportedOperationException("batch " + i + ": this level is no finite sum");
    }
}
