package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * SOBA: Dagréou, Ablin, Vaiter, Moreau, "A framework for bilevel optimization that enables stochastic and global variance reduction
 * algorithms", NeurIPS 2022; and MA-SOBA: Chen, Xiao, Balasubramanian, "Optimal Algorithms for Stochastic Bilevel Optimization under
 * Relaxed Smoothness Conditions", 2023, which averages the hypergradient. Both assume an L-smooth upper level; O(ε⁻⁴) calls.
 *
 * <pre>
 *   y_{t+1} = y_t − α ∇_y g(x_t, y_t)
 *   z_{t+1} = z_t − γ (∇²_yy g(x_t, y_t) z_t − ∇_y f(x_t, y_t))
 *   m_{t+1} = β m_t + (1 − β) (∇_x f(x_t, y_t) − ∇²_xy g(x_t, y_t) z_t)        SOBA: β = 0
 *   x_{t+1} = x_t − η m_{t+1}
 * </pre>
 */
public final class Soba extends Loop {
    private final Settings settings;
    private final Reals z;
    private final Reals m;
    private final TrackedOracles oracles;
    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta      η, step size of x; default 0.01
     * @param alpha    α, step size of y; default 0.1
     * @param gamma    γ, step size of z; default 0.01
     * @param beta     β in [0, 1), average of the hypergradient; 0: SOBA, default 0.9: MA-SOBA
     * @param sampling one sample of each level (the papers), or five independent ones
     */
    public record Settings(Schedule eta, Schedule alpha, Schedule gamma, double beta, BoRepSettings.Sampling sampling) {
        /** SOBA. */
        public static final Settings SOBA = new Settings(
                Schedule.constant(0.01),
                Schedule.constant(0.1),
                Schedule.constant(0.01),
                0,
                BoRepSettings.Sampling.SHARED);

        /** MA-SOBA. */
        public static final Settings MA_SOBA = new Settings(
                Schedule.constant(0.01),
                Schedule.constant(0.1),
                Schedule.constant(0.01),
                0.9,
                BoRepSettings.Sampling.SHARED);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireMomentum("beta", beta);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public Soba(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize", "linearResidual");
        this.settings = settings;
        z = lowerState("z");
        m = upperState("m");
        oracles = new TrackedOracles(this, settings.sampling());
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.schedule(settings.gamma(), counter, gamma);
        oracles.evaluate(x, y, z, 0);
        oracles.moveLinearSystem(x, y, gamma, z);
        update.norm(oracles.hypergradient, metric("hypergradientNorm"));
        update.average(settings.beta(), oracles.hypergradient, m);
        update.axpy(-1, alpha, oracles.gradient, y);
        update.axpy(-1, eta, m, x);
        advance();
    }
}
