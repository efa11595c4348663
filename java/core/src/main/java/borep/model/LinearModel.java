package borep.model;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Kernels;
import borep.kernel.Loss;
import borep.kernel.Rows;

/**
 * Softmax regression over sparse samples, one batch at a time, as four sweeps; logits z_b = Wᵀ a_b with W [d, O]. A constant feature is
 * the bias.
 *
 * <p>With two classes it is logistic regression: O = 1, the first class's logit is 0, and the cross-entropy of (0, z) is
 * log(1 + e^z) − label · z. With more, O is the number of classes.
 *
 * <p>z is linear in W: its tangent is the same product with the direction, and the backward pass is the same transposed product
 * with other cotangents. Call the sweeps in the order forward, backward, tangentForward, tangentBackward; tangentBackward needs no
 * backward.
 */
public final class LinearModel {
    private final Kernels kernels;
    private final Loss.Tape tape;
    private final Reals losses;
    private final Reals lossTangents;
    private final Columns logits;
    private final Columns cotangents;
    private final Columns tangents;
    private final Columns cotangentTangents;
    private SparseBatch batch;

    /** [B, C] numbers, and of these the columns [B, O] that the weights give: all, or the second class's. */
    private record Columns(Rows all, Rows given) {
        static Columns allocate(final Device device, final int rows, final int classes) {
            final Rows all = Rows.of(device.reals(Math.multiplyExact(rows, classes)), classes);
            return new Columns(all, all.columns(classes - outputs(classes), outputs(classes)));
        }
    }

    /** Memory for batches like {@code like}. */
    public LinearModel(final Device device, final SparseBatch like) {
        kernels = device.kernels();
        final int classes = like.set().classes();
        tape = kernels.loss().tape(like.size(), classes);
        losses = device.reals(like.size());
        lossTangents = device.reals(like.size());
        logits = Columns.allocate(device, like.size(), classes);
        cotangents = Columns.allocate(device, like.size(), classes);
        tangents = Columns.allocate(device, like.size(), classes);
        cotangentTangents = Columns.allocate(device, like.size(), classes);
    }

    private static int outputs(final int classes) {
        return classes == 2 ? 1 : classes;
    }

    /**
     * The layout of W for samples of this set, whose last feature is constant: {@code linear.weight_transposed} [d − 1, O], PyTorch's
     * {@code nn.Linear} weight transposed, and {@code linear.bias} [O].
     */
    public static Parameters parameters(final SparseSet set) {
        final int inputs = set.features() - 1;
        final int outputs = outputs(set.classes());
        return Parameters.none()
                .with("linear.weight_transposed", inputs, inputs, outputs)
                .with("linear.bias", inputs, outputs);
    }

    /** [B] cross-entropy of each sample after {@link #forward}. */
    public Reals losses() {
        return losses;
    }

    /** [B] derivative of the losses along the direction, after {@link #tangentForward}. */
    public Reals lossTangents() {
        return lossTangents;
    }

    /** Logits and losses of a batch; weights read [d, O]. */
    public void forward(final Reals weights, final SparseBatch samples) {
        batch = samples;
        multiply(weights, logits.given());
        kernels.loss().forward(tape, batch.size(), logits.all(), batch.labels(), losses);
    }

    /** predictions [B] written: the most probable classes after {@link #forward}. */
    public void predict(final Ints predictions) {
        kernels.loss().predict(batch.size(), logits.all(), predictions);
    }

    /**
     * Gradient of Σ w_b loss_b.
     *
     * @param sampleWeights read [B] w
     * @param gradient      accumulated [d, O]
     */
    public void backward(final Reals sampleWeights, final Reals gradient) {
        kernels.loss().backward(tape, sampleWeights, cotangents.all());
        multiplyTransposed(cotangents.given(), gradient);
    }

    /** Tangents of logits and losses along {@code direction} [d, O]. */
    public void tangentForward(final Reals direction) {
        multiply(direction, tangents.given());
        kernels.loss().tangentForward(tape, tangents.all(), lossTangents);
    }

    /**
     * The Hessian of Σ w_b loss_b times the direction of {@link #tangentForward}.
     *
     * @param sampleWeights read [B] w
     * @param product       accumulated [d, O]
     */
    public void tangentBackward(final Reals sampleWeights, final Reals product) {
        kernels.loss().tangentBackward(tape, sampleWeights, tangents.all(), cotangentTangents.all());
        multiplyTransposed(cotangentTangents.given(), product);
    }

    private void multiply(final Reals weights, final Rows out) {
        kernels.sparse().multiply(batch.set().samples(), chosen(), weights, out);
    }

    private void multiplyTransposed(final Rows in, final Reals out) {
        kernels.sparse().multiplyTransposed(batch.set().samples(), chosen(), in, out);
    }

    private Ints chosen() {
        return batch.isWhole() ? null : batch.indices();
    }
}
