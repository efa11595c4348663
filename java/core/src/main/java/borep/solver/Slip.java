package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * SLIP: Gong, Hao, Liu, "A Nearly Optimal Single Loop Algorithm for Stochastic Bilevel Optimization under Unbounded Smoothness",
 * ICML 2024. For an (L0, L1)-smooth upper and a strongly convex lower level; Õ(ε⁻⁴) oracle calls in a single loop.
 *
 * <pre>
 *   y_0     = T0 SGD steps at x_0                                        warm start
 *   y_{t+1} = y_t − α ∇_y g(x_t, y_t; ζ)
 *   z_{t+1} = z_t − γ (∇²_yy g(x_t, y_t; ζ') z_t − ∇_y f(x_t, y_t; ξ))
 *   m_{t+1} = β m_t + (1 − β) (∇_x f(x_t, y_t; ξ') − ∇²_xy g(x_t, y_t; ζ'') z_t)
 *   x_{t+1} = x_t − η m_{t+1} / ‖m_{t+1}‖
 * </pre>
 */
public final class Slip extends Loop {
    private final Settings settings;
    private final Reals z;
    private final Reals m;
    private final TrackedOracles oracles;
    private final LowerSteps warm;
    private final Reals summed;
    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta       η, length of a step of x; default 0.01
     * @param alpha     α, lower-level step size, also of the warm start; default 0.1
     * @param gamma     γ, step size of the linear system (ν in the public code); default 0.01
     * @param beta      β in [0, 1), hypergradient momentum; default 0.9
     * @param warmSteps T0, SGD steps of y before the first iteration; default 3, as in the public code
     * @param sampling  five independent samples (the paper), or one of each level
     * @param summedWarmStart the public code's warm start: the gradients of all T0 samples are taken at the same y and their sum is one
     *                  step (algorithms.md §2)
     */
    public record Settings(
            Schedule eta,
            Schedule alpha,
            Schedule gamma,
            double beta,
            int warmSteps,
            BoRepSettings.Sampling sampling,
            boolean summedWarmStart) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.01),
                Schedule.constant(0.1),
                Schedule.constant(0.01),
                0.9,
                3,
                BoRepSettings.Sampling.INDEPENDENT,
                false);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireMomentum("beta", beta);
            Ranges.requireAtLeast("warmSteps", warmSteps, 0);
        }
    }

    /**
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: SLIP makes no random choice of its own
     */
    public Slip(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "momentumNorm", "stepSize", "linearResidual");
        this.settings = settings;
        z = lowerState("z");
        m = upperState("m");
        oracles = new TrackedOracles(this, settings.sampling());
        warm = new LowerSteps(this);
        summed = settings.summedWarmStart() ? lowerVector() : null;
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        if (counter.get() == 0) {
            warmStart();
        }
        iterate.run();
    }

    private void warmStart() {
        update.schedule(settings.alpha(), counter, alpha);
        if (!settings.summedWarmStart()) {
            warm.run(x, y, settings.warmSteps(), alpha, Purpose.WARM);
            return;
        }
        update.fill(summed, 0);
        for (int j = 0; j < settings.warmSteps(); j++) {
            update.axpy(1, warm.gradient(x, y, Purpose.WARM, j), summed);
        }
        update.axpy(-1, alpha, summed, y);
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.schedule(settings.gamma(), counter, gamma);
        oracles.evaluate(x, y, z);
        update.axpy(-1, alpha, oracles.gradient, y);
        oracles.moveLinearSystem(gamma, z);
        update.normalisedMomentum(
                settings.beta(), oracles.hypergradient, m, eta, BoRepSettings.GUARD, x, metric("momentumNorm"));
        advance();
    }
}
