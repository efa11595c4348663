package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * ITD: iterative differentiation, reverse mode (Franceschi, Donini, Frasconi, Pontil, "Forward and Reverse Gradient-Based Hyperparameter
 * Optimization", ICML 2017). The derivative of D unrolled lower steps; its bias shrinks like (1 − αμ)^D.
 *
 * <pre>
 *   y^{t+1} = y^t − α ∇_y g(x_k, y^t; ζ_t),  t = 0 … D − 1,  y^0 = y_k,  y_{k+1} = y^D
 *   u = ∇_y f(x_k, y^D),  h = ∇_x f(x_k, y^D)
 *   t = D − 1 … 0:   h ← h − α ∇²_xy g(x_k, y^t; ζ_t) u,   u ← u − α ∇²_yy g(x_k, y^t; ζ_t) u
 *   x_{k+1} = x_k − η h
 * </pre>
 */
public final class Itd extends Loop {
    private final Settings settings;
    private final UnrolledSteps lower;
    private final Reals u;
    private final Reals h;
    private final Reals eta;
    private final Reals alpha;
    private final Sample upperSample;
    private final FirstOrder wantUpper;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta        η, step size of x; default 0.01
     * @param alpha      α, step size of y; default 0.1
     * @param lowerSteps D, unrolled steps, all of whose iterates are kept; default 5
     */
    public record Settings(Schedule eta, Schedule alpha, int lowerSteps) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(Schedule.constant(0.01), Schedule.constant(0.1), 5);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public Itd(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        lower = new UnrolledSteps(this, settings.lowerSteps(), true);
        u = lowerVector();
        h = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        upperSample = problem.newUpperSample();
        wantUpper = new FirstOrder(metric("upperLoss"), h, u);
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        lower.forward(x, y, alpha, 0);
        upperSample.draw(counter, Purpose.SHARED, 0);
        problem.upper(x, y, upperSample, wantUpper);
        lower.reverse(x, alpha, h, u);
        update.norm(h, metric("hypergradientNorm"));
        update.axpy(-1, eta, h, x);
        advance();
    }
}
