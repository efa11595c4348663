package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * SUSTAIN: Khanduri, Zeng, Hong, Wai, Wang, Yang, "A Near-Optimal Algorithm for Stochastic Bilevel Optimization via Double-Momentum",
 * NeurIPS 2021; and MRBO: Yang, Ji, Liang, "Provably Faster Algorithms for Bilevel Optimization", NeurIPS 2021, the same with the full
 * Neumann sum. STORM on both levels; Õ(ε⁻³) calls for an L-smooth upper level.
 *
 * <pre>
 *   u_t = ∇_y g(x_t, y_t; ζ_t) + (1 − a_t) (u_{t−1} − ∇_y g(x_{t−1}, y_{t−1}; ζ_t))
 *   v_t = ĝ(x_t, y_t; ξ̄_t)     + (1 − b_t) (v_{t−1} − ĝ(x_{t−1}, y_{t−1}; ξ̄_t))
 *   y_{t+1} = y_t − α_t u_t,   x_{t+1} = x_t − η_t v_t
 * </pre>
 */
public final class Sustain extends Loop {
    private final Settings settings;
    private final Reals before;
    private final Reals lowerBefore;
    private final Storm u;
    private final Storm v;
    private final NeumannHypergradient neumann;
    private final LowerSteps lower;
    private final Reals estimate;
    private final Reals eta;
    private final Reals alpha;
    private final Reals weightX;
    private final Reals weightY;
    private final Program[] first;
    private final Program[] iterate;

    /**
     * Hyperparameters.
     *
     * @param eta     η_t; default 0.05 / (t + 1)^(1/3)
     * @param alpha   α_t; default 0.1 / (t + 1)^(1/3)
     * @param weightX b_t, weight of the new hypergradient, at most 1; default 1 / (t + 1)^(2/3)
     * @param weightY a_t, weight of the new lower gradient, at most 1; default 1 / (t + 1)^(2/3)
     * @param neumann the inverse Hessian: SUSTAIN draws the number of factors, MRBO takes the full sum
     */
    public record Settings(Schedule eta, Schedule alpha, Schedule weightX, Schedule weightY, NeumannSettings neumann) {
        /** SUSTAIN. */
        public static final Settings SUSTAIN = settings(NeumannSettings.Kind.RANDOM);

        /** MRBO. */
        public static final Settings MRBO = settings(NeumannSettings.Kind.SUM);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireWeight("weightX", weightX.initial());
            Ranges.requireWeight("weightY", weightY.initial());
        }

        private static Settings settings(final NeumannSettings.Kind kind) {
            return new Settings(
                    new Schedule(Schedule.Kind.POWER, 0.05, 1, 1 / 3.0),
                    new Schedule(Schedule.Kind.POWER, 0.1, 1, 1 / 3.0),
                    new Schedule(Schedule.Kind.POWER, 1, 1, 2 / 3.0),
                    new Schedule(Schedule.Kind.POWER, 1, 1, 2 / 3.0),
                    new NeumannSettings(5, 0.1, kind));
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     of the random number of Neumann factors
     */
    public Sustain(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        before = upperState("xBefore");
        lowerBefore = lowerState("yBefore");
        u = new Storm(this, lowerState("u"));
        v = new Storm(this, upperState("v"));
        neumann = new NeumannHypergradient(this, settings.neumann(), seed);
        lower = new LowerSteps(this);
        estimate = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        weightX = scalar();
        weightY = scalar();
        first = neumann.record(this::begin);
        iterate = neumann.record(this::iterate);
    }

    @Override
    public void step() {
        (counter.get() == 0 ? first : iterate)[neumann.choose()].run();
    }

    private void begin(final int factors) {
        neumann.estimate(x, y, factors, estimate);
        v.begin(estimate);
        u.begin(lower.gradient(x, y, Purpose.LOWER_STEP, 0));
        move();
    }

    private void iterate(final int factors) {
        update.schedule(settings.weightX(), counter, weightX);
        update.schedule(settings.weightY(), counter, weightY);
        problem.upperChanged(); // x_{t−1} first
        neumann.estimate(before, lowerBefore, factors, estimate);
        v.before(estimate);
        u.before(lower.gradient(before, lowerBefore, Purpose.LOWER_STEP, 0));
        problem.upperChanged();
        neumann.estimate(x, y, factors, estimate);
        v.now(weightX, estimate);
        u.now(weightY, lower.gradient(x, y, Purpose.LOWER_STEP, 0));
        move();
    }

    private void move() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.copy(x, before);
        update.copy(y, lowerBefore);
        update.norm(v.estimate(), metric("hypergradientNorm"));
        update.axpy(-1, alpha, u.estimate(), y);
        update.axpy(-1, eta, v.estimate(), x);
        advance();
    }
}
