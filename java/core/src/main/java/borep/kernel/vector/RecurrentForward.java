package borep.kernel.vector;

import borep.kernel.vector.Gemm.Product;

/** a = X W_ihᵀ for all rows at once, then step by step a_t += h_{t-1} W_hhᵀ and the cell. */
final class RecurrentForward extends RecurrentSweep {
    private final Product project;
    /** The caller's rows, if they lack the tape's padding. */
    final Matrix callersOutput = new Matrix();

    private final Workers.Phase pack = this::pack;
    private final Workers.Phase multiply = this::multiply;
    private final Workers.Phase copyOut = this::copyOut;

    RecurrentForward(final RecurrentTape tape, final Cells cells, final Workers workers) {
        super(tape, cells, workers);
        project = new Product(tape.input, tape.inputByGate, tape.gates, false);
    }

    @Override
    public void run(final int part, final int parts) {
        workers.phase(pack, part, parts);
        workers.phase(multiply, part, parts);
        walkForwards(part, parts);
        if (!tape.inPlace) {
            workers.phase(copyOut, part, parts);
        }
    }

    private void pack(final int piece, final int pieces, final Workspace workspace) {
        final int from = tape.unit(piece, pieces);
        final int to = tape.unit(piece + 1, pieces);
        tape.packForward(from, to);
        tape.clearBefore(tape.before, from, to);
    }

    private void multiply(final int piece, final int pieces, final Workspace workspace) {
        tape.multiplyRows(project, piece, pieces, workspace);
    }

    @Override
    void step(final int place, final Share share, final Workspace workspace) {
        tape.multiplyBefore(place, tape.gates, share, workspace);
        cells.forward(tape, tape.walk.step(place), share);
        tape.handBefore(place + 1, tape.before, share);
    }

    private void copyOut(final int piece, final int pieces, final Workspace workspace) {
        tape.copyUnits(tape.output, callersOutput, tape.unit(piece, pieces), tape.unit(piece + 1, pieces));
    }
}
