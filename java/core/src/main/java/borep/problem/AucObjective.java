package borep.problem;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Kernels;
import borep.kernel.Rows;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;
import borep.kernel.Update;

/**
 * The min-max surrogate of the AUC over the scores of one batch, with h = σ(score), p the share of positives, c the margin:
 *
 * <pre>
 * F = (1 − p) mean[1₊ (h − a)²] + p mean[1₋ (h − b)²] + 2 (1 + α) S − p (1 − p) α²          (1)
 * S = p (1 − p) c + mean[p h 1₋ − (1 − p) h 1₊]                                             (2)
 * </pre>
 *
 * <p>With w the weights of the mean, P = 1₊ (1 − p) w, Q = 1₋ p w and D = Q − P: S = p (1 − p) c + ⟨D, h⟩, ∂F/∂h = 2 P (h − a) + 2 Q (h − b) + 2 (1 + α) D,
 * ∂F/∂a = −2 ⟨P, h − a⟩, ∂F/∂b = −2 ⟨Q, h − b⟩, ∂F/∂α = 2 S − 2 p (1 − p) α.
 */
final class AucObjective {
    private final Kernels kernels;
    private final Update update;
    private final double positives;
    private final double margin;
    /** The identity [2, 2]: its product with a number of each class is every sample's own. */
    private final SparseMatrix classes;

    private final Reals ofPositive;
    private final Reals ofNegative;
    /** [B] h, h (1 − h), P, Q, D. */
    private final Reals h;

    private final Reals slope;
    private final Rows p;
    private final Rows q;
    private final Reals d;
    /** [B] */
    private final Reals ones;

    private final Reals distance;
    private final Reals weighted;
    /** [1] */
    private final Reals one;

    private final Reals onePlusAlpha;
    private final Reals scalar;

    /**
     * @param positives p in (0, 1)
     * @param margin    c, not negative
     */
    AucObjective(final Device device, final int batch, final double positives, final double margin) {
        if (!(positives > 0 && positives < 1)) {
            throw new IllegalArgumentException("share of positives " + positives + ": must lie in (0, 1)");
        }
        if (!(margin >= 0 && margin < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("margin " + margin + ": must be finite and not negative");
        }
        this.positives = positives;
        this.margin = margin;
        kernels = device.kernels();
        update = kernels.update();
        classes = kernels.sparse().matrix(new SparseRows(2, new int[] {0, 1, 2}, new int[] {0, 1}, new float[] {1, 1}));
        ofPositive = device.reals(2);
        ofPositive.set(new double[] {0, 1 - positives});
        ofNegative = device.reals(2);
        ofNegative.set(new double[] {positives, 0});
        h = device.reals(batch);
        slope = device.reals(batch);
        p = Rows.of(device.reals(batch), 1);
        q = Rows.of(device.reals(batch), 1);
        d = device.reals(batch);
        ones = device.reals(batch);
        update.fill(ones, 1);
        distance = device.reals(batch);
        weighted = device.reals(batch);
        one = ones.slice(0, 1);
        onePlusAlpha = device.reals(1);
        scalar = device.reals(1);
    }

    /** p (1 − p) */
    double spread() {
        return positives * (1 - positives);
    }

    /**
     * Takes a batch; everything else is about it.
     *
     * @param scores read [B]
     * @param labels read [B] 1 for positive, else 0
     * @param mean   read [B] what each sample weighs in the mean, 1/B as a rule
     */
    void forward(final Reals scores, final Ints labels, final Reals mean) {
        update.apply(Update.Function.SIGMOID, scores, h);
        update.multiply(h, h, slope);
        update.scale(-1, slope);
        update.axpy(1, h, slope);
        kernels.sparse().multiply(classes, labels, ofPositive, p);
        update.multiply(p.values(), mean, p.values());
        kernels.sparse().multiply(classes, labels, ofNegative, q);
        update.multiply(q.values(), mean, q.values());
        update.copy(q.values(), d);
        update.axpy(-1, p.values(), d);
    }

    /** s [1] written: S of (2). */
    void separation(final Reals s) {
        update.dot(d, h, s);
        update.axpy(spread() * margin, one, s);
    }

    /** value [1] written: F of (1). */
    void value(final Reals a, final Reals b, final Reals alpha, final Reals value) {
        separation(scalar);
        weigh(alpha);
        update.fill(value, 0);
        update.axpy(2, onePlusAlpha, scalar, value);
        update.axpy(-spread(), alpha, alpha, value);
        squares(a, p.values(), value);
        squares(b, q.values(), value);
    }

    /** value += Σ weights (h − mean)². */
    private void squares(final Reals mean, final Reals weights, final Reals value) {
        residual(mean, weights);
        update.dot(weighted, distance, scalar);
        update.axpy(1, scalar, value);
    }

    private void weigh(final Reals alpha) {
        update.copy(alpha, onePlusAlpha);
        update.axpy(1, one, onePlusAlpha);
    }

    /** distance = h − mean, weighted = weights ⊙ distance. */
    private void residual(final Reals mean, final Reals weights) {
        update.copy(h, distance);
        update.axpy(-1, mean, ones, distance);
        update.multiply(weights, distance, weighted);
    }

    /**
     * factor · ∂F by the scores and both means.
     *
     * @param cotangents written [B]
     * @param gradientA  written [1]
     * @param gradientB  written [1]
     */
    void backward(
            final double factor,
            final Reals a,
            final Reals b,
            final Reals alpha,
            final Reals cotangents,
            final Reals gradientA,
            final Reals gradientB) {
        weigh(alpha);
        separationBackward(2 * factor, onePlusAlpha, cotangents);
        towards(factor, a, p.values(), cotangents, gradientA);
        towards(factor, b, q.values(), cotangents, gradientB);
    }

    /** What (h − mean)² adds to the cotangents, and its slope by the mean. */
    private void towards(
            final double factor, final Reals mean, final Reals weights, final Reals cotangents, final Reals gradient) {
        residual(mean, weights);
        update.dot(weighted, ones, gradient);
        update.scale(-2 * factor, gradient);
        update.multiply(weighted, slope, weighted);
        update.axpy(2 * factor, weighted, cotangents);
    }

    /** cotangents [B] written: factor · scale · ∂S by the scores; scale read [1]. */
    void separationBackward(final double factor, final Reals scale, final Reals cotangents) {
        update.fill(cotangents, 0);
        update.axpy(factor, scale, d, cotangents);
        update.multiply(cotangents, slope, cotangents);
    }

    /** gradient [1] written: factor · ∂F/∂α. */
    void gradientAlpha(final double factor, final Reals alpha, final Reals gradient) {
        separation(gradient);
        update.scale(2 * factor, gradient);
        update.axpy(-2 * factor * spread(), alpha, gradient);
    }
}
