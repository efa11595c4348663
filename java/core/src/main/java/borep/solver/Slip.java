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
 *
 * {@link Official} turns on, one by one, what the public code does differently.
 */
public final class Slip extends Loop {
    private final Settings settings;
    private final Official official;
    private final long seed;
    private final Reals z;
    private final TrackedOracles oracles;
    private final LowerSteps lower;
    private final NormalisedStep upperStep;
    private final Reals accumulated;
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
     * @param official  deviations of the public code, none by default
     */
    public record Settings(
            Schedule eta,
            Schedule alpha,
            Schedule gamma,
            double beta,
            int warmSteps,
            BoRepSettings.Sampling sampling,
            Official official) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.01),
                Schedule.constant(0.1),
                Schedule.constant(0.01),
                0.9,
                3,
                BoRepSettings.Sampling.INDEPENDENT,
                Official.NONE);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireMomentum("beta", beta);
            Ranges.requireAtLeast("warmSteps", warmSteps, 0);
        }
    }

    /**
     * What the public code (github.com/MingruiLiu-ML-Lab/Single-Loop-bilevel-Optimizer-under-Unbounded-Smoothness; HR hyper-representation, DC
     * hyper-cleaning) does differently; all off in paper mode. Its step length is {@code xi}, 0.08 whatever η was asked for (HR): set η.
     *
     * @param summedWarmStart the gradients of all T0 samples are taken at the same y and their sum is one step (HR)
     * @param warmIterations  iterations that begin with the warm start; 1 in paper mode, in DC the whole first epoch
     * @param lowerSteps      steps of y in one iteration; 1 in paper mode. In DC more, whose gradients add up (no zero_grad): g1, then g1 + g2, …
     * @param newZ            the mixed term uses z_{t+1}
     * @param mixedOnUpper    the mixed term is evaluated on the upper level's batch (HR)
     * @param contaminate     the ∇_x g that the lower pass leaves is added to ∇_x f (HR): can turn descent into ascent
     * @param randomZ         z_0 uniform in ±√(6/(q+1)) instead of 0
     * @param tasks           tasks per iteration (HR); 1 in paper mode
     * @param snapshots       momentum per task, step along the average of its snapshots (HR)
     */
    public record Official(
            boolean summedWarmStart,
            int warmIterations,
            int lowerSteps,
            boolean newZ,
            boolean mixedOnUpper,
            boolean contaminate,
            boolean randomZ,
            int tasks,
            boolean snapshots) {
        /** Paper mode. */
        public static final Official NONE = new Official(false, 1, 1, false, false, false, false, 1, false);

        /** Checks the ranges. */
        public Official {
            Ranges.requireAtLeast("official.warmIterations", warmIterations, 1);
            Ranges.requireAtLeast("official.lowerSteps", lowerSteps, 1);
            Ranges.requireAtLeast("official.tasks", tasks, 1);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     of the solver's own random choice, z_0 when {@code randomZ}; samples come from the problem's seed
     */
    public Slip(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "momentumNorm", "stepSize", "linearResidual");
        this.settings = settings;
        this.official = settings.official();
        this.seed = seed;
        if (official.mixedOnUpper()) {
            requireMixedOnUpper("slip");
        }
        z = lowerState("z");
        oracles = new TrackedOracles(
                this,
                settings.sampling(),
                true,
                new TrackedOracles.Quirks(official.newZ(), official.mixedOnUpper(), official.contaminate()));
        lower = new LowerSteps(this);
        upperStep = new NormalisedStep(this, settings.beta(), official.tasks(), official.snapshots());
        accumulated = official.summedWarmStart() || official.lowerSteps() > 1 ? lowerVector() : null;
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        iterate = record(this::iterate);
    }

    @Override
    public void initialise() {
        super.initialise();
        if (official.randomZ()) {
            randomise(z, seed);
            begin();
        }
    }

    @Override
    public void step() {
        if (counter.get() < official.warmIterations()) {
            warmStart();
        }
        iterate.run();
    }

    private void warmStart() {
        update.schedule(settings.alpha(), counter, alpha);
        if (!official.summedWarmStart()) {
            lower.run(x, y, settings.warmSteps(), alpha, Purpose.WARM);
            return;
        }
        update.fill(accumulated, 0);
        for (int j = 0; j < settings.warmSteps(); j++) {
            update.axpy(1, lower.gradient(x, y, Purpose.WARM, j), accumulated);
        }
        update.axpy(-1, alpha, accumulated, y);
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.schedule(settings.gamma(), counter, gamma);
        upperStep.begin();
        for (int task = 0; task < official.tasks(); task++) {
            oracles.evaluate(x, y, z, task);
            oracles.moveLinearSystem(x, y, gamma, z);
            moveLower(task);
            upperStep.add(oracles.hypergradient);
        }
        upperStep.move(eta);
        advance();
    }

    private void moveLower(final int task) {
        update.axpy(-1, alpha, oracles.gradient, y);
        final int more = official.lowerSteps() - 1;
        if (more > 0) {
            update.copy(oracles.gradient, accumulated);
            lower.runAccumulating(x, y, more, alpha, Purpose.ADDED_STEP, task * more, accumulated);
        }
    }
}
