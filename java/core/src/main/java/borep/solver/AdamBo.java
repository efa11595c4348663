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
    private final Official official;
    private final Reals m;
    private final Reals v;
    private final NeumannHypergradient neumann;
    private final LowerSteps lower;
    private final Reals estimate;
    private final Reals hypergradient;
    private final Reals eta;
    private final Reals alpha;
    private final Program[] warm;
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
     * @param neumann     the inverse Hessian; the public code's sum is PUBLIC_ADAMBO
     * @param official    deviations of the public code, none by default
     */
    public record Settings(
            Schedule eta,
            Schedule alpha,
            double beta1,
            double beta2,
            double epsilon,
            int warmSteps,
            NeumannSettings neumann,
            Official official) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.005),
                Schedule.constant(0.01),
                0.9,
                0.999,
                1e-8,
                3,
                NeumannSettings.DEFAULT,
                Official.NONE);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireMomentum("beta1", beta1);
            Ranges.requireMomentum("beta2", beta2);
            Ranges.requirePositive("epsilon", epsilon);
            Ranges.requireAtLeast("warmSteps", warmSteps, 0);
        }
    }

    /**
     * What the public code (github.com/jhao6/d3x645) does differently beside its Neumann sum; all off in paper mode. Its step of the Neumann
     * sum is always 1e-4: set {@code neumann.step}.
     *
     * @param weightDecay      this multiple of x is added to the estimate; 0 in paper mode, 0.01 in the public code
     * @param warmIterations   iterations that begin with the warm start, in every task; 1 in paper mode, in the public code its whole first
     *                         epoch
     * @param oneHessianSample all factors of the Neumann sum see the same sample; in the paper each has its own
     * @param mixedOnUpper     the mixed term is evaluated on the upper level's batch
     * @param tasks            tasks whose estimates are averaged into one step of Adam, y moving in each of them; 1 in paper mode, 20 in the
     *                         public code
     */
    public record Official(
            double weightDecay, int warmIterations, boolean oneHessianSample, boolean mixedOnUpper, int tasks) {
        /** Paper mode. */
        public static final Official NONE = new Official(0, 1, false, false, 1);

        /** Checks the ranges. */
        public Official {
            Ranges.requireNotNegative("official.weightDecay", weightDecay);
            Ranges.requireAtLeast("official.warmIterations", warmIterations, 1);
            Ranges.requireAtLeast("official.tasks", tasks, 1);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     of the random number of Neumann factors
     */
    public AdamBo(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        this.official = settings.official();
        m = upperState("m");
        v = upperState("v");
        if (official.mixedOnUpper()) {
            requireMixedOnUpper("adambo");
        }
        neumann = new NeumannHypergradient(
                this,
                this.problem,
                settings.neumann(),
                new NeumannHypergradient.Quirks(official.oneHessianSample(), official.mixedOnUpper()),
                seed);
        lower = new LowerSteps(this);
        estimate = upperVector();
        hypergradient = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        warm = neumann.record(factors -> iterate(true, factors));
        iterate = neumann.record(factors -> iterate(false, factors));
    }

    @Override
    public void step() {
        (counter.get() < official.warmIterations() ? warm : iterate)[neumann.choose()].run();
    }

    private void iterate(final boolean warmStart, final int factors) {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.fill(hypergradient, 0);
        for (int task = 0; task < official.tasks(); task++) {
            if (warmStart) {
                lower.run(x, y, settings.warmSteps(), alpha, Purpose.WARM, task * settings.warmSteps());
            }
            neumann.estimate(x, y, factors, task, estimate);
            lower.run(x, y, 1, alpha, Purpose.LOWER_STEP, task);
            update.axpy(1.0 / official.tasks(), estimate, hypergradient);
        }
        if (official.weightDecay() > 0) {
            update.axpy(official.weightDecay(), x, hypergradient);
        }
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.adam(settings.beta1(), settings.beta2(), hypergradient, m, v, eta, counter, settings.epsilon(), x);
        advance();
    }
}
