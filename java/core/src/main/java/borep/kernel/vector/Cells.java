package borep.kernel.vector;

/**
 * The element-wise part of one time step of a recurrence in its four sweeps (docs/sweeps.md), for units
 * [from, to), multiples of a vector. Gates of a row lie in blocks of one vector: i, f, g, o of the same units, then
 * those of the next units.
 *
 * <p>u is the cotangent of h_t, q that of c_t before the cell's own state is taken over; both stay on the tape,
 * because their tangents need them.
 */
interface Cells {
    /** Products W x + W h on the tape's gates become gates, states and outputs. */
    void forward(RecurrentTape tape, int step, Share share);

    /**
     * Cotangents of the output and of the next step become those of the gates, and of the states of the step before.
     */
    void backward(RecurrentTape tape, int step, Share share);

    /** The derivative of forward along the direction whose products lie on the tape's gate tangents. */
    void tangentForward(RecurrentTape tape, int step, Share share);

    /** The derivative of backward. */
    void tangentBackward(RecurrentTape tape, int step, Share share);
}
