package borep.kernel;

import borep.device.Ints;
import borep.device.Reals;

/** Weighted softmax cross-entropy in four sweeps, logistic sample weights, and regularisers with their second order. */
public interface Loss {
    /** A regulariser over all of y. */
    enum Regulariser {
        /** R(y) = ½ ‖y‖² (the theory: strongly convex). */
        SQUARED,
        /** R(y) = ‖y‖ (the public BO-REP code); gradient and Hessian are taken as 0 at y = 0. */
        NORM
    }

    /** What forward leaves for the other sweeps: the class probabilities and labels. */
    interface Tape {
        /** Number of classes it was made for. */
        int classes();
    }

    /** Memory for up to {@code maxRows} samples of {@code classes} classes. */
    Tape tape(int maxRows, int classes);

    /**
     * losses_i = log Σ_c exp(z_ic) − z_i,label(i), computed without overflow; p = softmax(z) stays on the tape.
     *
     * @param tape   written
     * @param rows   number of samples B
     * @param logits read [B, C]
     * @param labels read [B] each in [0, C)
     * @param losses written [B]
     */
    void forward(Tape tape, int rows, Rows logits, Ints labels, Reals losses);

    /**
     * Cotangents of Σ_i w_i losses_i: w_i (p_i − onehot_i).
     *
     * @param tape             read
     * @param weights          read [B]
     * @param logitsCotangents written [B, C]
     */
    void backward(Tape tape, Reals weights, Rows logitsCotangents);

    /**
     * R{loss_i} = ⟨p_i − onehot_i, R{z_i}⟩.
     *
     * @param tape           read
     * @param logitsTangents read [B, C]
     * @param lossTangents   written [B]
     */
    void tangentForward(Tape tape, Rows logitsTangents, Reals lossTangents);

    /**
     * The derivative of backward with fixed weights: w_i p_i ⊙ (R{z_i} − ⟨p_i, R{z_i}⟩).
     *
     * @param tape                     read
     * @param weights                  read [B]
     * @param logitsTangents           read [B, C]
     * @param logitsCotangentTangents  written [B, C]
     */
    void tangentBackward(Tape tape, Reals weights, Rows logitsTangents, Rows logitsCotangentTangents);

    /**
     * The most probable class of each sample; the lowest index wins a tie.
     *
     * @param rows        number of samples B
     * @param logits      read [B, C]
     * @param predictions written [B]
     */
    void predict(int rows, Rows logits, Ints predictions);

    /**
     * weights_i = scale · σ(x[indices_i]).
     *
     * @param x       read [n] one logit per training sample
     * @param indices read [B]
     * @param scale   factor, for example 1/B
     * @param weights written [B]
     */
    void sampleWeights(Reals x, Ints indices, double scale, Reals weights);

    /**
     * out[indices_i] += scale · σ'(x[indices_i]) · values_i, in batch order, so repeated indices add up.
     *
     * @param x       read [n]
     * @param indices read [B]
     * @param scale   as in sampleWeights
     * @param values  read [B] losses (for ∇_x g) or their tangents (for ∇²_xy g·z)
     * @param out     accumulated [n]
     */
    void sampleWeightsBackward(Reals x, Ints indices, double scale, Reals values, Reals out);

    /**
     * value += factor · coefficient · R(y).
     *
     * @param coefficient read [1]
     * @param value       accumulated [1]
     */
    void regularise(Regulariser kind, double factor, Reals coefficient, Reals y, Reals value);

    /**
     * gradient (=|+=) factor · coefficient · ∇R(y): y, or y/‖y‖.
     *
     * @param coefficient read [1]
     * @param gradient    written or accumulated, as long as y
     */
    void regulariserGradient(Regulariser kind, double factor, Reals coefficient, Reals y, Reals gradient, Store store);

    /**
     * product (=|+=) factor · coefficient · ∇²R(y) z: z, or z/‖y‖ − y ⟨y, z⟩/‖y‖³.
     *
     * @param coefficient read [1]
     * @param product     written or accumulated, as long as y
     */
    void regulariserHessianVector(
            Regulariser kind, double factor, Reals coefficient, Reals y, Reals z, Reals product, Store store);

    /**
     * value += factor · ⟨∇R(y), z⟩: the mixed derivative by the coefficient, without any pass through the network.
     *
     * @param value accumulated [1]
     */
    void regulariserMixed(Regulariser kind, double factor, Reals y, Reals z, Reals value);
}
