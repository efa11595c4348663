package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.LargeBatch;

/**
 * VRBO: Yang, Ji, Liang, "Provably Faster Algorithms for Bilevel Optimization", NeurIPS 2021. SPIDER's recursive estimates of both
 * levels in a double loop, with a large batch at every q-th iteration; Õ(ε⁻³) calls for an L-smooth upper level.
 *
 * <pre>
 *   k mod q = 0:  v = ĝ(x_k, y_k; S1),  u = ∇_y g(x_k, y_k; S1)                               S1 a large batch
 *   x_{k+1} = x_k − η v
 *   t = 0 … m:    v ← v + ĝ(x_{k+1}, y^t; ξ̄_t) − ĝ(x^−, y^{t−1}; ξ̄_t)                          the same ξ̄_t twice
 *                 u ← u + ∇_y g(x_{k+1}, y^t; ζ_t) − ∇_y g(x^−, y^{t−1}; ζ_t)
 *                 y^t ↦ y^{t+1} = y^t − α u,   but for t = m
 *   y_{k+1} = y^m
 * </pre>
 *
 * with y^{−1} = y^0 = y_k and x^− = x_k at t = 0, x_{k+1} afterwards: the first difference holds the move of x (the public codes lose it).
 *
 * <p>The paper moves y at t = m as well. No difference would hold that move, because those of the next iteration begin at y_{k+1}, and v and
 * u would stay behind it from one large batch to the next. Here every step of y has its correction: m steps, m + 1 corrections, and without
 * noise v and u are the gradients at (x_{k+1}, y_{k+1}) for ever.
 */
public final class Vrbo extends Loop {
    private final Settings settings;
    private final Reals u;
    private final Reals v;
    private final NeumannHypergradient neumann;
    private final LowerSteps lower;
    private final NeumannHypergradient largeNeumann;
    private final LowerSteps largeLower;
    private final Reals before;
    private final Reals lowerBefore;
    private final Reals estimate;
    private final Reals eta;
    private final Reals alpha;
    private final Program[] checkpoint;
    private final Program[] iterate;

    /**
     * Hyperparameters.
     *
     * @param eta        η, step size of x; default 0.01
     * @param alpha      α, step size of y; default 0.1
     * @param period     q, iterations from one large batch to the next; default 3
     * @param lowerSteps m, steps of y in one iteration, after m + 1 corrections; default 3
     * @param largeBatch S1 as a number of drawn batches; default 8; 0: the whole finite sum
     * @param neumann    the inverse Hessian, by default the full sum of five factors
     */
    public record Settings(
            Schedule eta, Schedule alpha, int period, int lowerSteps, int largeBatch, NeumannSettings neumann) {
        /** The values above. */
        public static final Settings DEFAULT =
                new Settings(Schedule.constant(0.01), Schedule.constant(0.1), 3, 3, 8, NeumannSettings.DEFAULT);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("period", period, 1);
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requireAtLeast("largeBatch", largeBatch, 0);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve; a finite sum if {@code largeBatch} is 0
     * @param settings hyperparameters
     * @param seed     of the random number of Neumann factors
     * @throws IllegalArgumentException if {@code largeBatch} is 0 and a level is no finite sum
     */
    public Vrbo(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        u = lowerState("u");
        v = upperState("v");
        neumann = new NeumannHypergradient(this, settings.neumann(), seed);
        lower = new LowerSteps(this);
        final BilevelProblem large = new LargeBatch(this.problem, settings.largeBatch());
        largeNeumann =
                new NeumannHypergradient(this, large, settings.neumann(), NeumannHypergradient.Quirks.NONE, seed);
        largeLower = new LowerSteps(this, large);
        before = upperVector();
        lowerBefore = lowerVector();
        estimate = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        checkpoint = neumann.record(this::checkpoint);
        iterate = neumann.record(this::iterate);
    }

    @Override
    public void step() {
        if (counter.get() % settings.period() == 0) {
            checkpoint[neumann.choose()].run();
        }
        iterate[neumann.choose()].run();
    }

    private void checkpoint(final int factors) {
        largeNeumann.estimate(x, y, factors, v);
        update.copy(largeLower.gradient(x, y, Purpose.LOWER_STEP, 0), u);
    }

    private void iterate(final int factors) {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.copy(x, before);
        update.copy(y, lowerBefore);
        update.axpy(-1, eta, v, x);
        problem.upperChanged();
        correct(before, factors, 0);
        for (int t = 1; t <= settings.lowerSteps(); t++) {
            update.copy(y, lowerBefore);
            update.axpy(-1, alpha, u, y);
            correct(x, factors, t);
        }
        update.norm(v, metric("hypergradientNorm"));
        advance();
    }

    /** Both estimates to (x, y), by the difference from the point before. */
    private void correct(final Reals xBefore, final int factors, final int t) {
        neumann.estimate(xBefore, lowerBefore, factors, t, estimate);
        update.axpy(-1, estimate, v);
        neumann.estimate(x, y, factors, t, estimate);
        update.axpy(1, estimate, v);
        update.axpy(-1, lower.gradient(xBefore, lowerBefore, Purpose.LOWER_STEP, t), u);
        update.axpy(1, lower.gradient(x, y, Purpose.LOWER_STEP, t), u);
    }
}
