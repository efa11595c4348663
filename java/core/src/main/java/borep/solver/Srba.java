package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FiniteSum;

/**
 * SRBA: Dagréou, Moreau, Vaiter, Ablin, "A Lower Bound and a Near-Optimal Algorithm for Bilevel Empirical Risk Minimization", AISTATS
 * 2024. SOBA with SARAH's recursive estimates, exact at every q-th iteration; for finite sums of N batches and an L-smooth upper level,
 * √N ε⁻² calls with constant steps, which is optimal up to constants.
 *
 * <pre>
 *   D_y = ∇_y g,   D_z = ∇²_yy g z − ∇_y f,   D_x = ∇_x f − ∇²_xy g z
 *   t mod q = 0:  d_t = D(x_t, y_t, z_t) over all batches
 *   otherwise:    d_t = d_{t−1} + D_ij(x_t, y_t, z_t) − D_ij(x_{t−1}, y_{t−1}, z_{t−1}),   i, j uniform over the batches of g and f
 *   y_{t+1} = y_t − α d_y,   z_{t+1} = Π(z_t − γ d_z),   x_{t+1} = x_t − η d_x
 * </pre>
 *
 * Batches of unequal size weigh their difference by n w_i, which keeps d unbiased.
 */
public final class Srba extends Loop {
    private final Settings settings;
    private final int period;
    private final Reals z;
    private final Reals before;
    private final Reals lowerBefore;
    private final Reals zBefore;
    private final Reals directionX;
    private final Reals directionY;
    private final Reals directionZ;
    private final BatchOracles oracles;
    private final Reals origin;
    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;
    private final Program checkpoint;
    private final Program[] changeLower;
    private final Program[] changeUpper;
    private final Program move;

    /**
     * Hyperparameters.
     *
     * @param eta    η, step size of x; default 0.01
     * @param alpha  α, step size of y; default 0.1
     * @param gamma  γ, step size of z; default 0.01
     * @param period q, iterations from one pass over all batches to the next; default 0: half the number of batches of both levels, as in
     *               the authors' benchmark
     * @param radius of the ball around 0 that Π projects z onto, M / μ in the theory; default infinite, as in the authors' benchmark
     */
    public record Settings(Schedule eta, Schedule alpha, Schedule gamma, int period, double radius) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.01), Schedule.constant(0.1), Schedule.constant(0.01), 0, Double.POSITIVE_INFINITY);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("period", period, 0);
            if (!(radius > 0)) {
                throw new IllegalArgumentException("radius " + radius + ": must be positive");
            }
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve, a finite sum
     * @param settings hyperparameters
     * @param seed     of the random choice of batches
     * @throws IllegalArgumentException if a level is no finite sum
     */
    public Srba(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize", "linearResidual");
        this.settings = settings;
        z = lowerState("z");
        before = upperState("xBefore");
        lowerBefore = lowerState("yBefore");
        zBefore = lowerState("zBefore");
        directionX = upperState("directionX");
        directionY = lowerState("directionY");
        directionZ = lowerState("directionZ");
        oracles = new BatchOracles(this, seed);
        period = settings.period() > 0
                ? settings.period()
                : Math.max(1, (oracles.lowerSum.batches() + oracles.upperSum.batches()) / 2);
        origin = lowerVector();
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        checkpoint = record(this::checkpoint);
        changeLower = oracles.record(oracles.lowerSum, this::changeLower);
        changeUpper = oracles.record(oracles.upperSum, this::changeUpper);
        move = record(this::move);
    }

    @Override
    public void step() {
        if (counter.get() % period == 0) {
            checkpoint.run();
        } else {
            changeLower[oracles.chooseLower()].run();
            changeUpper[oracles.chooseUpper()].run();
        }
        move.run();
    }

    private void checkpoint() {
        update.fill(directionX, 0);
        update.fill(directionY, 0);
        update.fill(directionZ, 0);
        final FiniteSum lowerSum = oracles.lowerSum;
        for (int i = 0; i < lowerSum.batches(); i++) {
            addLower(i, lowerSum.weight(i), x, y, z);
        }
        final FiniteSum upperSum = oracles.upperSum;
        for (int j = 0; j < upperSum.batches(); j++) {
            addUpper(j, upperSum.weight(j), x, y);
        }
    }

    private void changeLower(final int i) {
        final double scale = BatchOracles.scale(oracles.lowerSum, i);
        addLower(i, -scale, before, lowerBefore, zBefore);
        addLower(i, scale, x, y, z);
    }

    private void changeUpper(final int j) {
        final double scale = BatchOracles.scale(oracles.upperSum, j);
        addUpper(j, -scale, before, lowerBefore);
        addUpper(j, scale, x, y);
    }

    /** Adds what g contributes to the directions, on batch i. */
    private void addLower(final int i, final double factor, final Reals atX, final Reals atY, final Reals atZ) {
        oracles.lower(i, atX, atY, atZ);
        update.axpy(factor, oracles.gradient, directionY);
        update.axpy(factor, oracles.product, directionZ);
        update.axpy(-factor, oracles.mixed, directionX);
    }

    /** Adds what f contributes to the directions, on batch j. */
    private void addUpper(final int j, final double factor, final Reals atX, final Reals atY) {
        oracles.upper(j, atX, atY);
        update.axpy(-factor, oracles.upperY, directionZ);
        update.axpy(factor, oracles.upperX, directionX);
    }

    private void move() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.schedule(settings.gamma(), counter, gamma);
        update.copy(x, before);
        update.copy(y, lowerBefore);
        update.copy(z, zBefore);
        update.norm(directionZ, metric("linearResidual"));
        update.norm(directionX, metric("hypergradientNorm"));
        update.axpy(-1, alpha, directionY, y);
        update.axpy(-1, gamma, directionZ, z);
        update.projectBall(origin, settings.radius(), z);
        update.axpy(-1, eta, directionX, x);
        advance();
    }
}
