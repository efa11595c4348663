package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.HostInts;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Rows;
import borep.kernel.Store;

/**
 * Cross-entropy row by row: a batch has few classes, so each row is computed in float64 by one thread and rounded
 * once. Regularisers run over all parameters and use the vector operations of {@link VectorUpdate}.
 */
final class VectorLoss implements Loss {
    private final VectorUpdate update;
    /** Scratch: ⟨z, y⟩ and ⟨y, y⟩. */
    private final double[] products = new double[2];

    VectorLoss(final VectorUpdate update) {
        this.update = update;
    }

    private static final class Softmax implements Tape {
        private final int maxRows;
        private final int classes;
        /** [B, C] */
        private final double[] p;

        private final int[] labels;
        private int rows;

        Softmax(final int maxRows, final int classes) {
            this.maxRows = maxRows;
            this.classes = classes;
            p = new double[Math.multiplyExact(maxRows, classes)];
            labels = new int[maxRows];
        }

        @Override
        public int classes() {
            return classes;
        }
    }

    @Override
    public Tape tape(final int maxRows, final int classes) {
        return new Softmax(maxRows, classes);
    }

    @Override
    public void forward(final Tape tape, final int rows, final Rows logits, final Ints labels, final Reals losses) {
        final Softmax softmax = (Softmax) tape;
        final int classes = softmax.classes;
        Shapes.batch("rows", rows, softmax.maxRows);
        Shapes.rows("logits", logits, rows, classes);
        Shapes.atLeast("labels", labels, rows);
        Shapes.atLeast("losses", losses, rows);
        softmax.rows = rows;
        final float[] z = HostFloats.array(logits.values());
        final double[] p = softmax.p;
        for (int row = 0; row < rows; row++) {
            final int label = HostInts.array(labels)[HostInts.offset(labels) + row];
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException(
                        "label " + label + " of sample " + row + ": must be in [0, " + classes + ")");
            }
            softmax.labels[row] = label;
            final int at = at(logits, row);
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < classes; c++) {
                largest = Math.max(largest, z[at + c]);
            }
            double sum = 0;
            for (int c = 0; c < classes; c++) {
                p[row * classes + c] = Math.exp(z[at + c] - largest);
                sum += p[row * classes + c];
            }
            for (int c = 0; c < classes; c++) {
                p[row * classes + c] /= sum;
            }
            HostFloats.array(losses)[HostFloats.offset(losses) + row] =
                    (float) (largest + Math.log(sum) - z[at + label]);
        }
    }

    @Override
    public void backward(final Tape tape, final Reals weights, final Rows logitsCotangents) {
        final Softmax softmax = (Softmax) tape;
        Shapes.atLeast("weights", weights, softmax.rows);
        Shapes.rows("logitsCotangents", logitsCotangents, softmax.rows, softmax.classes);
        final float[] out = HostFloats.array(logitsCotangents.values());
        for (int row = 0; row < softmax.rows; row++) {
            final double weight = number(weights, row);
            final int at = at(logitsCotangents, row);
            for (int c = 0; c < softmax.classes; c++) {
                out[at + c] = (float) (weight * difference(softmax, row, c));
            }
        }
    }

    @Override
    public void tangentForward(final Tape tape, final Rows logitsTangents, final Reals lossTangents) {
        final Softmax softmax = (Softmax) tape;
        Shapes.rows("logitsTangents", logitsTangents, softmax.rows, softmax.classes);
        Shapes.atLeast("lossTangents", lossTangents, softmax.rows);
        final float[] z = HostFloats.array(logitsTangents.values());
        for (int row = 0; row < softmax.rows; row++) {
            final int at = at(logitsTangents, row);
            double sum = 0;
            for (int c = 0; c < softmax.classes; c++) {
                sum += difference(softmax, row, c) * z[at + c];
            }
            HostFloats.array(lossTangents)[HostFloats.offset(lossTangents) + row] = (float) sum;
        }
    }

    @Override
    public void tangentBackward(
            final Tape tape, final Reals weights, final Rows logitsTangents, final Rows logitsCotangentTangents) {
        final Softmax softmax = (Softmax) tape;
        final int classes = softmax.classes;
        Shapes.atLeast("weights", weights, softmax.rows);
        Shapes.rows("logitsTangents", logitsTangents, softmax.rows, classes);
        Shapes.rows("logitsCotangentTangents", logitsCotangentTangents, softmax.rows, classes);
        final float[] z = HostFloats.array(logitsTangents.values());
        final float[] out = HostFloats.array(logitsCotangentTangents.values());
        for (int row = 0; row < softmax.rows; row++) {
            final int from = at(logitsTangents, row);
            final int to = at(logitsCotangentTangents, row);
            double mean = 0;
            for (int c = 0; c < classes; c++) {
                mean += softmax.p[row * classes + c] * z[from + c];
            }
            for (int c = 0; c < classes; c++) {
                out[to + c] = (float) (number(weights, row) * softmax.p[row * classes + c] * (z[from + c] - mean));
            }
        }
    }

    /** p − onehot. */
    private static double difference(final Softmax softmax, final int row, final int c) {
        return softmax.p[row * softmax.classes + c] - (softmax.labels[row] == c ? 1 : 0);
    }

    @Override
    public void predict(final int rows, final Rows logits, final Ints predictions) {
        Shapes.rows("logits", logits, rows, logits.width());
        Shapes.atLeast("predictions", predictions, rows);
        final float[] z = HostFloats.array(logits.values());
        for (int row = 0; row < rows; row++) {
            final int at = at(logits, row);
            int best = 0;
            for (int c = 1; c < logits.width(); c++) {
                if (z[at + c] > z[at + best]) {
                    best = c;
                }
            }
            HostInts.array(predictions)[HostInts.offset(predictions) + row] = best;
        }
    }

    @Override
    public void sampleWeights(final Reals x, final Ints indices, final double scale, final Reals weights) {
        Shapes.atLeast("weights", weights, indices.size());
        for (int b = 0; b < indices.size(); b++) {
            HostFloats.array(weights)[HostFloats.offset(weights) + b] =
                    (float) (scale * sigmoid(number(x, index(x, indices, b))));
        }
    }

    @Override
    public void sampleWeightsBackward(
            final Reals x, final Ints indices, final double scale, final Reals values, final Reals out) {
        Shapes.atLeast("values", values, indices.size());
        Shapes.exactly("out", out, x.size());
        for (int b = 0; b < indices.size(); b++) {
            final int i = index(x, indices, b);
            final double s = sigmoid(number(x, i));
            HostFloats.array(out)[HostFloats.offset(out) + i] += (float) (scale * s * (1 - s) * number(values, b));
        }
    }

    private static double sigmoid(final double a) {
        return 1 / (1 + Math.exp(-a));
    }

    private static int index(final Reals x, final Ints indices, final int b) {
        final int i = HostInts.array(indices)[HostInts.offset(indices) + b];
        if (i < 0 || i >= x.size()) {
            throw new IllegalArgumentException("sample " + i + " at place " + b + ": must be in [0, " + x.size() + ")");
        }
        return i;
    }

    @Override
    public void regularise(
            final Regulariser kind, final double factor, final Reals coefficient, final Reals y, final Reals value) {
        final double square = update.dot(y, y);
        add(
                value,
                factor
                        * VectorUpdate.first(coefficient)
                        * (kind == Regulariser.SQUARED ? square / 2 : Math.sqrt(square)));
    }

    @Override
    public void regulariserGradient(
            final Regulariser kind,
            final double factor,
            final Reals coefficient,
            final Reals y,
            final Reals gradient,
            final Store store) {
        update.scaled(factor * VectorUpdate.first(coefficient) * gradientScale(kind, y), y, gradient, store);
    }

    @Override
    public void regulariserHessianVector(
            final Regulariser kind,
            final double factor,
            final Reals coefficient,
            final Reals y,
            final Reals z,
            final Reals product,
            final Store store) {
        final double c = factor * VectorUpdate.first(coefficient);
        if (kind == Regulariser.SQUARED) {
            update.scaled(c, z, product, store);
            return;
        }
        update.chains().products(z, y, products);
        final double scale = products[1] == 0 ? 0 : 1 / Math.sqrt(products[1]);
        update.chains().combine(c * scale, z, -c * scale * scale * scale * products[0], y, product, store);
    }

    @Override
    public void regulariserMixed(
            final Regulariser kind, final double factor, final Reals y, final Reals z, final Reals value) {
        add(value, factor * gradientScale(kind, y) * update.dot(y, z));
    }

    /** ∇R(y) = scale · y: 1, or 1/‖y‖ with 0 at y = 0. */
    private double gradientScale(final Regulariser kind, final Reals y) {
        if (kind == Regulariser.SQUARED) {
            return 1;
        }
        final double norm = Math.sqrt(update.dot(y, y));
        return norm == 0 ? 0 : 1 / norm;
    }

    private static int at(final Rows rows, final int row) {
        return HostFloats.offset(rows.values()) + row * rows.stride() + rows.column();
    }

    private static double number(final Reals reals, final int i) {
        return HostFloats.array(reals)[HostFloats.offset(reals) + i];
    }

    private static void add(final Reals value, final double number) {
        Shapes.atLeast("value", value, 1);
        HostFloats.array(value)[HostFloats.offset(value)] += (float) number;
    }
}
