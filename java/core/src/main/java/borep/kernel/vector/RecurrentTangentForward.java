package borep.kernel.vector;

import borep.kernel.vector.Gemm.Product;
import java.util.Arrays;

/**
 * R{a} = X V_ihᵀ + H V_hhᵀ + R{X} W_ihᵀ for all rows at once, then step by step R{a_t} += R{h_{t-1}} W_hhᵀ and the
 * cell.
 */
final class RecurrentTangentForward implements Workers.Part {
    private final RecurrentTape tape;
    private final RecurrentTangents tangents;
    private final Cells cells;
    private final Workers workers;
    private final Product inputByDirection;
    private final Product beforeByDirection;
    private final Product movedInput;
    private final Product movedInputToo;
    final Matrix callersOutput = new Matrix();

    RecurrentTangentForward(final RecurrentTape tape, final Cells cells, final Workers workers) {
        this.tape = tape;
        this.tangents = tape.tangents;
        this.cells = cells;
        this.workers = workers;
        inputByDirection = new Product(tape.input, tangents.inputByGate, tangents.gates, false);
        beforeByDirection = new Product(tape.before, tangents.hiddenByGate, tangents.gates, true);
        movedInput = new Product(tangents.input, tape.inputByGate, tangents.gates, false);
        movedInputToo = new Product(tangents.input, tape.inputByGate, tangents.gates, true);
    }

    @Override
    public void run(final int part, final int parts) {
        final Workspace workspace = workers.workspace(part);
        final int from = tape.unit(part, parts);
        final int to = tape.unit(part + 1, parts);
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
        workers.barrier(parts);
        project(tape.row(part, parts), tape.row(part + 1, parts), workspace);
        workers.barrier(parts);
        final Share share = tape.share(part);
        for (int place = 0; place < tape.walk.steps(); place++) {
            tape.multiplyBefore(place, tangents.gates, share, workspace);
            cells.tangentForward(tape, tape.walk.step(place), share);
            tape.handBefore(place + 1, tangents.before, share);
            if (!tape.bySample()) {
                workers.barrier(parts);
            }
        }
        if (!tape.inPlace) {
            workers.barrier(parts);
            tape.copyUnits(tangents.output, callersOutput, from, to);
        }
    }

    private void project(final int from, final int to, final Workspace workspace) {
        final int panels = tape.inputByGate.count;
        final boolean directed = tangents.direction != null;
        if (directed) {
            tape.gemm.multiply(inputByDirection, from, to, 0, panels, workspace);
            tape.gemm.multiply(beforeByDirection, from, to, 0, panels, workspace);
        }
        if (tangents.input.isShown()) {
            tape.gemm.multiply(directed ? movedInputToo : movedInput, from, to, 0, panels, workspace);
        } else if (!directed) {
            Arrays.fill(tangents.gates.values, tangents.gates.row(from), tangents.gates.row(to), 0);
        }
    }
}
