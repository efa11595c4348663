package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * SubBiO: Yang, Gao, Yuan, "LancBiO: Dynamic Lanczos-aided Bilevel Optimization via Krylov Subspace", ICLR 2025. The linear system is
 * solved exactly in the plane of its right-hand side and the last solution's residual direction; deterministic, ε⁻² calls for an
 * L-smooth upper level.
 *
 * <pre>
 *   y_{k+1} = T gradient steps from y_k at x_k;   b = ∇_y f,  H = ∇²_yy g   at (x_k, y_{k+1})
 *   W       = orthonormal basis of span{b, (I − η_H H) v_k}
 *   v_{k+1} = W (Wᵀ H W)⁻¹ Wᵀ b
 *   x_{k+1} = x_k − η (∇_x f − ∇²_xy g v_{k+1})
 * </pre>
 */
public final class SubBio extends Loop {
    private final Settings settings;
    private final Reals v;
    private final LowerSteps lower;
    private final LinearSystem system;
    private final Reals b;
    private final Reals first;
    private final Reals second;
    private final Reals residual;
    private final Reals hypergradient;
    private final Reals mixed;
    private final Reals matrix;
    private final Reals rhs;
    private final Reals weights;
    private final Reals[] entries;
    private final Reals[] rhsEntries;
    private final Reals[] weight;
    private final Reals length;
    private final Reals scale;
    private final Reals eta;
    private final Reals alpha;
    private final Sample upperSample;
    private final Sample mixedSample;
    private final FirstOrder wantUpper;
    private final SecondOrder wantMixed;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta         η, step size of x; default 0.01
     * @param alpha       step size of y; default 0.1
     * @param lowerSteps  T; default 1
     * @param hessianStep η_H, at most 1 / L_g; default 0.1
     */
    public record Settings(Schedule eta, Schedule alpha, int lowerSteps, double hessianStep) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(Schedule.constant(0.01), Schedule.constant(0.1), 1, 0.1);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requirePositive("hessianStep", hessianStep);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public SubBio(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        v = lowerState("z");
        lower = new LowerSteps(this);
        system = new LinearSystem(this);
        b = lowerVector();
        first = lowerVector();
        second = lowerVector();
        residual = lowerVector();
        hypergradient = upperVector();
        mixed = upperVector();
        matrix = device.reals(4);
        rhs = device.reals(2);
        weights = device.reals(2);
        entries = numbers(matrix);
        rhsEntries = numbers(rhs);
        weight = numbers(weights);
        length = scalar();
        scale = scalar();
        eta = metric("stepSize");
        alpha = scalar();
        upperSample = problem.newUpperSample();
        mixedSample = problem.newLowerSample();
        wantUpper = new FirstOrder(metric("upperLoss"), hypergradient, b);
        wantMixed = new SecondOrder(null, null, null, mixed);
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        lower.run(x, y, settings.lowerSteps(), alpha, Purpose.LOWER_STEP);
        upperSample.draw(counter, Purpose.SHARED, 0);
        problem.upper(x, y, upperSample, wantUpper);
        basis();
        update.copy(system.product(x, y, first, 0), residual);
        update.dot(first, residual, entries[0]);
        update.dot(second, residual, entries[1]);
        update.copy(entries[1], entries[2]);
        update.dot(second, system.product(x, y, second, 0), entries[3]);
        update.dot(first, b, rhsEntries[0]);
        update.dot(second, b, rhsEntries[1]);
        update.solve(matrix, rhs, weights);
        update.fill(v, 0);
        update.axpy(1, weight[0], first, v);
        update.axpy(1, weight[1], second, v);
        mixedSample.draw(counter, Purpose.MIXED, 0);
        problem.lowerAlong(x, y, v, mixedSample, wantMixed);
        update.axpy(-1, mixed, hypergradient);
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.axpy(-1, eta, hypergradient, x);
        advance();
    }

    /**
     * W; where v = 0, or the second direction is the first one but for rounding, as always when y has one number, its unknown is left out of
     * the small system.
     */
    private void basis() {
        system.unit(b, first);
        update.copy(v, residual);
        update.axpy(-settings.hessianStep(), system.product(x, y, v, 0), residual);
        update.norm(residual, scale);
        update.dot(first, residual, length);
        update.axpy(-1, length, first, residual);
        system.unit(residual, scale, length, second);
    }
}
