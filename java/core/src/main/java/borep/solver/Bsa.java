package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * BSA: Ghadimi, Wang, "Approximation Methods for Bilevel Programming", 2018. A double loop whose inner one grows: in iteration k the
 * lower level makes ⌈√(k + 1)⌉ steps (paper: half as many) of size 2 / (μ (t + 2)). For an L-smooth upper level; ε⁻⁴ upper and ε⁻⁶ lower
 * calls.
 *
 * <pre>
 *   y_{k+1} = ⌈√(k+1)⌉ SGD steps from y_k at x_k
 *   x_{k+1} = x_k − η (∇_x f − ∇²_xy g · N(∇_y f))   at (x_k, y_{k+1}), N with a random number of factors
 * </pre>
 */
public final class Bsa extends Loop {
    private final Settings settings;
    private final NeumannHypergradient neumann;
    private final LowerSteps lower;
    private final Reals hypergradient;
    private final Reals eta;
    private final Program[] iterate;

    /**
     * Hyperparameters.
     *
     * @param eta     η, step size of x; default 0.1 / (k + 1)^0.5
     * @param convexity μ, strong convexity of the lower level: its t-th step has size 2 / (μ (t + 2)); default 20, first step 0.05
     * @param neumann the inverse Hessian; default a random number of factors below 5, η_H = 0.1
     */
    public record Settings(Schedule eta, double convexity, NeumannSettings neumann) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                new Schedule(Schedule.Kind.POWER, 0.1, 1, 0.5),
                20,
                new NeumannSettings(5, 0.1, NeumannSettings.Kind.RANDOM));

        /** Checks the ranges. */
        public Settings {
            Ranges.requirePositive("convexity", convexity);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     of the random number of Neumann factors
     */
    public Bsa(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        neumann = new NeumannHypergradient(this, settings.neumann(), seed);
        lower = new LowerSteps(this);
        hypergradient = upperVector();
        eta = metric("stepSize");
        iterate = neumann.record(this::iterate);
    }

    @Override
    public void step() {
        final int steps = (int) Math.ceil(Math.sqrt(counter.get() + 1.0));
        for (int t = 0; t < steps; t++) { // a number that grows: call by call, not recorded
            update.axpy(-2 / (settings.convexity() * (t + 2)), lower.gradient(x, y, Purpose.LOWER_STEP, t), y);
        }
        iterate[neumann.choose()].run();
    }

    private void iterate(final int factors) {
        update.schedule(settings.eta(), counter, eta);
        neumann.estimate(x, y, factors, hypergradient);
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.axpy(-1, eta, hypergradient, x);
        advance();
    }
}
