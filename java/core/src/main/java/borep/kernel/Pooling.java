package borep.kernel;

/**
 * One feature vector per sample out of the packed rows of its steps, and the four-fold combination of a pair of them.
 * Features lie in batch order (not ranked). A sequence of length 0 pools to zeros.
 */
public interface Pooling {
    /** How steps are combined. */
    enum Mode {
        /**
         * Largest value over the sample's own steps; the earliest step wins a tie. NaN counts as larger than every number,
         * so that no maximum hides a divergence.
         */
        MAX,
        /** As MAX with every step past the sample's end, up to the batch's longest sequence, counted as 0 (public BO-REP code). */
        MAX_PADDED,
        /** Mean over the sample's own steps. */
        MEAN,
        /** The last step of the sample (for a bidirectional layer: of both directions' outputs). */
        LAST
    }

    /** What forward leaves for the other sweeps: the packing and, for maxima, which step won. */
    interface Tape {
        /** The mode it was made for. */
        Mode mode();
    }

    /** Memory for pooling rows of {@code width} numbers over up to {@code maxBatch} samples. */
    Tape tape(Mode mode, int width, int maxBatch);

    /**
     * features = the pooled rows of each sample.
     *
     * @param tape     written
     * @param packing  read; must stay unchanged until the last sweep over this tape
     * @param rows     read    [R, width] packed
     * @param features written [B, width]
     */
    void forward(Tape tape, Packing packing, Rows rows, Rows features);

    /**
     * The adjoint of the linear map that pooling is once the winners are fixed; carries cotangents and their tangents alike.
     *
     * @param tape              read
     * @param featureCotangents read        [B, width]
     * @param rowCotangents     accumulated [R, width]
     */
    void backward(Tape tape, Rows featureCotangents, Rows rowCotangents);

    /**
     * The same linear map for tangents.
     *
     * @param tape            read
     * @param rowTangents     read    [R, width]
     * @param featureTangents written [B, width]
     */
    void tangentForward(Tape tape, Rows rowTangents, Rows featureTangents);

    /**
     * The two halves of a pair, or their tangents, or their cotangents.
     *
     * @param u [B, width] first sequences
     * @param v [B, width] second sequences
     */
    record Pair(Rows u, Rows v) {}

    /**
     * features = (u, v, |u − v|, u ⊙ v), side by side (Conneau et al., InferSent, 2017).
     *
     * @param rows     number of samples B
     * @param values   read    u, v [B, width]
     * @param features written [B, 4·width]
     */
    void pairForward(int rows, Pair values, Rows features);

    /**
     * The adjoint of pairForward's derivative: du += f̄₁ + sign(u − v) ⊙ f̄₃ + v ⊙ f̄₄, dv += f̄₂ − sign(u − v) ⊙ f̄₃ + u ⊙ f̄₄, f̄ the features'
     * cotangents in four parts and sign(0) = 0.
     *
     * @param rows              number of samples B
     * @param values            read u, v
     * @param featureCotangents read        [B, 4·width]
     * @param cotangents        accumulated [B, width] each
     */
    void pairBackward(int rows, Pair values, Rows featureCotangents, Pair cotangents);

    /**
     * The derivative of pairForward: (R{u}, R{v}, sign(u − v) ⊙ (R{u} − R{v}), R{u} ⊙ v + u ⊙ R{v}).
     *
     * @param rows            number of samples B
     * @param values          read u, v
     * @param tangents        read R{u}, R{v}
     * @param featureTangents written [B, 4·width]
     */
    void pairTangentForward(int rows, Pair values, Pair tangents, Rows featureTangents);

    /**
     * The derivative of pairBackward, with sign(u − v) fixed.
     *
     * @param rows                     number of samples B
     * @param values                   read u, v
     * @param tangents                 read R{u}, R{v}
     * @param featureCotangents        read [B, 4·width], as in pairBackward
     * @param featureCotangentTangents read [B, 4·width]
     * @param cotangentTangents        accumulated [B, width] each
     */
    void pairTangentBackward(
            int rows,
            Pair values,
            Pair tangents,
            Rows featureCotangents,
            Rows featureCotangentTangents,
            Pair cotangentTangents);
}
