package borep.kernel.reference;

/**
 * The tanh RNN (Elman 1990), unit by unit; u is the cotangent of h:
 *
 * <pre>
 * forward            h = tanh a
 * tangent forward    R{h} = (1 − h²) R{a}
 * backward           ā = (1 − h²) u
 * tangent backward   R{ā} = (1 − h²) R{u} − 2 h R{h} u
 * </pre>
 */
final class TanhRnnEquations implements CellEquations {
    private final RecurrentTape tape;

    TanhRnnEquations(final RecurrentTape tape) {
        this.tape = tape;
    }

    @Override
    public void forward(final int row, final int before) {
        for (int unit = 0; unit < tape.shape.hidden(); unit++) {
            final double h = Math.tanh(tape.gates[row][unit]);
            tape.gates[row][unit] = h;
            tape.hidden[row][unit] = h;
        }
    }

    @Override
    public void tangentForward(final int row, final int before) {
        for (int unit = 0; unit < tape.shape.hidden(); unit++) {
            final double h = tape.hidden[row][unit];
            tape.hiddenTangents[row][unit] = (1 - h * h) * tape.gateTangents[row][unit];
        }
    }

    @Override
    public void backward(final int row, final int before) {
        for (int unit = 0; unit < tape.shape.hidden(); unit++) {
            final double h = tape.hidden[row][unit];
            tape.gateCotangents[row][unit] = (1 - h * h) * tape.u[row][unit];
        }
    }

    @Override
    public void tangentBackward(final int row, final int before) {
        for (int unit = 0; unit < tape.shape.hidden(); unit++) {
            final double h = tape.hidden[row][unit];
            final double rh = tape.hiddenTangents[row][unit];
            final double ru = tape.hiddenCarry[row][unit];
            tape.gateCotangentTangents[row][unit] = (1 - h * h) * ru - 2 * h * rh * tape.u[row][unit];
        }
    }
}
