package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * stocBiO: Ji, Yang, Liang, "Bilevel Optimization: Convergence Analysis and Enhanced Design", ICML 2021; and TTSA: Hong, Wai, Wang,
 * Yang, "A Two-Timescale Stochastic Algorithm Framework for Bilevel Optimization", SIAM Journal on Optimization 2023, which is the
 * same step with D = 1, a random number of Neumann factors and two decaying step sizes. Both assume an L-smooth upper level:
 * Õ(ε⁻⁴) and ε⁻⁵ calls.
 *
 * <pre>
 *   y_{k+1} = D SGD steps from y_k at x_k with step size α
 *   x_{k+1} = x_k − η (∇_x f − ∇²_xy g · N(∇_y f))   at (x_k, y_{k+1})
 * </pre>
 *
 * The paper's stocBiO takes fewer samples for later factors of the Neumann sum, |B_{Q+1−j}| = B Q (1 − η μ)^{j−1}, which its sample
 * complexity rests on; here, as in the public code, every factor has a batch of the problem's own size.
 */
public final class StocBio extends Loop {
    private final Settings settings;
    private final NeumannHypergradient neumann;
    private final LowerSteps lower;
    private final Reals accumulated;
    private final Reals hypergradient;
    private final Reals eta;
    private final Reals alpha;
    private final Program[] iterate;

    /**
     * Hyperparameters.
     *
     * @param eta        η, step size of x; default 0.01 (TTSA: 0.1 / (k + 1)^0.6)
     * @param alpha      α, step size of y; default 0.1 (TTSA: 0.1 / (k + 1)^0.4)
     * @param lowerSteps D; default 3 (TTSA: 1)
     * @param neumann    the inverse Hessian; the public code's sum is PUBLIC_STOCBIO
     * @param official   deviations of the public codes, none by default
     */
    public record Settings(Schedule eta, Schedule alpha, int lowerSteps, NeumannSettings neumann, Official official) {
        /** stocBiO. */
        public static final Settings STOCBIO = new Settings(
                Schedule.constant(0.01), Schedule.constant(0.1), 3, NeumannSettings.DEFAULT, Official.NONE);

        /** TTSA, nonconvex case. */
        public static final Settings TTSA = new Settings(
                new Schedule(Schedule.Kind.POWER, 0.1, 1, 0.6),
                new Schedule(Schedule.Kind.POWER, 0.1, 1, 0.4),
                1,
                new NeumannSettings(5, 0.1, NeumannSettings.Kind.RANDOM),
                Official.NONE);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
        }
    }

    /**
     * What the public codes (github.com/JunjieYang97/stocBiO, and the copy in SLIP's) do differently beside their Neumann sum; all off in paper
     * mode.
     *
     * @param oneHessianSample all factors of the Neumann sum see the same sample; in the paper each has its own
     * @param accumulate       the lower gradients of one iteration add up (no zero_grad), as in SLIP's copy for hyper-cleaning: step j
     *                         moves y by the sum of the first j
     */
    public record Official(boolean oneHessianSample, boolean accumulate) {
        /** Paper mode. */
        public static final Official NONE = new Official(false, false);
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     of the random number of Neumann factors
     */
    public StocBio(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        neumann = new NeumannHypergradient(
                this,
                this.problem,
                settings.neumann(),
                new NeumannHypergradient.Quirks(settings.official().oneHessianSample(), false),
                seed);
        accumulated = settings.official().accumulate() ? lowerVector() : null;
        lower = new LowerSteps(this);
        hypergradient = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        iterate = neumann.record(this::iterate);
    }

    @Override
    public void step() {
        iterate[neumann.choose()].run();
    }

    private void iterate(final int factors) {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        if (accumulated == null) {
            lower.run(x, y, settings.lowerSteps(), alpha, Purpose.LOWER_STEP);
        } else {
            update.fill(accumulated, 0);
            lower.runAccumulating(x, y, settings.lowerSteps(), alpha, Purpose.LOWER_STEP, 0, accumulated);
        }
        neumann.estimate(x, y, factors, hypergradient);
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.axpy(-1, eta, hypergradient, x);
        advance();
    }
}
