package borep.kernel.reference;

/**
 * What a cell does to one row, unit by unit, in each sweep; products with weights are {@link ReferenceRecurrent}'s. Each
 * method gets a row and the row of the same sample read before it, both of the {@link RecurrentTape} it was made for.
 */
interface CellEquations {
    /** From {@code a} in the tape's gates to gates, c and h. */
    void forward(int row, int before);

    /** From R{a} in the tape's gateTangents to the tangents of gates, c and h. */
    void tangentForward(int row, int before);

    /** From u and the carried c̄ to q, ā and the c̄ that {@code before} gets. */
    void backward(int row, int before);

    /** The derivative of backward: from R{u} in the tape's hiddenCarry and the carried R{c̄} to R{ā} and the next R{c̄}. */
    void tangentBackward(int row, int before);
}
