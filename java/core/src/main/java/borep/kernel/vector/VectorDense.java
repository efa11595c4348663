package borep.kernel.vector;

import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Rows;

/** Fully connected layers on the host's cores. */
final class VectorDense implements Dense {
    /** Multiply-adds for which another core is worth the hand-off. */
    private static final long GRAIN = 200_000;

    private final Lanes lanes;
    private final Workers workers;

    VectorDense(final Lanes lanes, final Workers workers) {
        this.lanes = lanes;
        this.workers = workers;
    }

    @Override
    public Tape tape(final Shape shape, final int maxRows) {
        return maxRows <= FewRows.MOST
                ? new DenseFewRows(lanes, workers, shape, maxRows)
                : new DenseManyRows(lanes, workers, shape, maxRows);
    }

    private int parts(final DenseLayer layer) {
        return workers.partsFor((long) layer.rows * layer.shape.input() * layer.outputs, GRAIN);
    }

    @Override
    public void forward(final Tape tape, final int rows, final Reals weights, final Rows input, final Rows output) {
        final DenseLayer layer = (DenseLayer) tape;
        Shapes.batch("rows", rows, layer.maxRows);
        Shapes.exactly("weights", weights, layer.shape.parameters());
        Shapes.rows("input", input, rows, layer.shape.input());
        Shapes.rows("output", output, rows, layer.shape.output());
        layer.begin(rows);
        layer.use(weights);
        layer.input.show(input);
        layer.show(output);
        layer.runForward(parts(layer));
    }

    @Override
    public void backward(
            final Tape tape,
            final Reals weights,
            final Rows outputCotangent,
            final Reals gradient,
            final Rows inputCotangent) {
        final DenseLayer layer = (DenseLayer) tape;
        enter(layer, weights, "outputCotangent", outputCotangent);
        Shapes.optional("gradient", gradient, layer.shape.parameters());
        Shapes.optionalRows("inputCotangent", inputCotangent, layer.rows, layer.shape.input());
        layer.accumulateIn(gradient);
        layer.inputCotangent.showOrHide(inputCotangent);
        layer.runBackward(parts(layer));
        layer.end();
    }

    @Override
    public void tangentForward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows inputTangent,
            final Rows outputTangent) {
        final DenseLayer layer = (DenseLayer) tape;
        Shapes.optional("direction", direction, layer.shape.parameters());
        Shapes.optionalRows("inputTangent", inputTangent, layer.rows, layer.shape.input());
        enter(layer, weights, "outputTangent", outputTangent);
        layer.prepareTangents();
        layer.useDirection(direction);
        layer.movedInput.showOrHide(inputTangent);
        layer.runTangentForward(parts(layer));
    }

    @Override
    public void tangentBackward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows outputCotangentTangent,
            final Reals gradientTangent,
            final Rows inputCotangentTangent) {
        final DenseLayer layer = (DenseLayer) tape;
        if (layer.movedS == null) {
            throw new IllegalStateException("tangentBackward needs tangentForward on this tape before");
        }
        enter(layer, weights, "outputCotangentTangent", outputCotangentTangent);
        Shapes.optional("direction", direction, layer.shape.parameters());
        Shapes.optional("gradientTangent", gradientTangent, layer.shape.parameters());
        Shapes.optionalRows("inputCotangentTangent", inputCotangentTangent, layer.rows, layer.shape.input());
        layer.useDirection(direction);
        layer.accumulateIn(gradientTangent);
        layer.inputCotangent.showOrHide(inputCotangentTangent);
        layer.runTangentBackward(parts(layer));
        layer.end();
    }

    private static void enter(final DenseLayer layer, final Reals weights, final String name, final Rows outputRows) {
        Shapes.exactly("weights", weights, layer.shape.parameters());
        Shapes.rows(name, outputRows, layer.rows, layer.shape.output());
        layer.use(weights);
        layer.show(outputRows);
    }
}
