package borep.solver;

import borep.device.Schedule;

/**
 * Hyperparameters of {@link BoRep}.
 *
 * @param eta         η, upper-level step length: ‖x_{k+1} − x_k‖ &le; η. Default 0.01
 * @param alpha       α, lower-level step size. Default 0.1
 * @param gamma       γ (ν in the public code), step size of the linear system. Default 0.01
 * @param beta        β in [0, 1), hypergradient momentum. Default 0.9
 * @param updatePeriod I &ge; 1, iterations between two updates of y. Default 2
 * @param lowerSteps  N &ge; 1, SGD steps of one update of y. Default 3
 * @param ballRadius  R, radius around the old y that one update stays in. Default infinite, as nobody projects in practice
 * @param average     whether an update returns the average of its N iterates. Default true
 * @param sampling    which samples one iteration draws. Default independent, as in the paper
 * @param refinement  the first update of y. Default 3 epochs of 20, 40 and 80 steps, α0 = 0.1, R0 = 10
 * @param official    deviations of the public code, none by default
 */
public record BoRepSettings(
        Schedule eta,
        Schedule alpha,
        Schedule gamma,
        double beta,
        int updatePeriod,
        int lowerSteps,
        double ballRadius,
        boolean average,
        Sampling sampling,
        Refinement refinement,
        Official official) {
    /** Which samples one iteration draws. */
    public enum Sampling {
        /** Five independent ones (the paper). */
        INDEPENDENT,
        /** One of each level for all oracles: product and mixed term then share their sweeps. */
        SHARED
    }

    /** Added to ‖m‖ before dividing, as in the public code. */
    static final double GUARD = 1e-10;

    /** Checks the ranges. */
    public BoRepSettings {
        if (!(beta >= 0 && beta < 1)) {
            throw new IllegalArgumentException("beta " + beta + ": must lie in [0, 1)");
        }
        if (updatePeriod < 1 || lowerSteps < 1) {
            throw new IllegalArgumentException(
                    "updatePeriod " + updatePeriod + ", lowerSteps " + lowerSteps + ": both must be at least 1");
        }
        if (!(ballRadius > 0)) {
            throw new IllegalArgumentException("ballRadius " + ballRadius + ": must be positive");
        }
    }

    /**
     * Initialisation refinement: epoch s makes T0·2^s projected SGD steps of size α0·2^−s in the ball of radius R0·2^(−s/2)
     * around the epoch's start and returns their average.
     *
     * @param epochs   k† in [0, 20]; 0 replaces it by T0 plain SGD steps of size α
     * @param steps    T0, not negative
     * @param step     α0, positive; the theory wants at most 1 / (2 L_g)
     * @param radius   R0, positive; the theory wants at least ‖y − y*(x_0)‖
     */
    public record Refinement(int epochs, int steps, double step, double radius) {
        /** Checks the ranges. */
        public Refinement {
            if (epochs < 0 || epochs > 20 || steps < 0) {
                throw new IllegalArgumentException("refinement of " + epochs + " epochs, " + steps
                        + " steps: epochs must lie in [0, 20], steps must not be negative");
            }
            if (!(step > 0) || !(radius > 0)) {
                throw new IllegalArgumentException(
                        "refinement step " + step + ", radius " + radius + ": both must be positive");
            }
        }
    }

    /**
     * What the public code (github.com/MingruiLiu-ML-Lab/Bilevel-Optimization-under-Unbounded-Smoothness) does differently; all off in paper mode.
     *
     * @param accumulate       inner gradients add up over an update's steps (no zero_grad)
     * @param refreshAtStart   y is updated at iteration 0 too and there is no refinement
     * @param reuseSample      all steps of one update use the same lower sample
     * @param newZ             the mixed term uses z_{k+1}
     * @param mixedOnUpper     the mixed term is evaluated on the upper level's batch (meta-learning, hyperparameters)
     * @param contaminate      left-over ∇_x g of the lower passes is added to ∇_x f (meta-learning): can turn descent into ascent
     * @param randomZ          z_0 uniform in ±√(6/(q+1)) instead of 0
     * @param tasks            tasks per iteration, whose estimates are averaged (meta-learning: 20); 1 in paper mode
     * @param snapshots        momentum per task, step along the average of its snapshots (meta-learning)
     * @param refreshByTask    the period counts tasks inside an iteration instead of iterations
     */
    public record Official(
            boolean accumulate,
            boolean refreshAtStart,
            boolean reuseSample,
            boolean newZ,
            boolean mixedOnUpper,
            boolean contaminate,
            boolean randomZ,
            int tasks,
            boolean snapshots,
            boolean refreshByTask) {
        /** Checks the range. */
        public Official {
            if (tasks < 1) {
                throw new IllegalArgumentException("tasks " + tasks + ": must be at least 1");
            }
        }

        /** Paper mode. */
        public static final Official NONE =
                new Official(false, false, false, false, false, false, false, 1, false, false);

        /** The public code's behaviour, its contamination left out. */
        public static Official code(final int tasks) {
            return new Official(true, true, true, true, true, false, true, tasks, true, true);
        }
    }

    /** The paper's algorithm with defaults that work in practice. */
    public static final BoRepSettings DEFAULT = new BoRepSettings(
            Schedule.constant(0.01),
            Schedule.constant(0.1),
            Schedule.constant(0.01),
            0.9,
            2,
            3,
            Double.POSITIVE_INFINITY,
            true,
            Sampling.INDEPENDENT,
            new Refinement(3, 20, 0.1, 10),
            Official.NONE);
}
