package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Update;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * LancBiO: Yang, Gao, Yuan, "LancBiO: Dynamic Lanczos-aided Bilevel Optimization via Krylov Subspace", ICLR 2025. A Krylov subspace of
 * the changing Hessian grows by one vector an iteration and begins anew every m; deterministic, ε⁻² calls for an L-smooth upper
 * level.
 *
 * <pre>
 *   y_{k+1} = T gradient steps from y_k at x_k;   b = ∇_y f,  H = ∇²_yy g   at (x_k, y_{k+1})
 *   k mod m = 0:  v̄ = v,  w = H v̄,  q = (b − w) / ‖b − w‖,  Q = [q],  T = [],  β = 0
 *   u = H q − β q_prev,  a = qᵀu,  T ← tridiagonal with a, β;   v = v̄ + Q T⁻¹ Qᵀ (b − w)
 *   ω = u − a q,  β = ‖ω‖,  q_prev = q,  q = ω / β,  Q ← [Q, q]
 *   x_{k+1} = x_k − η (∇_x f − ∇²_xy g v)
 * </pre>
 *
 * Where H has fewer than m different eigenvalues that b − w sees, the subspace ends before: β = 0, and 0 is taken for a β that is no more than
 * rounding of ‖H q‖. m is fixed; the public code lets it grow from 1 (by a tenth every 20 iterations up to 80, in hyper-cleaning by 1.3 every 50 up to 10).
 */
public final class LancBio extends Loop {
    private final Settings settings;
    /** Largest dimension of the subspace: no more than y has. */
    private final int m;

    private final Reals v;
    private final Reals base;
    private final Reals image;
    private final Reals tridiagonal;
    private final Reals[] q;
    private final LowerSteps lower;
    private final LinearSystem system;
    private final Reals b;
    private final Reals u;
    private final Reals rest;
    private final Reals hypergradient;
    private final Reals mixed;
    private final Reals rhs;
    /** ‖H q_j‖. */
    private final Reals scale;

    private final Reals weights;
    private final Reals[] entries;
    private final Reals[] rhsEntries;
    private final Reals[] weight;
    private final Reals eta;
    private final Reals alpha;
    private final Sample upperSample;
    private final Sample mixedSample;
    private final FirstOrder wantUpper;
    private final SecondOrder wantMixed;
    /** One for every place in a period. */
    private final Program[] iterate;

    /**
     * Hyperparameters.
     *
     * @param eta        η, step size of x; default 0.01
     * @param alpha      step size of y; default 0.1
     * @param lowerSteps T; default 1
     * @param period     m in [1, 32], iterations between two restarts and largest dimension of the subspace; default 10, at most the
     *                   length of y
     */
    public record Settings(Schedule eta, Schedule alpha, int lowerSteps, int period) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(Schedule.constant(0.01), Schedule.constant(0.1), 1, 10);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requireAtLeast("period", period, 1);
            Ranges.requireAtMost("period", period, Update.MOST_UNKNOWNS);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public LancBio(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        m = Math.min(settings.period(), problem.lowerSize());
        v = lowerState("z");
        base = lowerState("base");
        image = lowerState("image");
        tridiagonal = state("tridiagonal", m * m);
        q = new Reals[m];
        for (int j = 0; j < m; j++) {
            q[j] = lowerState("q" + j);
        }
        lower = new LowerSteps(this);
        system = new LinearSystem(this);
        b = lowerVector();
        u = lowerVector();
        rest = lowerVector();
        hypergradient = upperVector();
        mixed = upperVector();
        rhs = device.reals(m);
        scale = scalar();
        weights = device.reals(m);
        entries = numbers(tridiagonal);
        rhsEntries = numbers(rhs);
        weight = numbers(weights);
        eta = metric("stepSize");
        alpha = scalar();
        upperSample = problem.newUpperSample();
        mixedSample = problem.newLowerSample();
        wantUpper = new FirstOrder(metric("upperLoss"), hypergradient, b);
        wantMixed = new SecondOrder(null, null, null, mixed);
        iterate = new Program[m];
        for (int j = 0; j < m; j++) {
            final int place = j;
            iterate[j] = record(() -> iterate(place));
        }
    }

    @Override
    public void step() {
        iterate[(int) (counter.get() % m)].run();
    }

    private void iterate(final int j) {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        lower.run(x, y, settings.lowerSteps(), alpha, Purpose.LOWER_STEP);
        upperSample.draw(counter, Purpose.SHARED, 0);
        problem.upper(x, y, upperSample, wantUpper);
        if (j == 0) {
            restart();
        }
        extend(j);
        update.copy(b, rest);
        update.axpy(-1, image, rest);
        update.fill(rhs, 0);
        for (int i = 0; i <= j; i++) {
            update.dot(q[i], rest, rhsEntries[i]);
        }
        update.solve(tridiagonal, rhs, weights);
        update.copy(base, v);
        for (int i = 0; i <= j; i++) {
            update.axpy(1, weight[i], q[i], v);
        }
        if (j + 1 < m) {
            next(j);
        }
        mixedSample.draw(counter, Purpose.MIXED, 0);
        problem.lowerAlong(x, y, v, mixedSample, wantMixed);
        update.axpy(-1, mixed, hypergradient);
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.axpy(-1, eta, hypergradient, x);
        advance();
    }

    private void restart() {
        update.copy(v, base);
        update.copy(system.product(x, y, v, 0), image);
        update.fill(tridiagonal, 0);
        update.copy(b, rest);
        update.axpy(-1, image, rest);
        system.unit(rest, q[0]);
    }

    /** u = H q_j − β_j q_{j−1} and T's diagonal. */
    private void extend(final int j) {
        update.copy(system.product(x, y, q[j], 0), u);
        update.norm(u, scale);
        if (j > 0) {
            update.axpy(-1, entry(j - 1, j), q[j - 1], u);
        }
        update.dot(q[j], u, entry(j, j));
    }

    /** q_{j+1} and T's off-diagonal; both 0 where ω is rounding alone, and with them the unknowns until the next restart. */
    private void next(final int j) {
        update.copy(u, rest);
        update.axpy(-1, entry(j, j), q[j], rest);
        system.unit(rest, scale, entry(j, j + 1), q[j + 1]);
        update.copy(entry(j, j + 1), entry(j + 1, j));
    }

    private Reals entry(final int row, final int column) {
        return entries[row * m + column];
    }
}
