package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Rows;
import borep.kernel.vector.Gemm.Outer;
import borep.kernel.vector.Gemm.Product;
import java.util.Arrays;

/**
 * Fully connected layers; a part of a sweep owns a range of outputs, then of inputs. Layers for many rows pack their weights
 * once a sweep; those for {@link Gemm#FEW} rows at most pack them piece by piece in each product.
 */
final class VectorDense implements Dense {
    /** Multiply-adds for which another core is worth the hand-off. */
    private static final long GRAIN = 200_000;

    private final Gemm gemm;
    private final Elements elements;
    private final Workers workers;

    VectorDense(final Lanes lanes, final Workers workers) {
        this.gemm = lanes.gemm();
        this.elements = lanes.elements();
        this.workers = workers;
    }

    @Override
    public Tape tape(final Shape shape, final int maxRows) {
        return new Layer(shape, maxRows);
    }

    /** The memory of one layer, outputs padded to whole panels, and its sweeps. */
    private final class Layer implements Tape {
        private final Shape shape;
        private final int maxRows;
        /** O padded. */
        private final int outputs;
        /** [O] where each output's row of weights begins; negative for padding. */
        private final int[] weightRows;

        /** Whether there are so few rows that packed weights would cost more than they save. */
        private final boolean few;

        private final float[] bias;
        private final Panels byOutput;
        private final Panels byInput;
        /** [O, I] the caller's weights. */
        private final Matrix weightMatrix = new Matrix();

        private final Matrix input = new Matrix();
        /** [B, O] s, da, ds. */
        private final Matrix s;

        private final Matrix a;
        private final Matrix cotangents;
        private final Matrix callers = new Matrix();
        private final Matrix inputCotangent = new Matrix();
        private final Matrix gradientWeights = new Matrix();
        private final Product product;
        private final Product toInput;
        private final Outer byInputs;
        private final float[] sums;
        private Moves moves;
        private final Workers.Part forward = this::forward;
        private final Workers.Part backward = this::backward;
        private final Workers.Part tangentForward = this::tangentForward;
        private final Workers.Part tangentBackward = this::tangentBackward;
        private int rows;
        private boolean packedByInput;
        private float[] weights;
        private int weightsAt;
        private float[] gradient;
        private int gradientAt;

        Layer(final Shape shape, final int maxRows) {
            this.shape = shape;
            this.maxRows = maxRows;
            outputs = gemm.padded(shape.output());
            weightRows = new int[outputs];
            Arrays.setAll(weightRows, o -> o < shape.output() ? o * shape.input() : -1);
            few = maxRows <= Gemm.FEW;
            bias = new float[outputs];
            byOutput = panels(shape.input(), outputs);
            byInput = panels(outputs, shape.input());
            s = new Matrix(maxRows, outputs);
            a = new Matrix(maxRows, outputs);
            cotangents = new Matrix(maxRows, outputs);
            product = new Product(input, byOutput, s, false);
            toInput = new Product(a, byInput, inputCotangent, true);
            byInputs = new Outer(a, input, gradientWeights, weightRows);
            sums = new float[outputs];
        }

        private Panels panels(final int depth, final int width) {
            return few ? null : new Panels(gemm, depth, width);
        }

        @Override
        public Shape shape() {
            return shape;
        }

        private void use(final Reals reals) {
            Shapes.exactly("weights", reals, shape.parameters());
            weights = HostFloats.array(reals);
            weightsAt = HostFloats.offset(reals);
            weightMatrix.show(weights, weightsAt, shape.input());
        }

        private void accumulateIn(final Reals reals) {
            Shapes.optional("gradient", reals, shape.parameters());
            if (reals == null) {
                gradient = null;
                return;
            }
            gradient = HostFloats.array(reals);
            gradientAt = HostFloats.offset(reals);
            gradientWeights.show(gradient, gradientAt, shape.input());
        }

        private int parts() {
            return Math.min(workers.partsFor((long) rows * shape.input() * outputs, GRAIN), outputs / gemm.panel);
        }

        private int output(final int part, final int parts) {
            return outputs / gemm.panel * part / parts * gemm.panel;
        }

        /** Weights and bias of outputs [from, to) of any vector laid out like the parameters. */
        private void prepare(
                final float[] values,
                final int at,
                final Panels panels,
                final float[] biases,
                final int from,
                final int to) {
            if (!few) {
                gemm.packTransposed(values, at, weightRows, panels, from / gemm.panel, to / gemm.panel);
            }
            final int end = Math.min(to, shape.output());
            for (int o = from; o < end; o++) {
                biases[o] = values[at + shape.output() * shape.input() + o];
            }
        }

        /** Outputs [from, to) of a product of rows with weights, packed or from the vector that holds them. */
        private void byWeights(
                final Product packed,
                final float[] values,
                final int at,
                final int from,
                final int to,
                final Workspace workspace) {
            final int fromPanel = from / gemm.panel;
            final int toPanel = to / gemm.panel;
            if (few) {
                gemm.multiplyFewTransposed(
                        packed.left(),
                        rows,
                        values,
                        at,
                        weightRows,
                        fromPanel,
                        toPanel,
                        packed.out(),
                        packed.add(),
                        workspace);
            } else {
                gemm.multiply(packed, 0, rows, fromPanel, toPanel, workspace);
            }
        }

        /** Adds a part of the inputs of a product of cotangents with weights, packed or as they lie. */
        private void toInput(final Product packed, final Matrix matrix, final int part, final int parts) {
            final Workspace workspace = workers.workspace(part);
            final int from = panel(part, parts);
            final int to = panel(part + 1, parts);
            if (few) {
                final int end = Math.min(to * gemm.panel, shape.input());
                gemm.multiplyFew(
                        packed.left(), rows, matrix, shape.output(), from * gemm.panel, end, packed.out(), workspace);
            } else {
                gemm.multiply(packed, 0, rows, from, to, workspace);
            }
        }

        private void copyOut(final Matrix source, final int from, final int to) {
            final int end = Math.min(to, shape.output());
            for (int r = 0; r < rows && from < end; r++) {
                System.arraycopy(
                        source.values, source.row(r) + from, callers.values, callers.row(r) + from, end - from);
            }
        }

        private void copyIn(final Matrix target, final int from, final int to) {
            final int end = Math.min(to, shape.output());
            for (int r = 0; r < rows && from < end; r++) {
                System.arraycopy(
                        callers.values, callers.row(r) + from, target.values, target.row(r) + from, end - from);
            }
        }

        private void forward(final int part, final int parts) {
            final int from = output(part, parts);
            final int to = output(part + 1, parts);
            prepare(weights, weightsAt, byOutput, bias, from, to);
            byWeights(product, weights, weightsAt, from, to, workers.workspace(part));
            for (int r = 0; r < rows; r++) {
                elements.activate(shape.tanh(), bias, from, s.values, s.row(r) + from, to - from);
            }
            copyOut(s, from, to);
        }

        private void backward(final int part, final int parts) {
            final int from = output(part, parts);
            final int to = output(part + 1, parts);
            if (shape.tanh()) {
                copyIn(cotangents, from, to);
                for (int r = 0; r < rows; r++) {
                    final int at = s.row(r) + from;
                    elements.cotangent(s.values, at, cotangents.values, at, a.values, at, to - from);
                }
            } else {
                copyIn(a, from, to);
            }
            if (gradient != null) {
                gemm.outer(byInputs, rows, from, to, workers.workspace(part));
                addBias(a, from, to);
            }
            if (inputCotangent.isShown()) {
                packByInput(part, parts);
                workers.barrier(parts);
                toInput(toInput, weightMatrix, part, parts);
            }
        }

        private void addBias(final Matrix cotangent, final int from, final int to) {
            elements.sumRows(cotangent, rows, from, to, sums);
            final int end = Math.min(to, shape.output());
            for (int o = from; o < end; o++) {
                gradient[gradientAt + shape.output() * shape.input() + o] += sums[o];
            }
        }

        /** First panel of inputs of a part. */
        private int panel(final int part, final int parts) {
            return gemm.padded(shape.input()) / gemm.panel * part / parts;
        }

        private void packByInput(final int part, final int parts) {
            if (!few && !packedByInput) {
                gemm.packRows(
                        weights,
                        weightsAt,
                        weightRows,
                        shape.input(),
                        byInput,
                        panel(part, parts),
                        panel(part + 1, parts));
            }
        }

        private void tangentForward(final int part, final int parts) {
            final int from = output(part, parts);
            final int to = output(part + 1, parts);
            final Workspace workspace = workers.workspace(part);
            if (moves.direction != null) {
                prepare(moves.direction, moves.directionAt, moves.byOutput, moves.bias, from, to);
                byWeights(moves.product, moves.direction, moves.directionAt, from, to, workspace);
            } else {
                Arrays.fill(moves.bias, from, to, 0);
                for (int r = 0; r < rows; r++) {
                    Arrays.fill(moves.s.values, moves.s.row(r) + from, moves.s.row(r) + to, 0);
                }
            }
            if (moves.input.isShown()) {
                byWeights(moves.movedProduct, weights, weightsAt, from, to, workspace);
            }
            for (int r = 0; r < rows; r++) {
                final int at = s.row(r) + from;
                if (shape.tanh()) {
                    elements.tangent(s.values, at, moves.bias, from, moves.s.values, at, to - from);
                } else {
                    elements.activate(false, moves.bias, from, moves.s.values, at, to - from);
                }
            }
            copyOut(moves.s, from, to);
        }

        private void tangentBackward(final int part, final int parts) {
            final int from = output(part, parts);
            final int to = output(part + 1, parts);
            final Workspace workspace = workers.workspace(part);
            copyIn(moves.a, from, to);
            if (shape.tanh()) {
                for (int r = 0; r < rows; r++) {
                    final int at = s.row(r) + from;
                    elements.cotangent(s.values, at, moves.a.values, at, moves.a.values, at, to - from);
                    elements.curvature(s.values, moves.s.values, cotangents.values, moves.a.values, at, to - from);
                }
            }
            if (gradient != null) {
                if (moves.input.isShown()) {
                    moves.stack(this, from, to);
                    gemm.outer(moves.byBoth, 2 * rows, from, to, workspace);
                } else {
                    gemm.outer(moves.byInputs, rows, from, to, workspace);
                }
                addBias(moves.a, from, to);
            }
            if (inputCotangent.isShown()) {
                packByInput(part, parts);
                if (!few && moves.direction != null) {
                    gemm.packRows(
                            moves.direction,
                            moves.directionAt,
                            weightRows,
                            shape.input(),
                            moves.byInput,
                            panel(part, parts),
                            panel(part + 1, parts));
                }
                workers.barrier(parts);
                toInput(moves.toInput, weightMatrix, part, parts);
                if (moves.direction != null) {
                    toInput(moves.toInputByDirection, moves.directionMatrix, part, parts);
                }
            }
        }
    }

    /** What the tangents of a layer's sweeps keep: R{·} of what has the same name there. */
    private final class Moves {
        private float[] direction;
        private int directionAt;
        private final Matrix directionMatrix = new Matrix();
        private final float[] bias;
        private final Panels byOutput;
        private final Panels byInput;
        private final Matrix input = new Matrix();
        private final Matrix s;
        /** [2 B, O] R{da}, and below it da where the inputs move. */
        private final Matrix a;
        /** [2 B, I] x and R{x}, below each other like da's: both outer products in one pass over the gradient. */
        private final Matrix bothInputs;

        private final Product product;
        private final Product movedProduct;
        private final Product toInput;
        private final Product toInputByDirection;
        private final Outer byInputs;
        private final Outer byBoth;

        Moves(final Layer layer) {
            bias = new float[layer.outputs];
            byOutput = layer.panels(layer.shape.input(), layer.outputs);
            byInput = layer.panels(layer.outputs, layer.shape.input());
            s = new Matrix(layer.maxRows, layer.outputs);
            a = new Matrix(2 * layer.maxRows, layer.outputs);
            bothInputs = new Matrix(2 * layer.maxRows, layer.shape.input());
            product = new Product(layer.input, byOutput, s, false);
            movedProduct = new Product(input, layer.byOutput, s, true);
            toInput = new Product(a, layer.byInput, layer.inputCotangent, true);
            toInputByDirection = new Product(layer.a, byInput, layer.inputCotangent, true);
            byInputs = new Outer(a, layer.input, layer.gradientWeights, layer.weightRows);
            byBoth = new Outer(a, bothInputs, layer.gradientWeights, layer.weightRows);
        }

        /** Puts da below R{da}, outputs [from, to). */
        private void stack(final Layer layer, final int from, final int to) {
            for (int r = 0; r < layer.rows; r++) {
                System.arraycopy(
                        layer.a.values, layer.a.row(r) + from, a.values, a.row(layer.rows + r) + from, to - from);
            }
        }

        /** Puts R{x} below x. */
        private void stackInputs(final Layer layer) {
            final int width = layer.shape.input();
            for (int r = 0; r < layer.rows; r++) {
                System.arraycopy(layer.input.values, layer.input.row(r), bothInputs.values, bothInputs.row(r), width);
                System.arraycopy(input.values, input.row(r), bothInputs.values, bothInputs.row(layer.rows + r), width);
            }
        }
    }

    @Override
    public void forward(final Tape tape, final int rows, final Reals weights, final Rows input, final Rows output) {
        final Layer layer = (Layer) tape;
        Shapes.batch("rows", rows, layer.maxRows);
        Shapes.rows("input", input, rows, layer.shape.input());
        Shapes.rows("output", output, rows, layer.shape.output());
        layer.use(weights);
        layer.rows = rows;
        layer.packedByInput = false;
        layer.input.show(input);
        layer.callers.show(output);
        workers.run(layer.forward, layer.parts());
    }

    @Override
    public void backward(
            final Tape tape,
            final Reals weights,
            final Rows outputCotangent,
            final Reals gradient,
            final Rows inputCotangent) {
        final Layer layer = (Layer) tape;
        Shapes.rows("outputCotangent", outputCotangent, layer.rows, layer.shape.output());
        Shapes.optionalRows("inputCotangent", inputCotangent, layer.rows, layer.shape.input());
        layer.use(weights);
        layer.accumulateIn(gradient);
        layer.callers.show(outputCotangent);
        layer.inputCotangent.showOrHide(inputCotangent);
        workers.run(layer.backward, layer.parts());
        layer.packedByInput |= inputCotangent != null;
    }

    @Override
    public void tangentForward(
            final Tape tape,
            final Reals weights,
            final Reals direction,
            final Rows inputTangent,
            final Rows outputTangent) {
        final Layer layer = (Layer) tape;
        Shapes.optional("direction", direction, layer.shape.parameters());
        Shapes.optionalRows("inputTangent", inputTangent, layer.rows, layer.shape.input());
        Shapes.rows("outputTangent", outputTangent, layer.rows, layer.shape.output());
        if (layer.moves == null) {
            layer.moves = new Moves(layer);
        }
        layer.use(weights);
        layer.moves.direction = direction == null ? null : HostFloats.array(direction);
        layer.moves.directionAt = direction == null ? 0 : HostFloats.offset(direction);
        layer.moves.directionMatrix.show(layer.moves.direction, layer.moves.directionAt, layer.shape.input());
        layer.moves.input.showOrHide(inputTangent);
        layer.callers.show(outputTangent);
        workers.run(layer.tangentForward, layer.parts());
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
        if (layer.moves == null) {
            throw new IllegalStateException("tangentBackward needs tangentForward on this tape before");
        }
        Shapes.rows("outputCotangentTangent", outputCotangentTangent, layer.rows, layer.shape.output());
        Shapes.optionalRows("inputCotangentTangent", inputCotangentTangent, layer.rows, layer.shape.input());
        layer.use(weights);
        layer.accumulateIn(gradientTangent);
        layer.callers.show(outputCotangentTangent);
        layer.inputCotangent.showOrHide(inputCotangentTangent);
        if (gradientTangent != null && layer.moves.input.isShown()) {
            layer.moves.stackInputs(layer);
        }
        workers.run(layer.tangentBackward, layer.parts());
        layer.packedByInput |= inputCotangentTangent != null;
    }
}
