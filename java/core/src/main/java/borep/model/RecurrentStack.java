package borep.model;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Kernels;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Rows;

/** Stacked recurrent layers and their pooling over one side of a batch, as four sweeps. */
final class RecurrentStack {
    private final Device device;
    private final Kernels kernels;
    private final NetworkShape shape;
    private final int maxRows;
    private final Recurrent.Tape[][] tapes;
    private final Pooling.Tape poolTape;
    /** [layer] rows [R, D·H]: hidden states, their cotangents, and the tangents of both. */
    private final Wide[] outputs;

    private final Wide[] cotangents;
    private Wide[] tangents;
    private Wide[] cotangentTangents;

    /** The rows of a layer, whole and one view per direction. */
    private record Wide(Rows whole, Rows[] halves) {}

    RecurrentStack(final Device device, final NetworkShape shape, final int maxRows, final int maxBatch) {
        this.device = device;
        this.kernels = device.kernels();
        this.shape = shape;
        this.maxRows = maxRows;
        tapes = new Recurrent.Tape[shape.layers()][shape.directions()];
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int direction = 0; direction < shape.directions(); direction++) {
                tapes[layer][direction] =
                        kernels.recurrent().tape(shape.layer(layer, direction == 1), maxRows, maxBatch);
            }
        }
        poolTape = kernels.pooling().tape(shape.pool(), shape.rowWidth(), maxBatch);
        outputs = rows();
        cotangents = rows();
    }

    private Wide[] rows() {
        final Wide[] layers = new Wide[shape.layers()];
        for (int layer = 0; layer < layers.length; layer++) {
            final Rows whole = Rows.of(device.reals(Math.multiplyExact(maxRows, shape.rowWidth())), shape.rowWidth());
            final Rows[] halves = new Rows[shape.directions()];
            for (int d = 0; d < halves.length; d++) {
                halves[d] = whole.columns(d * shape.hidden(), shape.hidden());
            }
            layers[layer] = new Wide(whole, halves);
        }
        return layers;
    }

    /** Second-order memory, made when a solver first asks for it: first-order methods never pay for it. */
    private void allocateTangents() {
        if (tangents == null) {
            tangents = rows();
            cotangentTangents = rows();
        }
    }

    /** [layer · directions + direction] parameters of each part. */
    private int part(final int layer, final int direction) {
        return layer * shape.directions() + direction;
    }

    void forward(final Reals[] weights, final TextBatch.Side side, final Rows features) {
        Rows input = side.rows();
        for (int layer = 0; layer < tapes.length; layer++) {
            for (int d = 0; d < shape.directions(); d++) {
                kernels.recurrent()
                        .forward(
                                tapes[layer][d],
                                side.packing(),
                                weights[part(layer, d)],
                                input,
                                outputs[layer].halves[d]);
            }
            input = outputs[layer].whole;
        }
        kernels.pooling().forward(poolTape, side.packing(), input, features);
    }

    /** forward and tangentForward. */
    void forwardAlong(
            final Reals[] weights,
            final Reals[] direction,
            final TextBatch.Side side,
            final Rows features,
            final Rows featureTangents) {
        allocateTangents();
        Rows input = side.rows();
        Rows inputTangent = null;
        for (int layer = 0; layer < tapes.length; layer++) {
            for (int d = 0; d < shape.directions(); d++) {
                final int part = part(layer, d);
                kernels.recurrent()
                        .forwardAlong(
                                tapes[layer][d],
                                side.packing(),
                                weights[part],
                                direction[part],
                                input,
                                inputTangent,
                                outputs[layer].halves[d],
                                tangents[layer].halves[d]);
            }
            input = outputs[layer].whole;
            inputTangent = tangents[layer].whole;
        }
        kernels.pooling().forward(poolTape, side.packing(), input, features);
        kernels.pooling().tangentForward(poolTape, inputTangent, featureTangents);
    }

    void backward(final Reals[] weights, final Rows featureCotangents, final Reals[] gradient) {
        final int top = tapes.length - 1;
        poolBackward(featureCotangents, cotangents[top].whole);
        for (int layer = top; layer >= 0; layer--) {
            final Rows below = cleared(layer == 0 ? null : cotangents[layer - 1].whole);
            for (int d = 0; d < shape.directions(); d++) {
                final int part = part(layer, d);
                kernels.recurrent()
                        .backward(
                                tapes[layer][d],
                                weights[part],
                                cotangents[layer].halves[d],
                                gradient == null ? null : gradient[part],
                                below);
            }
        }
    }

    void tangentForward(final Reals[] weights, final Reals[] direction, final Rows featureTangents) {
        allocateTangents();
        Rows input = null;
        for (int layer = 0; layer < tapes.length; layer++) {
            for (int d = 0; d < shape.directions(); d++) {
                final int part = part(layer, d);
                kernels.recurrent()
                        .tangentForward(
                                tapes[layer][d], weights[part], direction[part], input, tangents[layer].halves[d]);
            }
            input = tangents[layer].whole;
        }
        kernels.pooling().tangentForward(poolTape, input, featureTangents);
    }

    void tangentBackward(
            final Reals[] weights,
            final Reals[] direction,
            final Rows featureCotangentTangents,
            final Reals[] gradientTangent) {
        allocateTangents();
        final int top = tapes.length - 1;
        poolBackward(featureCotangentTangents, cotangentTangents[top].whole);
        for (int layer = top; layer >= 0; layer--) {
            final Rows below = cleared(layer == 0 ? null : cotangentTangents[layer - 1].whole);
            for (int d = 0; d < shape.directions(); d++) {
                final int part = part(layer, d);
                kernels.recurrent()
                        .tangentBackward(
                                tapes[layer][d],
                                weights[part],
                                direction[part],
                                cotangentTangents[layer].halves[d],
                                gradientTangent[part],
                                below);
            }
        }
    }

    /** backward and tangentBackward; gradient null: not wanted. */
    void backwardAlong(
            final Reals[] weights,
            final Reals[] direction,
            final Rows featureCotangents,
            final Rows featureCotangentTangents,
            final Reals[] gradient,
            final Reals[] gradientTangent) {
        final int top = tapes.length - 1;
        poolBackward(featureCotangents, cotangents[top].whole);
        poolBackward(featureCotangentTangents, cotangentTangents[top].whole);
        for (int layer = top; layer >= 0; layer--) {
            final Rows below = cleared(layer == 0 ? null : cotangents[layer - 1].whole);
            final Rows belowTangent = cleared(layer == 0 ? null : cotangentTangents[layer - 1].whole);
            for (int d = 0; d < shape.directions(); d++) {
                final int part = part(layer, d);
                kernels.recurrent()
                        .backwardAlong(
                                tapes[layer][d],
                                weights[part],
                                direction[part],
                                cotangents[layer].halves[d],
                                cotangentTangents[layer].halves[d],
                                gradient == null ? null : gradient[part],
                                gradientTangent[part],
                                below,
                                belowTangent);
            }
        }
    }

    private void poolBackward(final Rows featureCotangents, final Rows rowCotangents) {
        kernels.pooling().backward(poolTape, featureCotangents, cleared(rowCotangents));
    }

    private Rows cleared(final Rows rows) {
        if (rows != null) {
            kernels.update().fill(rows.values(), 0);
        }
        return rows;
    }
}
