package borep.kernel.reference;

import static borep.kernel.reference.Access.add;
import static borep.kernel.reference.Access.get;
import static borep.kernel.reference.Access.require;
import static borep.kernel.reference.Access.requireAtLeast;
import static borep.kernel.reference.Access.requireBatch;
import static borep.kernel.reference.Access.set;
import static borep.kernel.reference.Access.sigmoid;

import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Rows;
import borep.kernel.Store;

/**
 * {@link Loss} sample by sample. With p = softmax(z), e the one-hot label, w a sample's weight and n = y / ‖y‖:
 *
 * <pre>
 * forward            ℓ = log Σ exp(z − max z) − (z_label − max z)     no exponent is positive, so nothing overflows
 * backward           z̄ = w (p − e)
 * tangent forward    R{ℓ} = ⟨p − e, R{z}⟩
 * tangent backward   R{z̄} = w p ⊙ (R{z} − ⟨p, R{z}⟩)
 * sample weights     w = scale σ(x);  x̄ += scale σ(x) (1 − σ(x)) w̄
 * ½‖y‖²              gradient y,  Hessian times z: z,              mixed ⟨y, z⟩
 * ‖y‖                gradient n,  Hessian times z: (z − n ⟨n, z⟩) / ‖y‖,  mixed ⟨n, z⟩;  all 0 at y = 0
 * </pre>
 */
final class ReferenceLoss implements Loss {
    private static final class Memory implements Tape {
        private final int classes;
        /** [B, C] probabilities. */
        private final double[][] p;

        private int rows;
        private Ints labels;

        Memory(final int maxRows, final int classes) {
            this.classes = classes;
            p = new double[maxRows][classes];
        }

        @Override
        public int classes() {
            return classes;
        }

        private double oneHot(final int row, final int c) {
            return get(labels, row) == c ? 1 : 0;
        }
    }

    @Override
    public Tape tape(final int maxRows, final int classes) {
        return new Memory(maxRows, classes);
    }

    @Override
    public void forward(final Tape tape, final int rows, final Rows logits, final Ints labels, final Reals losses) {
        final Memory m = (Memory) tape;
        requireBatch("rows", rows, m.p.length);
        require("logits", logits, rows, m.classes);
        requireAtLeast("labels", labels, rows);
        requireAtLeast("losses", losses, rows);
        m.rows = rows;
        m.labels = labels;
        for (int row = 0; row < rows; row++) {
            final int label = label(m, row);
            double largest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < m.classes; c++) {
                largest = Math.max(largest, get(logits, row, c));
            }
            double sum = 0;
            for (int c = 0; c < m.classes; c++) {
                m.p[row][c] = Math.exp(get(logits, row, c) - largest);
                sum += m.p[row][c];
            }
            for (int c = 0; c < m.classes; c++) {
                m.p[row][c] /= sum;
            }
            set(losses, row, Math.log(sum) - (get(logits, row, label) - largest));
        }
    }

    /** The class of a row, which must be one. */
    private static int label(final Memory m, final int row) {
        final int label = get(m.labels, row);
        if (label < 0 || label >= m.classes) {
            throw new IllegalArgumentException(
                    "label " + label + " of sample " + row + ": must be in [0, " + m.classes + ")");
        }
        return label;
    }

    @Override
    public void backward(final Tape tape, final Reals weights, final Rows logitsCotangents) {
        final Memory m = (Memory) tape;
        requireAtLeast("weights", weights, m.rows);
        require("logitsCotangents", logitsCotangents, m.rows, m.classes);
        for (int row = 0; row < m.rows; row++) {
            for (int c = 0; c < m.classes; c++) {
                set(logitsCotangents, row, c, get(weights, row) * (m.p[row][c] - m.oneHot(row, c)));
            }
        }
    }

    @Override
    public void tangentForward(final Tape tape, final Rows logitsTangents, final Reals lossTangents) {
        final Memory m = (Memory) tape;
        require("logitsTangents", logitsTangents, m.rows, m.classes);
        requireAtLeast("lossTangents", lossTangents, m.rows);
        for (int row = 0; row < m.rows; row++) {
            double sum = 0;
            for (int c = 0; c < m.classes; c++) {
                sum += (m.p[row][c] - m.oneHot(row, c)) * get(logitsTangents, row, c);
            }
            set(lossTangents, row, sum);
        }
    }

    @Override
    public void tangentBackward(
            final Tape tape, final Reals weights, final Rows logitsTangents, final Rows logitsCotangentTangents) {
        final Memory m = (Memory) tape;
        requireAtLeast("weights", weights, m.rows);
        require("logitsTangents", logitsTangents, m.rows, m.classes);
        require("logitsCotangentTangents", logitsCotangentTangents, m.rows, m.classes);
        for (int row = 0; row < m.rows; row++) {
            double mean = 0;
            for (int c = 0; c < m.classes; c++) {
                mean += m.p[row][c] * get(logitsTangents, row, c);
            }
            for (int c = 0; c < m.classes; c++) {
                final double tangent = m.p[row][c] * (get(logitsTangents, row, c) - mean);
                set(logitsCotangentTangents, row, c, get(weights, row) * tangent);
            }
        }
    }

    @Override
    public void predict(final int rows, final Rows logits, final Ints predictions) {
        require("logits", logits, rows, logits.width());
        requireAtLeast("predictions", predictions, rows);
        for (int row = 0; row < rows; row++) {
            int best = 0;
            for (int c = 1; c < logits.width(); c++) {
                if (get(logits, row, c) > get(logits, row, best)) {
                    best = c;
                }
            }
            set(predictions, row, best);
        }
    }

    @Override
    public void sampleWeights(final Reals x, final Ints indices, final double scale, final Reals weights) {
        requireAtLeast("weights", weights, indices.size());
        for (int b = 0; b < indices.size(); b++) {
            set(weights, b, scale * sigmoid(get(x, sample(x, indices, b))));
        }
    }

    @Override
    public void sampleWeightsBackward(
            final Reals x, final Ints indices, final double scale, final Reals values, final Reals out) {
        requireAtLeast("values", values, indices.size());
        require("out", out, x.size());
        for (int b = 0; b < indices.size(); b++) {
            final int i = sample(x, indices, b);
            final double weight = sigmoid(get(x, i));
            add(out, i, scale * weight * (1 - weight) * get(values, b));
        }
    }

    /** The coordinate of x that belongs to the sample at place b. */
    private static int sample(final Reals x, final Ints indices, final int b) {
        final int i = get(indices, b);
        if (i < 0 || i >= x.size()) {
            throw new IllegalArgumentException("sample " + i + " at place " + b + ": must be in [0, " + x.size() + ")");
        }
        return i;
    }

    @Override
    public void regularise(
            final Regulariser kind, final double factor, final Reals coefficient, final Reals y, final Reals value) {
        final double square = dot(y, y);
        final double r = kind == Regulariser.SQUARED ? square / 2 : Math.sqrt(square);
        add(value, 0, factor * get(coefficient, 0) * r);
    }

    @Override
    public void regulariserGradient(
            final Regulariser kind,
            final double factor,
            final Reals coefficient,
            final Reals y,
            final Reals gradient,
            final Store store) {
        require("gradient", gradient, y.size());
        final double scale = factor * get(coefficient, 0) * gradientScale(kind, y);
        for (int i = 0; i < y.size(); i++) {
            store(gradient, i, scale * get(y, i), store);
        }
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
        require("z", z, y.size());
        require("product", product, y.size());
        final double c = factor * get(coefficient, 0);
        final double scale = gradientScale(kind, y);
        final double along = kind == Regulariser.SQUARED ? 0 : scale * dot(y, z); // ⟨n, z⟩
        for (int i = 0; i < y.size(); i++) {
            store(product, i, c * scale * (get(z, i) - along * scale * get(y, i)), store);
        }
    }

    /** out[i] = number, or += number. */
    private static void store(final Reals out, final int i, final double number, final Store store) {
        if (store == Store.WRITE) {
            set(out, i, number);
        } else {
            add(out, i, number);
        }
    }

    @Override
    public void regulariserMixed(
            final Regulariser kind, final double factor, final Reals y, final Reals z, final Reals value) {
        require("z", z, y.size());
        add(value, 0, factor * gradientScale(kind, y) * dot(y, z));
    }

    /** ∇R(y) = scale · y: 1, or 1/‖y‖ with 0 at y = 0. */
    private static double gradientScale(final Regulariser kind, final Reals y) {
        if (kind == Regulariser.SQUARED) {
            return 1;
        }
        final double norm = Math.sqrt(dot(y, y));
        return norm == 0 ? 0 : 1 / norm;
    }

    private static double dot(final Reals a, final Reals b) {
        double sum = 0;
        for (int i = 0; i < a.size(); i++) {
            sum += get(a, i) * get(b, i);
        }
        return sum;
    }
}
