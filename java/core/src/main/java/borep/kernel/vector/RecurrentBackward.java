package borep.kernel.vector;

import borep.kernel.vector.Gemm.Product;

/**
 * Step by step against the layer's direction, the cell's cotangents and h̄_{t-1} = ā_t W_hh; then all weights and
 * inputs at once.
 */
final class RecurrentBackward implements Workers.Part {
    private final RecurrentTape tape;
    private final Cells cells;
    private final Workers workers;
    final Matrix callersCotangent = new Matrix();
    final RecurrentGradient gradient;
    private final Gemm.Outer byInput;
    private final Gemm.Outer byBefore;
    /** [R, I] the caller's, if wanted. */
    final Matrix inputCotangent = new Matrix();

    private Product toInput;

    RecurrentBackward(final RecurrentTape tape, final Cells cells, final Elements elements, final Workers workers) {
        this.tape = tape;
        this.cells = cells;
        this.workers = workers;
        gradient = new RecurrentGradient(tape, elements);
        byInput = gradient.inputWeights(tape.gateCotangents, tape.input);
        byBefore = gradient.hiddenWeights(tape.gateCotangents, tape.before);
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
        final Workspace workspace = workers.workspace(part);
        final int from = tape.unit(part, parts);
        final int to = tape.unit(part + 1, parts);
        final Walk walk = tape.walk;
        tape.packHiddenWeights(from, to);
        if (!tape.inPlace) {
            tape.copyUnits(callersCotangent, tape.outputCotangent, from, to);
        }
        if (tape.bySample()) {
            workers.barrier(parts);
        }
        final Share share = tape.share(part);
        for (int place = walk.steps() - 1; place >= 0; place--) {
            cells.backward(tape, walk.step(place), share);
            tape.handCotangents(place, tape.gateCotangents, share);
            if (!tape.bySample()) {
                workers.barrier(parts);
            }
            tape.multiplyCotangents(place, tape.hiddenCarry, 0, false, share, workspace);
        }
        if (tape.bySample()) {
            workers.barrier(parts);
        }
        if (gradient.wanted()) {
            gradient.accumulate(byInput, from, to, workspace);
            gradient.accumulate(byBefore, from, to, workspace);
            gradient.accumulateBias(tape.gateCotangents, from, to);
        }
        if (inputCotangent.isShown()) {
            tape.packInputWeights(part, parts);
            workers.barrier(parts);
            tape.gemm.multiply(
                    toInput, tape.row(part, parts), tape.row(part + 1, parts), 0, tape.gateByInput.count, workspace);
        }
    }
}
