package borep.kernel.vector;

import borep.kernel.vector.Gemm.Product;

/**
 * Step by step against the layer's direction, the cell's cotangents and h̄_{t-1} = ā_t W_hh; then all weights and
 * inputs at once.
 */
final class RecurrentBackward extends RecurrentSweep {
    final Matrix callersCotangent = new Matrix();
    final RecurrentGradient gradient;
    /** [R, I] the caller's, if wanted. */
    final Matrix inputCotangent = new Matrix();

    private Product toInput;
    private final Workers.Phase prepareWeights = this::prepareWeights;
    private final Workers.Phase multiplyToInput = this::multiplyToInput;

    RecurrentBackward(final RecurrentTape tape, final Cells cells, final Workers workers) {
        super(tape, cells, workers);
        gradient = new RecurrentGradient(tape, tape.gateCotangents, workers);
    }

    /** Makes room for the cotangents of the input when they are first wanted. */
    void prepare() {
        if (inputCotangent.isShown()) {
            tape.prepareInputCotangents();
            if (toInput == null) {
                toInput = new Product(tape.gateCotangents, tape.gateByInput, inputCotangent, true);
            }
        }
    }

    @Override
    public void run(final int part, final int parts) {
        workers.phase(prepareWeights, part, parts);
        walkBackwards(part, parts);
        if (gradient.wanted()) {
            gradient.accumulate(part, parts);
            gradient.accumulateBias(part, parts);
        }
        if (inputCotangent.isShown()) {
            workers.phase(multiplyToInput, part, parts);
        }
    }

    private void prepareWeights(final int piece, final int pieces, final Workspace workspace) {
        final int from = tape.unit(piece, pieces);
        final int to = tape.unit(piece + 1, pieces);
        tape.packHiddenWeights(from, to);
        if (!tape.inPlace) {
            tape.copyUnits(callersCotangent, tape.outputCotangent, from, to);
        }
        if (inputCotangent.isShown()) {
            tape.packInputWeights(piece, pieces);
        }
    }

    /** h̄ from the step taken before this one, against the layer's direction; then the cell. */
    @Override
    void step(final int place, final Share share, final Workspace workspace) {
        tape.multiplyCotangents(place + 1, tape.hiddenCarry, 0, false, share, workspace);
        cells.backward(tape, tape.walk.step(place), share);
        tape.handCotangents(place, tape.gateCotangents, share);
    }

    private void multiplyToInput(final int piece, final int pieces, final Workspace workspace) {
        tape.multiplyRows(toInput, piece, pieces, workspace);
    }
}
