package borep.solver;

/**
 * How the inverse Hessian is applied to a vector v without a linear-system state. With r_0 = v and r_k = r_{k−1} − η_H ∇²_yy
 * g(ζ_k) r_{k−1}:
 *
 * @param terms Q, factors of the longest product; default 5
 * @param step  η_H, at most 1 / L_g; default 0.1
 * @param kind  which sum of the r_k
 */
public record NeumannSettings(int terms, double step, Kind kind) {
    /** Sums of the r_k. */
    public enum Kind {
        /** η_H Σ_{k=0..Q} r_k: the truncated Neumann series. */
        SUM,
        /** Q η_H r_p with p uniform in {0, …, Q − 1}: the same in expectation, up to the last term (Ghadimi, Wang 2018). */
        RANDOM,
        /** η_H r_Q + Σ_{k=1..Q} r_k: stocBiO's public code, wrong by a factor of about 1 / η_H. */
        PUBLIC_STOCBIO,
        /** η_H (r_Q + Σ_{k=1..Q} r_k): AdamBO's public code, first term missing, last one twice. */
        PUBLIC_ADAMBO,
        /** η_H r_p with p uniform in {1, …, Q}: AccBO's public code, without the factor Q. */
        PUBLIC_ACCBO
    }

    /** The full sum of five factors. */
    public static final NeumannSettings DEFAULT = new NeumannSettings(5, 0.1, Kind.SUM);

    /** Checks the ranges. */
    public NeumannSettings {
        Ranges.requireAtLeast("neumann.terms", terms, 1);
        Ranges.requirePositive("neumann.step", step);
    }

    /** Whether the number of factors is drawn in every iteration. */
    boolean isRandom() {
        return kind == Kind.RANDOM || kind == Kind.PUBLIC_ACCBO;
    }
}
