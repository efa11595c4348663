package borep.kernel.vector;

import borep.kernel.vector.Gemm.Product;

/** a = X W_ihᵀ for all rows at once, then step by step a_t += h_{t-1} W_hhᵀ and the cell. */
final class RecurrentForward implements Workers.Part {
    private final RecurrentTape tape;
    private final Cells cells;
    private final Workers workers;
    private final Product project;
    /** The caller's rows, if they lack the tape's padding. */
    final Matrix callersOutput = new Matrix();

    RecurrentForward(final RecurrentTape tape, final Cells cells, final Workers workers) {
        this.tape = tape;
        this.cells = cells;
        this.workers = workers;
        project = new Product(tape.input, tape.inputByGate, tape.gates, false);
    }

    @Override
    public void run(final int part, final int parts) {
        final Workspace workspace = workers.workspace(part);
        final int from = tape.unit(part, parts);
        final int to = tape.unit(part + 1, parts);
        tape.packForward(from, to);
        tape.clearBefore(tape.before, from, to);
        workers.barrier(parts);
        tape.gemm.multiply(
                project, tape.row(part, parts), tape.row(part + 1, parts), 0, tape.inputByGate.count, workspace);
        workers.barrier(parts);
        final Share share = tape.share(part);
        for (int place = 0; place < tape.walk.steps(); place++) {
            tape.multiplyBefore(place, tape.gates, share, workspace);
            cells.forward(tape, tape.walk.step(place), share);
            tape.handBefore(place + 1, tape.before, share);
            if (!tape.bySample()) {
                workers.barrier(parts);
            }
        }
        if (!tape.inPlace) {
            workers.barrier(parts);
            tape.copyUnits(tape.output, callersOutput, from, to);
        }
    }
}
