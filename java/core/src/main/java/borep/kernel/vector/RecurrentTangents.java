package borep.kernel.vector;

/** What the tangents of a recurrent layer's sweeps keep; names and shapes as in {@link RecurrentTape}, R{·} of each. */
final class RecurrentTangents {
    /** The caller's direction V, v; null: zero. */
    float[] direction;

    int directionAt;
    /** [G·U] v_ih + v_hh. */
    final float[] bias;
    /** V_ihᵀ, V_hhᵀ, packed by tangentForward; V_hh, V_ih, packed by tangentBackward. */
    final Panels inputByGate;

    final Panels hiddenByGate;
    final Panels gateByHidden;
    Panels gateByInput;

    /** [R, I] the caller's; hidden: zero. */
    final Matrix input = new Matrix();
    /** [R, G·U]. */
    final Matrix gates;
    /** [R, U]; null for the tanh RNN. */
    final float[] cells;
    /** [R, U] R{h} of the step before. */
    final Matrix before;

    final Matrix output = new Matrix();
    final Matrix outputCotangent = new Matrix();
    /** [R, G·U]. */
    final Matrix gateCotangents;
    /** [R, U] V_hhᵀ da_t + W_hhᵀ R{da_t}: the cotangents' tangents of the states before each step. */
    final Matrix back;
    /** [B, U]. */
    final float[] cellCarry;

    RecurrentTangents(final RecurrentTape tape) {
        final Gemm gemm = tape.gemm;
        final int width = tape.gateCount * tape.units;
        bias = new float[width];
        inputByGate = new Panels(gemm, tape.shape.input(), width);
        hiddenByGate = new Panels(gemm, tape.shape.hidden(), width);
        gateByHidden = new Panels(gemm, width, tape.units);
        gates = new Matrix(tape.maxRows, width);
        cells = tape.cells == null ? null : new float[tape.cells.length];
        before = new Matrix(tape.maxRows, tape.units);
        gateCotangents = new Matrix(tape.maxRows, width);
        back = new Matrix(tape.maxRows, tape.units);
        cellCarry = tape.cellCarry == null ? null : new float[tape.cellCarry.length];
        if (!tape.inPlace) {
            output.show(new Matrix(tape.maxRows, tape.units));
            outputCotangent.show(new Matrix(tape.maxRows, tape.units));
        }
    }

    /** Makes room for V_ih in the layout that carries gates' cotangents to the input. */
    void prepareInputCotangents(final RecurrentTape tape) {
        if (gateByInput == null) {
            gateByInput = new Panels(tape.gemm, tape.gateCount * tape.units, tape.shape.input());
        }
    }
}
