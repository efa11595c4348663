package borep.kernel.vector;

import borep.kernel.vector.Gemm.Product;
import java.util.Arrays;

/**
 * R{a} = X V_ihᵀ + H V_hhᵀ + R{X} W_ihᵀ for all rows at once, then step by step R{a_t} += R{h_{t-1}} W_hhᵀ and the
 * cell.
 */
final class RecurrentTangentForward extends RecurrentSweep {
    private final RecurrentTangents tangents;
    private final Product inputByDirection;
    private final Product distinctByDirection;
    private final Product beforeByDirection;
    private final Product movedInput;
    private final Product movedInputToo;
    final Matrix callersOutput = new Matrix();
    private final Workers.Phase pack = this::pack;
    private final Workers.Phase multiply = this::multiply;
    private final Workers.Phase multiplyDistinct = this::multiplyDistinct;
    private final Workers.Phase spread = this::spread;
    private final Workers.Phase copyOut = this::copyOut;

    RecurrentTangentForward(final RecurrentTape tape, final Cells cells, final Workers workers) {
        super(tape, cells, workers);
        tangents = tape.tangents;
        inputByDirection = new Product(tape.input, tangents.inputByGate, tangents.gates, false);
        distinctByDirection = tape.distinct == null
                ? null
                : new Product(tape.distinct.input, tangents.inputByGate, tape.distinct.gates, false);
        beforeByDirection = new Product(tape.before, tangents.hiddenByGate, tangents.gates, true);
        movedInput = new Product(tangents.input, tape.inputByGate, tangents.gates, false);
        movedInputToo = new Product(tangents.input, tape.inputByGate, tangents.gates, true);
    }

    @Override
    public void run(final int part, final int parts) {
        workers.phase(pack, part, parts);
        if (tangents.direction != null && tape.byDistinctRows()) {
            workers.phase(multiplyDistinct, part, parts);
            workers.phase(spread, part, parts);
        }
        workers.phase(multiply, part, parts);
        walkForwards(part, parts);
        if (!tape.inPlace) {
            workers.phase(copyOut, part, parts);
        }
    }

    private void pack(final int piece, final int pieces, final Workspace workspace) {
        final int from = tape.unit(piece, pieces);
        final int to = tape.unit(piece + 1, pieces);
        if (tangents.direction != null) {
            tape.pack(
                    tangents.direction,
                    tangents.directionAt,
                    tangents.inputByGate,
                    tangents.hiddenByGate,
                    tangents.bias,
                    from,
                    to);
        } else {
            Arrays.fill(tangents.bias, tape.gateCount * from, tape.gateCount * to, 0);
        }
        tape.clearBefore(tangents.before, from, to);
    }

    private void multiplyDistinct(final int piece, final int pieces, final Workspace workspace) {
        tape.distinct.multiply(distinctByDirection, piece, pieces, workspace);
    }

    private void spread(final int piece, final int pieces, final Workspace workspace) {
        tape.distinct.spread(tangents.gates, piece, pieces);
    }

    private void multiply(final int piece, final int pieces, final Workspace workspace) {
        final boolean directed = tangents.direction != null;
        if (directed) {
            if (!tape.byDistinctRows()) {
                tape.multiplyRows(inputByDirection, piece, pieces, workspace);
            }
            tape.multiplyRows(beforeByDirection, piece, pieces, workspace);
        }
        if (tangents.input.isShown()) {
            tape.multiplyRows(directed ? movedInputToo : movedInput, piece, pieces, workspace);
        } else if (!directed) {
            final int from = tangents.gates.row(tape.row(piece, pieces));
            Arrays.fill(tangents.gates.values, from, tangents.gates.row(tape.row(piece + 1, pieces)), 0);
        }
    }

    @Override
    void step(final int place, final Share share, final Workspace workspace) {
        tape.multiplyBefore(place, tangents.gates, share, workspace);
        cells.tangentForward(tape, tape.walk.step(place), share);
        tape.handBefore(place + 1, tangents.before, share);
    }

    private void copyOut(final int piece, final int pieces, final Workspace workspace) {
        tape.copyUnits(tangents.output, callersOutput, tape.unit(piece, pieces), tape.unit(piece + 1, pieces));
    }
}
