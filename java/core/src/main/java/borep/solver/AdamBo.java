package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * AdamBO: Gong, Hao, Liu, "An Adaptive Algorithm for Bilevel Optimization: Convergence of Adam under Unbounded Smoothness",
 * arXiv 2503.03908. Adam on the Neumann hypergradient, one SGD step of y; Õ(ε⁻⁴) calls with high probability.
 *
 * <pre>
 *   y_0     = T0 SGD steps at x_0
 *   ĝ_t     = ∇_x f − ∇²_xy g · N(∇_y f)   at (x_t, y_t)
 *   y_{t+1} = y_t − α ∇_y g(x_t, y_t; ζ)
 *   m, v    = Adam's moments of ĝ_t, β1 and β2;   x_{t+1} = x_t − η m̂ / (√v̂ + λ)
 * </pre>
 */
public final class AdamBo extends Loop {
    private final Settings settings;
    private final Reals m;
    private final Reals v;
    private final NeumannHypergradient neumann;
    private final LowerSteps lower;
    private final Reals hypergradient;
    private final Reals eta;
    private final Reals alpha;
    private final Program[] iterate;

    /**
     * Hyperparameters.
     *
     * @param eta         η; default 0.005, as in the public code
     * @param alpha       α, step size of y; default 0.01
     * @param beta1       decay of the first moment; default 0.9
     * @param beta2       decay of the second moment; default 0.999
     * @param epsilon     λ, added to √v̂; default 1e-8
     * @param warmSteps   T0; default 3
     * @param weightDecay the public code adds this multiple of x to the estimate (0.01 there); default 0
     * @param neumann     the inverse Hessian; the public code's sum is PUBLIC_ADAMBO
     */
    public record Settings(
            Schedule eta,
            Schedule alpha,
            double beta1,
            double beta2,
            double epsilon,
            int warmSteps,
            double weightDecay,
            NeumannSettings neumann) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.005), Schedule.constant(0.01), 0.9, 0.999, 1e-8, 3, 0, NeumannSettings.DEFAULT);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireMomentum("beta1", beta1);
            Ranges.requireMomentum("beta2", beta2);
            Ranges.requirePositive("epsilon", epsilon);
            Ranges.requireAtLeast("warmSteps", warmSteps, 0);
            Ranges.requireNotNegative("weightDecay", weightDecay);
        }
    }

    /**
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     of the random number of Neumann factors
     */
    public AdamBo(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        m = upperState("m");
        v = upperState("v");
        neumann = new NeumannHypergradient(this, settings.neumann(), seed);
        lower = new LowerSteps(this);
        hypergradient = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        iterate = neumann.record(this::iterate);
    }

    @Override
    public void step() {
        if (counter.get() == 0) {
            update.schedule(settings.alpha(), counter, alpha);
            lower.run(x, y, settings.warmSteps(), alpha, Purpose.WARM);
        }
        iterate[neumann.choose()].run();
    }

    private void iterate(final int factors) {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        neumann.estimate(x, y, factors, hypergradient);
        lower.run(x, y, 1, alpha, Purpose.LOWER_STEP);
        if (settings.weightDecay() > 0) {
            update.axpy(settings.weightDecay(), x, hypergradient);
        }
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.adam(settings.beta1(), settings.beta2(), hypergradient, m, v, eta, counter, settings.epsilon(), x);
        advance();
    }
}
