package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * SABA: Dagréou, Ablin, Vaiter, Moreau, "A framework for bilevel optimization that enables stochastic and global variance reduction
 * algorithms", NeurIPS 2022. SOBA with SAGA's memory of every batch; for finite sums of N batches and an L-smooth upper level, N^(2/3) ε⁻²
 * calls with constant steps.
 *
 * <pre>
 *   i, j uniform over the batches of g and f;  every oracle o ∈ {∇_y g_i, ∇²_yy g_i z, ∇²_xy g_i z, ∇_y f_j, ∇_x f_j} at (x_t, y_t, z_t):
 *   S[o]    = o − row_i + Σ_l w_l row_l;   row_i ← o                                             SAGA's estimate of the sum
 *   y_{t+1} = y_t − α S[∇_y g]
 *   z_{t+1} = z_t − γ (S[∇²_yy g z] − S[∇_y f])
 *   x_{t+1} = x_t − η (S[∇_x f] − S[∇²_xy g z])
 * </pre>
 *
 * Batches of unequal size weigh o − row_i by n w_i, which keeps S unbiased. The tables take n (2q + p) + m (q + p) numbers for n lower
 * and m upper batches, and stand in every checkpoint.
 */
public final class Saba extends Loop {
    private final Settings settings;
    private final Reals z;
    private final BatchOracles oracles;
    private final SagaTable gradients;
    private final SagaTable products;
    private final SagaTable mixed;
    private final SagaTable upperY;
    private final SagaTable upperX;
    private final Reals residual;
    private final Reals hypergradient;
    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;
    private final Program[] visitLower;
    private final Program[] visitUpper;
    private final Program move;

    /**
     * Hyperparameters.
     *
     * @param eta       η, step size of x; default 0.01
     * @param alpha     α, step size of y; default 0.1
     * @param gamma     γ, step size of z; default 0.01
     * @param firstPass whether the first iteration fills the tables by a pass over all batches, as SAGA does; default true. The authors'
     *                  benchmark begins with tables of zeros
     */
    public record Settings(Schedule eta, Schedule alpha, Schedule gamma, boolean firstPass) {
        /** The values above. */
        public static final Settings DEFAULT =
                new Settings(Schedule.constant(0.01), Schedule.constant(0.1), Schedule.constant(0.01), true);
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve, a finite sum
     * @param settings hyperparameters
     * @param seed     of the random choice of batches
     * @throws IllegalArgumentException if a level is no finite sum
     */
    public Saba(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize", "linearResidual");
        this.settings = settings;
        z = lowerState("z");
        oracles = new BatchOracles(this, seed);
        gradients = new SagaTable(this, "gradients", oracles.lowerSum, problem.lowerSize());
        products = new SagaTable(this, "products", oracles.lowerSum, problem.lowerSize());
        mixed = new SagaTable(this, "mixed", oracles.lowerSum, problem.upperSize());
        upperY = new SagaTable(this, "upperY", oracles.upperSum, problem.lowerSize());
        upperX = new SagaTable(this, "upperX", oracles.upperSum, problem.upperSize());
        residual = lowerVector();
        hypergradient = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        visitLower = oracles.record(oracles.lowerSum, this::visitLower);
        visitUpper = oracles.record(oracles.upperSum, this::visitUpper);
        move = record(this::move);
    }

    @Override
    public void step() {
        if (counter.get() == 0 && settings.firstPass()) {
            fill();
        }
        visitLower[oracles.chooseLower()].run();
        visitUpper[oracles.chooseUpper()].run();
        move.run();
    }

    private void fill() {
        for (int i = 0; i < oracles.lowerSum.batches(); i++) {
            oracles.lower(i, x, y, z);
            gradients.fill(i, oracles.gradient);
            products.fill(i, oracles.product);
            mixed.fill(i, oracles.mixed);
        }
        for (int j = 0; j < oracles.upperSum.batches(); j++) {
            oracles.upper(j, x, y);
            upperY.fill(j, oracles.upperY);
            upperX.fill(j, oracles.upperX);
        }
    }

    private void visitLower(final int i) {
        oracles.lower(i, x, y, z);
        gradients.visit(i, oracles.gradient);
        products.visit(i, oracles.product);
        mixed.visit(i, oracles.mixed);
    }

    private void visitUpper(final int j) {
        oracles.upper(j, x, y);
        upperY.visit(j, oracles.upperY);
        upperX.visit(j, oracles.upperX);
    }

    private void move() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.schedule(settings.gamma(), counter, gamma);
        update.copy(products.direction(), residual);
        update.axpy(-1, upperY.direction(), residual);
        update.copy(upperX.direction(), hypergradient);
        update.axpy(-1, mixed.direction(), hypergradient);
        update.norm(residual, metric("linearResidual"));
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.axpy(-1, alpha, gradients.direction(), y);
        update.axpy(-1, gamma, residual, z);
        update.axpy(-1, eta, hypergradient, x);
        advance();
    }
}
