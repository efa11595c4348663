package borep.kernel.vector;

import borep.kernel.vector.Gemm.Product;

/** a = X W_ihᵀ for all rows at once, then step by step a_t += h_{t-1} W_hhᵀ and the cell. */
final class RecurrentForward extends RecurrentSweep {
    private final Product project;
    private final Product projectDistinct;
    /** The caller's rows, if they lack the tape's padding. */
    final Matrix callersOutput = new Matrix();

    private final Workers.Phase pack = this::pack;
    private final Workers.Phase key = this::key;
    private final Workers.Phase gather = this::gather;
    private final Workers.Phase multiply = this::multiply;
    private final Workers.Phase multiplyDistinct = this::multiplyDistinct;
    private final Workers.Phase spread = this::spread;
    private final Workers.Phase copyOut = this::copyOut;

    RecurrentForward(final RecurrentTape tape, final Cells cells, final Workers workers) {
        super(tape, cells, workers);
        project = new Product(tape.input, tape.inputByGate, tape.gates, false);
        projectDistinct = tape.distinct == null
                ? null
                : new Product(tape.distinct.input, tape.inputByGate, tape.distinct.gates, false);
    }

    @Override
    public void run(final int part, final int parts) {
        if (tape.distinct != null) {
            workers.phase(key, part, parts);
            if (part == 0) {
                tape.distinct.group(); // the others pack meanwhile
            }
        }
        workers.phase(pack, part, parts);
        if (tape.distinct != null && tape.distinct.areFew()) {
            workers.phase(gather, part, parts);
        }
        if (tape.byDistinctRows()) {
            workers.phase(multiplyDistinct, part, parts);
            workers.phase(spread, part, parts);
        } else {
            workers.phase(multiply, part, parts);
        }
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

    private void key(final int piece, final int pieces, final Workspace workspace) {
        tape.distinct.key(piece, pieces);
    }

    private void gather(final int piece, final int pieces, final Workspace workspace) {
        tape.distinct.gather(piece, pieces);
    }

    private void multiplyDistinct(final int piece, final int pieces, final Workspace workspace) {
        tape.distinct.multiply(projectDistinct, piece, pieces, workspace);
    }

    private void spread(final int piece, final int pieces, final Workspace workspace) {
        tape.distinct.spread(tape.gates, piece, pieces);
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
