package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Update;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * BOME: Ye, Liu, Wright, Stone, Liu, "BOME! Bilevel Optimization Made Easy: A Simple First-Order Approach", NeurIPS 2022. Dynamic barrier descent
 * on f under the constraint q(x, y) = g(x, y) − g(x, ŷ) ≤ 0; deterministic, first order.
 *
 * <pre>
 *   ŷ  = T gradient steps on g from y_k
 *   ∇q = (∇_x g(x_k, y_k) − ∇_x g(x_k, ŷ), ∇_y g(x_k, y_k))
 *   λ  = max(0, (φ ‖∇q‖² − ⟨∇f, ∇q⟩) / ‖∇q‖²)
 *   (x, y)_{k+1} = (x, y)_k − ξ (∇f + λ ∇q)
 * </pre>
 */
public final class Bome extends Loop {
    private final Settings settings;
    private final LowerSteps lower;
    private final Reals ahead;
    private final Reals upperX;
    private final Reals upperY;
    private final Reals barrierX;
    private final Reals barrierY;
    private final Reals aheadX;
    private final Reals square;
    private final Reals inner;
    private final Reals part;
    private final Reals lambda;
    private final Reals eta;
    private final Reals alpha;
    private final Reals etaLambda;
    private final Sample upperSample;
    private final Sample lowerSample;
    private final FirstOrder wantUpper;
    private final FirstOrder wantBarrier;
    private final FirstOrder wantAhead;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta        ξ, step size of x and y; default 0.05
     * @param alpha      α, step size towards ŷ; default 0.1
     * @param lowerSteps T; default 10, as in the paper
     * @param barrier    φ, positive; default 0.5, as in the paper (η there)
     */
    public record Settings(Schedule eta, Schedule alpha, int lowerSteps, double barrier) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(Schedule.constant(0.05), Schedule.constant(0.1), 10, 0.5);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requirePositive("barrier", barrier);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public Bome(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize", "multiplier");
        this.settings = settings;
        lower = new LowerSteps(this);
        ahead = lowerVector();
        upperX = upperVector();
        upperY = lowerVector();
        barrierX = upperVector();
        barrierY = lowerVector();
        aheadX = upperVector();
        square = scalar();
        inner = scalar();
        part = scalar();
        lambda = metric("multiplier");
        eta = metric("stepSize");
        alpha = scalar();
        etaLambda = scalar();
        upperSample = problem.newUpperSample();
        lowerSample = problem.newLowerSample();
        wantUpper = new FirstOrder(metric("upperLoss"), upperX, upperY);
        wantBarrier = new FirstOrder(null, barrierX, barrierY);
        wantAhead = new FirstOrder(null, aheadX, null);
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.copy(y, ahead);
        lower.run(x, ahead, settings.lowerSteps(), alpha, Purpose.LOWER_STEP);
        upperSample.draw(counter, Purpose.SHARED, 0);
        lowerSample.draw(counter, Purpose.SHARED, 0);
        problem.upper(x, y, upperSample, wantUpper);
        problem.lower(x, y, lowerSample, wantBarrier);
        problem.lower(x, ahead, lowerSample, wantAhead);
        update.axpy(-1, aheadX, barrierX);
        multiplier();
        update.multiply(eta, lambda, etaLambda);
        update.axpy(-1, eta, upperX, x);
        update.axpy(-1, etaLambda, barrierX, x);
        update.axpy(-1, eta, upperY, y);
        update.axpy(-1, etaLambda, barrierY, y);
        update.axpy(1, lambda, barrierX, upperX);
        update.norm(upperX, metric("hypergradientNorm"));
        advance();
    }

    /** λ = max(0, φ − ⟨∇f, ∇q⟩ / ‖∇q‖²); where ∇q = 0 it multiplies nothing. */
    private void multiplier() {
        update.dot(barrierX, barrierX, square);
        update.dot(barrierY, barrierY, part);
        update.axpy(1, part, square);
        update.dot(upperX, barrierX, inner);
        update.dot(upperY, barrierY, part);
        update.axpy(1, part, inner);
        update.divide(inner, square, part);
        update.fill(lambda, settings.barrier());
        update.axpy(-1, part, lambda);
        update.apply(Update.Function.POSITIVE, lambda, lambda);
    }
}
