package borep.kernel.vector;

import borep.kernel.vector.Gemm.Outer;
import borep.kernel.vector.Gemm.Product;

/**
 * S = Ā V_hh for all rows at once, then step by step against the layer's direction the cell's derivative and
 * R{h̄_{t-1}} = S_t + R{ā_t} W_hh; then the tangents of all weights' and inputs' cotangents at once.
 */
final class RecurrentTangentBackward implements Workers.Part {
    private final RecurrentTape tape;
    private final RecurrentTangents tangents;
    private final Cells cells;
    private final Workers workers;
    private final Product spread;
    private final Outer byInput;
    private final Outer byMovedInput;
    private final Outer byBefore;
    private final Outer byMovedBefore;
    private Product toInput;
    private Product toInputByDirection;
    final RecurrentGradient gradient;
    final Matrix callersCotangent = new Matrix();
    /** [R, I] the caller's, if wanted. */
    final Matrix inputCotangent = new Matrix();

    RecurrentTangentBackward(
            final RecurrentTape tape, final Cells cells, final Elements elements, final Workers workers) {
        this.tape = tape;
        this.tangents = tape.tangents;
        this.cells = cells;
        this.workers = workers;
        gradient = new RecurrentGradient(tape, elements);
        spread = new Product(tape.gateCotangents, tangents.gateByHidden, tangents.back, false);
        byInput = gradient.inputWeights(tangents.gateCotangents, tape.input);
        byMovedInput = gradient.inputWeights(tape.gateCotangents, tangents.input);
        byBefore = gradient.hiddenWeights(tangents.gateCotangents, tape.before);
        byMovedBefore = gradient.hiddenWeights(tape.gateCotangents, tangents.before);
    }

    /** Makes room for the cotangents of the input when they are first wanted. */
    void prepare() {
        if (inputCotangent.isShown()) {
            tape.prepareInputCotangents();
            tangents.prepareInputCotangents(tape);
            if (toInput == null) {
                toInput = new Product(tangents.gateCotangents, tape.gateByInput, inputCotangent, true);
                toInputByDirection = new Product(tape.gateCotangents, tangents.gateByInput, inputCotangent, true);
            }
        }
    }

    @Override
    public void run(final int part, final int parts) {
        final Workspace workspace = workers.workspace(part);
        final int from = tape.unit(part, parts);
        final int to = tape.unit(part + 1, parts);
        final int fromRow = tape.row(part, parts);
        final int toRow = tape.row(part + 1, parts);
        final Walk walk = tape.walk;
        final boolean directed = tangents.direction != null;
        tape.packHiddenWeights(from, to);
        if (!tape.inPlace) {
            tape.copyUnits(callersCotangent, tangents.outputCotangent, from, to);
        }
        if (directed) {
            tape.packRows(tangents.direction, tangents.directionAt, tangents.gateByHidden, from, to);
            workers.barrier(parts);
            tape.gemm.multiply(spread, fromRow, toRow, 0, tangents.gateByHidden.count, workspace);
        }
        if (directed || tape.bySample()) {
            workers.barrier(parts);
        }
        final Share share = tape.share(part);
        for (int place = walk.steps() - 1; place >= 0; place--) {
            final int step = walk.step(place);
            cells.tangentBackward(tape, step, share);
            tape.handCotangents(place, tangents.gateCotangents, share);
            if (!tape.bySample()) {
                workers.barrier(parts);
            }
            tape.multiplyCotangents(place, tangents.back, walk.start(step), directed, share, workspace);
        }
        if (tape.bySample()) {
            workers.barrier(parts);
        }
        if (gradient.wanted()) {
            accumulate(from, to, workspace);
        }
        if (inputCotangent.isShown()) {
            tape.packInputWeights(part, parts);
            tape.packInputRows(tangents.direction, tangents.directionAt, tangents.gateByInput, part, parts);
            workers.barrier(parts);
            tape.gemm.multiply(toInput, fromRow, toRow, 0, tape.gateByInput.count, workspace);
            if (directed) {
                tape.gemm.multiply(toInputByDirection, fromRow, toRow, 0, tape.gateByInput.count, workspace);
            }
        }
    }

    private void accumulate(final int from, final int to, final Workspace workspace) {
        gradient.accumulate(byInput, from, to, workspace);
        if (tangents.input.isShown()) {
            gradient.accumulate(byMovedInput, from, to, workspace);
        }
        gradient.accumulate(byBefore, from, to, workspace);
        gradient.accumulate(byMovedBefore, from, to, workspace);
        gradient.accumulateBias(tangents.gateCotangents, from, to);
    }
}
