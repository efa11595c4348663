package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * UniBiO: Wu, Gong, Hao, Liu, "Bilevel Optimization with Lower-Level Uniform Convexity: Theory and Algorithm", ICLR 2026. For a lower
 * level that is uniformly convex with exponent p ≥ 2, which need not be strongly convex: g(x, y) = ‖y‖_p^p / p − ⟨y, sin x⟩ has a
 * singular Hessian at y = 0. Õ(ε^(6−5p)) oracle calls, Õ(ε⁻⁴) at p = 2.
 *
 * <pre>
 *   y_k     = EpochSGD(x_k, y_{k−1})   k mod I = 0: shrinking balls and step sizes, epochs that grow like 2^(2(p−1)s/p); else y_{k−1}
 *   z_{k+1} = z_k − γ (∇²_yy g(x_k, y_k; ζ) z_k − ∇_y f(x_k, y_k; ξ))
 *   m_{k+1} = β m_k + (1 − β) (∇_x f(x_k, y_k; ξ') − ∇²_xy g(x_k, y_k; ζ') z_k)
 *   x_{k+1} = x_k − η m_{k+1} / ‖m_{k+1}‖
 * </pre>
 *
 * The public code covers its toy alone and writes down the hypergradient by hand; z, m and x here are BO-REP's, which the same group
 * takes as skeleton. Its epoch-SGD forgets y and begins at a random point every time; here it begins at the last y.
 */
public final class UniBio extends Loop {
    private final Settings settings;
    private final Reals z;
    private final EpochSgd lower;
    private final TrackedOracles oracles;
    private final NormalisedStep upperStep;
    private final Reals eta;
    private final Reals gamma;
    private final Program refresh;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta          η, length of a step of x; default 0.01 (public code: 0.05 at p = 2 to 0.01 at p = 8)
     * @param gamma        γ, step size of the linear system; default 0.1
     * @param beta         β in [0, 1), hypergradient momentum; default 0.9, as in the public code
     * @param exponent     p of the lower level's uniform convexity, at least 2; default 2
     * @param updatePeriod I, iterations between two updates of y; default 2, as in the public code
     * @param epochSgd     epochs, T_0, α_0 and R_0 of one update; default 3 epochs of 5, 10 and 20 steps at p = 2, α_0 = 0.1, R_0 = 1 (public
     *                     code: as many epochs as fit in 100 steps, T_0 = 5, α_0 = 1, R_0 = 1)
     * @param sampling     four independent samples beside those of y (BO-REP's), or one of each level
     */
    public record Settings(
            Schedule eta,
            Schedule gamma,
            double beta,
            double exponent,
            int updatePeriod,
            BoRepSettings.Refinement epochSgd,
            BoRepSettings.Sampling sampling) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.01),
                Schedule.constant(0.1),
                0.9,
                2,
                2,
                new BoRepSettings.Refinement(3, 5, 0.1, 1),
                BoRepSettings.Sampling.INDEPENDENT);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireMomentum("beta", beta);
            Ranges.requireAtLeast("updatePeriod", updatePeriod, 1);
            Ranges.requireAtLeast("epochSgd.epochs", epochSgd.epochs(), 1);
            if (!(exponent >= 2) || Double.isInfinite(exponent)) {
                throw new IllegalArgumentException("exponent " + exponent + ": must be finite and at least 2");
            }
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public UniBio(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "momentumNorm", "stepSize", "linearResidual");
        this.settings = settings;
        z = lowerState("z");
        lower = new EpochSgd(this, settings.epochSgd(), settings.exponent());
        oracles = new TrackedOracles(this, settings.sampling(), false, TrackedOracles.Quirks.NONE);
        upperStep = new NormalisedStep(this, settings.beta(), 1, false);
        eta = metric("stepSize");
        gamma = scalar();
        refresh = record(() -> lower.run(x, y));
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        if (counter.get() % settings.updatePeriod() == 0) {
            refresh.run();
        }
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.gamma(), counter, gamma);
        oracles.evaluate(x, y, z, 0);
        oracles.moveLinearSystem(x, y, gamma, z);
        upperStep.begin();
        upperStep.add(oracles.hypergradient);
        upperStep.move(eta);
        advance();
    }
}
