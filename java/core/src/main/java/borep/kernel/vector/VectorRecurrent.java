package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.Reals;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;

/**
 * Recurrent layers on the host's cores. Everything that does not wait for the step before is one product over all
 * rows: inputs by W_ih, states by V_hh, gates' cotangents by V_hh, and all weight gradients. What remains in time is
 * one product with W_hh per step.
 *
 * <p>A part of a sweep owns a {@link Share} of every step from the first to the last: it multiplies into it, runs its cell,
 * and packs it as left side of the next product. Where the weights are small the shares are samples, and parts meet only
 * around the loop over time. Where they are large the shares are hidden units, so that each core reads its own slice of the
 * weights only, and all parts meet once per step.
 */
final class VectorRecurrent implements Recurrent {
    /** Multiply-adds of a step for which another core is worth the meeting: some microseconds of work. */
    private static final long GRAIN = 200_000;
    /** Multiply-adds of the smallest piece of a step. */
    private static final long PIECE = 250_000;
    /** Panels of units of the smallest piece: in shorter rows a cell's loops cost as much as what they do. */
    private static final int FEWEST_PANELS = 4;
    /** Fewest samples of a part that owns some: enough to fill a tile or two in most steps of ragged batches. */
    private static final int FEWEST_SAMPLES = 10;
    /** Samples of the smallest piece: every piece reads all weights in every step. */
    private static final long PIECE_SAMPLES = 16;
    /**
     * Most weights of W_hh that a part reads in every step for each of its samples. To read them from the next cache then costs less
     * than the meetings, and what parts would write and read of each other's.
     */
    private static final long WEIGHTS_PER_SAMPLE = 1 << 16;
    /** Most weights of W_hh that every part reads in every step, four megabytes. */
    private static final long MOST_SHARED = 1 << 20;

    private final Lanes lanes;
    private final Workers workers;

    VectorRecurrent(final Lanes lanes, final Workers workers) {
        this.lanes = lanes;
        this.workers = workers;
    }

    /** A layer's memory and its sweeps, made once so that calls allocate nothing. */
    private static final class Layer implements Tape {
        final RecurrentTape memory;
        final Cells cells;
        final RecurrentForward forward;
        final RecurrentBackward backward;
        RecurrentTangentForward tangentForward;
        RecurrentTangentBackward tangentBackward;

        Layer(final RecurrentTape memory, final Cells cells, final Workers workers) {
            this.memory = memory;
            this.cells = cells;
            forward = new RecurrentForward(memory, cells, workers);
            backward = new RecurrentBackward(memory, cells, workers);
        }

        void prepareTangents(final Workers workers) {
            if (memory.tangents == null) {
                memory.tangents = new RecurrentTangents(memory);
                tangentForward = new RecurrentTangentForward(memory, cells, workers);
                tangentBackward = new RecurrentTangentBackward(memory, cells, workers);
            }
        }

        @Override
        public Shape shape() {
            return memory.shape;
        }
    }

    @Override
    public Tape tape(final Shape shape, final int maxRows, final int maxBatch) {
        final Gemm gemm = lanes.gemm();
        new OuterProducts(gemm, workers).reserve(gemm.padded(shape.input()) + gemm.padded(shape.hidden()));
        return new Layer(
                new RecurrentTape(gemm, shape, maxRows, maxBatch, workers.threads()),
                shape.cell() == Cell.LSTM ? lanes.lstm() : lanes.tanhRnn(),
                workers);
    }

    /**
     * Divides the steps of a sweep into pieces and returns the number of parts. Pieces are samples where these keep as many threads
     * busy, each with enough of them for its tiles and for the weights it reads; units otherwise, where a step is worth a meeting.
     */
    private int divide(final RecurrentTape tape) {
        final Walk walk = tape.walk;
        final int samples = walk.samples();
        final long weights = (long) tape.gateCount * tape.units * tape.units;
        final long perStep = weights * walk.rows() / Math.max(1, walk.steps());
        final int panels = tape.units / tape.gemm.panel;
        final int byUnit = Math.min(workers.partsFor(perStep, GRAIN), panels);
        final int bySample = workers.partsFor(samples, FEWEST_SAMPLES);
        final long perPart = weights * walk.rows() / bySample;
        final long mostWeights = Math.min(MOST_SHARED, samples / bySample * WEIGHTS_PER_SAMPLE);
        if (bySample > 1 && bySample >= byUnit && weights <= mostWeights && perPart >= GRAIN) {
            tape.divide(Workers.pieces(bySample, samples / PIECE_SAMPLES), true);
            return bySample;
        }
        tape.divide(Workers.pieces(byUnit, Math.min(panels / FEWEST_PANELS, perStep / PIECE)), false);
        return byUnit;
    }

    @Override
    public void forward(
            final Tape tape, final Packing packing, final Reals weights, final Rows input, final Rows output) {
        final Layer layer = (Layer) tape;
        final RecurrentTape memory = layer.memory;
        final Shape shape = memory.shape;
        memory.walk.follow(packing, memory.maxBatch);
        final int rows = memory.walk.rows();
        Shapes.exactly("weights", weights, shape.parameters());
        Shapes.rows("input", input, rows, shape.input());
        Shapes.rows("output", output, rows, shape.hidden());
        memory.use(weights);
        memory.forget();
        memory.input.show(input);
        (memory.inPlace ? memory.output : layer.forward.callersOutput).show(output);
        workers.run(layer.forward, divide(memory));
    }

    @Override
    public void backward(
            final Tape tape,
            final Reals weights,
            final Rows outputCotangent,
            final Reals gradient,
            final Rows inputCotangent) {
        final Layer layer = (Layer) tape;
        final RecurrentTape memory = layer.memory;
        final RecurrentBackward sweep = layer.backward;
        enter(memory, weights, "outputCotangent", outputCotangent);
        Shapes.optional("gradient", gradient, memory.shape.parameters());
        Shapes.optionalRows("inputCotangent", inputCotangent, memory.walk.rows(), memory.shape.input());
        (memory.inPlace ? memory.outputCotangent : sweep.callersCotangent).show(outputCotangent);
        sweep.gradient.use(gradient);
        sweep.inputCotangent.showOrHide(inputCotangent);
        sweep.prepare();
        workers.run(sweep, divide(memory));
        memory.hiddenWeightsPacked = true;
        memory.inputWeightsPacked |= inputCotangent != null;
    }

    @Override
    public void tangentForward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows inputTangent,
            final Rows outputTangent) {
        final Layer layer = (Layer) tape;
        final RecurrentTape memory = layer.memory;
        enter(memory, weights, "outputTangent", outputTangent);
        Shapes.optional("direction", direction, memory.shape.parameters());
        Shapes.optionalRows("inputTangent", inputTangent, memory.walk.rows(), memory.shape.input());
        layer.prepareTangents(workers);
        final RecurrentTangents tangents = memory.tangents;
        tangents.direction = direction == null ? null : HostFloats.array(direction);
        tangents.directionAt = direction == null ? 0 : HostFloats.offset(direction);
        tangents.input.showOrHide(inputTangent);
        (memory.inPlace ? tangents.output : layer.tangentForward.callersOutput).show(outputTangent);
        workers.run(layer.tangentForward, divide(memory));
    }

    @Override
    public void tangentBackward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows outputCotangentTangent,
            final Reals gradientTangent,
            final Rows inputCotangentTangent) {
        final Layer layer = (Layer) tape;
        final RecurrentTape memory = layer.memory;
        final RecurrentTangentBackward sweep = layer.tangentBackward;
        if (sweep == null) {
            throw new IllegalStateException("tangentBackward needs tangentForward on this tape before");
        }
        enter(memory, weights, "outputCotangentTangent", outputCotangentTangent);
        Shapes.optional("direction", direction, memory.shape.parameters());
        Shapes.optional("gradientTangent", gradientTangent, memory.shape.parameters());
        Shapes.optionalRows("inputCotangentTangent", inputCotangentTangent, memory.walk.rows(), memory.shape.input());
        (memory.inPlace ? memory.tangents.outputCotangent : sweep.callersCotangent).show(outputCotangentTangent);
        sweep.gradient.use(gradientTangent);
        sweep.inputCotangent.showOrHide(inputCotangentTangent);
        sweep.prepare();
        workers.run(sweep, divide(memory));
        memory.hiddenWeightsPacked = true;
        memory.inputWeightsPacked |= inputCotangentTangent != null;
    }

    private static void enter(final RecurrentTape memory, final Reals weights, final String name, final Rows rows) {
        Shapes.exactly("weights", weights, memory.shape.parameters());
        Shapes.rows(name, rows, memory.walk.rows(), memory.shape.hidden());
        memory.use(weights);
    }
}
