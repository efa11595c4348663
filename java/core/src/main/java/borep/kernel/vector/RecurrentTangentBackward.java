package borep.kernel.vector;

import borep.kernel.vector.Gemm.Outer;
import borep.kernel.vector.Gemm.Product;

/**
 * S = Ā V_hh for all rows at once, then step by step against the layer's direction the cell's derivative and
 * R{h̄_{t-1}} = S_t + R{ā_t} W_hh; then the tangents of all weights' and inputs' cotangents at once.
 */
final class RecurrentTangentBackward extends RecurrentSweep {
    private final RecurrentTangents tangents;
    private final Product spread;
    /** āᵀ with R{x} and R{h}, and with R{h} alone where x does not move. */
    private final Outer byGates;

    private final Outer byGatesAndBefore;
    private Product toInput;
    private Product toInputByDirection;
    final RecurrentGradient gradient;
    final Matrix callersCotangent = new Matrix();
    /** [R, I] the caller's, if wanted. */
    final Matrix inputCotangent = new Matrix();

    private final Workers.Phase prepareWeights = this::prepareWeights;
    private final Workers.Phase multiplySpread = this::multiplySpread;
    private final Workers.Phase multiplyToInput = this::multiplyToInput;

    RecurrentTangentBackward(final RecurrentTape tape, final Cells cells, final Workers workers) {
        super(tape, cells, workers);
        tangents = tape.tangents;
        gradient = new RecurrentGradient(tape, tangents.gateCotangents, workers);
        spread = new Product(tape.gateCotangents, tangents.gateByHidden, tangents.back, false);
        byGates = new Outer(tape.gateCotangents, gradient.byInputs(tangents.input), gradient.byStates(tangents.before));
        byGatesAndBefore = new Outer(tape.gateCotangents, gradient.byStates(tangents.before));
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
        final boolean directed = tangents.direction != null;
        workers.phase(prepareWeights, part, parts);
        if (directed) {
            workers.phase(multiplySpread, part, parts);
        }
        walkBackwards(part, parts);
        if (gradient.wanted()) {
            accumulate(part, parts);
        }
        if (inputCotangent.isShown()) {
            workers.phase(multiplyToInput, part, parts);
        }
    }

    private void prepareWeights(final int piece, final int pieces, final Workspace workspace) {
        final int from = tape.unit(piece, pieces);
        final int to = tape.unit(piece + 1, pieces);
        tape.packHiddenWeights(from, to);
        if (tangents.direction != null) {
            tape.packRows(tangents.direction, tangents.directionAt, tangents.gateByHidden, from, to);
        }
        if (!tape.inPlace) {
            tape.copyUnits(callersCotangent, tangents.outputCotangent, from, to);
        }
        if (inputCotangent.isShown()) {
            tape.packInputWeights(piece, pieces);
            tape.packInputRows(tangents.direction, tangents.directionAt, tangents.gateByInput, piece, pieces);
        }
    }

    private void multiplySpread(final int piece, final int pieces, final Workspace workspace) {
        tape.multiplyRows(spread, piece, pieces, workspace);
    }

    /** R{h̄} from the step taken before this one, against the layer's direction; then the cell's derivative. */
    @Override
    void step(final int place, final Share share, final Workspace workspace) {
        final boolean directed = tangents.direction != null;
        if (place + 1 < tape.walk.steps()) {
            final int row = tape.walk.start(tape.walk.step(place + 1));
            tape.multiplyCotangents(place + 1, tangents.back, row, directed, share, workspace);
        }
        cells.tangentBackward(tape, tape.walk.step(place), share);
        tape.handCotangents(place, tangents.gateCotangents, share);
    }

    private void accumulate(final int part, final int parts) {
        gradient.accumulate(part, parts);
        gradient.accumulate(tangents.input.isShown() ? byGates : byGatesAndBefore, part, parts);
        gradient.accumulateBias(part, parts);
    }

    private void multiplyToInput(final int piece, final int pieces, final Workspace workspace) {
        tape.multiplyRows(toInput, piece, pieces, workspace);
        if (tangents.direction != null) {
            tape.multiplyRows(toInputByDirection, piece, pieces, workspace);
        }
    }
}
