package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;

/**
 * AccBO: Gong, Hao, Liu, "An Accelerated Algorithm for Stochastic Bilevel Optimization under Unbounded Smoothness", NeurIPS 2024;
 * and VR-AdamBO (in the first version of arXiv 2503.03908), the same estimate under Adam. Normalised steps on a STORM estimate,
 * Nesterov's method and averaging below; Õ(ε⁻³) calls when the lower level's noise is O(ε).
 *
 * <pre>
 *   ŷ_0 = y_0 = T0 SGD steps at x_0;  m_0 = ĝ(x_0, ŷ_0)
 *   w   = y_{t−1} + γ (y_{t−1} − y_{t−2});  y_t = w − α ∇_y g(x_{t−1}, w; ζ)         option I; II: N such steps every I iterations
 *   ŷ_t = (1 − τ) ŷ_{t−1} + τ y_t
 *   m_t = ĝ(x_t, ŷ_t; ξ̄_t) + β (m_{t−1} − ĝ(x_{t−1}, ŷ_{t−1}; ξ̄_t))                   the same ξ̄_t twice
 *   x_{t+1} = x_t − η m_t / ‖m_t‖                                                     VR-AdamBO: Adam's step on m_t
 * </pre>
 */
public final class AccBo extends Loop {
    private final Settings settings;
    private final Reals before;
    private final Reals lowerBefore;
    private final Reals averaged;
    private final Reals averagedBefore;
    private final Reals m;
    private final Reals stored;
    private final Reals adamFirst;
    private final Reals adamSecond;
    private final NeumannHypergradient neumann;
    private final LowerSteps lower;
    private final Reals extrapolated;
    private final Reals estimate;
    private final Reals old;
    private final Reals[] tensors;
    private final Reals[] estimates;
    private final Reals[] momenta;
    private final Reals tensorNorm;
    private final Reals eta;
    private final Reals alpha;
    private final Program inert;
    private final Program[] first;
    private final Program[] quiet;
    private final Program[] refreshed;

    /**
     * Hyperparameters.
     *
     * @param eta        η, length of a step of x (VR-AdamBO: Adam's step size); default 0.01 (VR-AdamBO: 0.005)
     * @param alpha      α, step size of y; default 0.05
     * @param beta       β in [0, 1), STORM's weight of the past; default 0.9
     * @param nesterov   γ in [0, 1), extrapolation of y; default 0.5
     * @param tau        τ in [0, 1], weight of the new y in ŷ; default 0.5
     * @param warmSteps  T0; default 3
     * @param updatePeriod I, iterations between two updates of y; 1: option I, the default
     * @param lowerSteps N, Nesterov steps of one update; default 1
     * @param adam       whether x moves by Adam (VR-AdamBO) instead of the normalised step; default false (VR-AdamBO: true)
     * @param neumann    the inverse Hessian; the public code's choice is PUBLIC_ACCBO
     * @param official   deviations of the public code, none by default
     */
    public record Settings(
            Schedule eta,
            Schedule alpha,
            double beta,
            double nesterov,
            double tau,
            int warmSteps,
            int updatePeriod,
            int lowerSteps,
            boolean adam,
            NeumannSettings neumann,
            Official official) {
        /** AccBO, option I. */
        public static final Settings ACCBO = new Settings(
                Schedule.constant(0.01),
                Schedule.constant(0.05),
                0.9,
                0.5,
                0.5,
                3,
                1,
                1,
                false,
                NeumannSettings.DEFAULT,
                Official.NONE);

        /** VR-AdamBO. */
        public static final Settings VR_ADAMBO = new Settings(
                Schedule.constant(0.005),
                Schedule.constant(0.05),
                0.9,
                0.5,
                0.5,
                3,
                1,
                1,
                true,
                NeumannSettings.DEFAULT,
                Official.NONE);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireMomentum("beta", beta);
            Ranges.requireMomentum("nesterov", nesterov);
            Ranges.requireWeight("tau", tau);
            Ranges.requireAtLeast("warmSteps", warmSteps, 0);
            Ranges.requireAtLeast("updatePeriod", updatePeriod, 1);
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
        }
    }

    /**
     * What the public code (github.com/MingruiLiu-ML-Lab/Accelerated-Bilevel-Optimization-Unbounded-Smoothness; AUC maximisation, DC
     * hyper-cleaning) does differently beside its Neumann sum; all off in paper mode.
     *
     * @param storedEstimate in place of ĝ(x_{t−1}, ŷ_{t−1}; ξ̄_t) stands the estimate of the iteration before with its own samples, after
     *                       which m_t is the raw estimate and β has no effect: no momentum, no variance reduction
     * @param perTensor      every tensor of x makes a step of length η of its own (AUC), so that single numbers move by ±η
     * @param warmIterations iterations that begin with T0 SGD steps; 1 in paper mode, in AUC the whole first epoch
     * @param inert          DC: x never moves, neither Nesterov nor averaging happens, y makes plain SGD steps
     */
    public record Official(boolean storedEstimate, boolean perTensor, int warmIterations, boolean inert) {
        /** Paper mode. */
        public static final Official NONE = new Official(false, false, 1, false);

        /** Checks the range. */
        public Official {
            Ranges.requireAtLeast("official.warmIterations", warmIterations, 1);
        }
    }

    private static final double ADAM_SECOND = 0.999;
    private static final double ADAM_EPSILON = 1e-8;

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     of the random number of Neumann factors
     */
    public AccBo(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "momentumNorm", "stepSize");
        this.settings = settings;
        before = upperState("xBefore");
        lowerBefore = lowerState("yBefore");
        averaged = lowerState("yAveraged");
        averagedBefore = lowerState("yAveragedBefore");
        m = upperState("m");
        stored = settings.official().storedEstimate() ? upperState("estimateBefore") : null;
        adamFirst = settings.adam() ? upperState("adamFirst") : null;
        adamSecond = settings.adam() ? upperState("adamSecond") : null;
        neumann = new NeumannHypergradient(this, settings.neumann(), seed);
        lower = new LowerSteps(this);
        extrapolated = lowerVector();
        estimate = upperVector();
        old = upperVector();
        tensors = tensors(x);
        estimates = tensors(estimate);
        momenta = tensors(m);
        tensorNorm = scalar();
        eta = metric("stepSize");
        alpha = scalar();
        inert = record(this::inert);
        first = neumann.record(this::begin);
        quiet = neumann.record(factors -> iterate(false, factors));
        refreshed = neumann.record(factors -> iterate(true, factors));
    }

    @Override
    public void step() {
        final long t = counter.get();
        if (settings.official().inert()) {
            inert.run();
            return;
        }
        if (t < settings.official().warmIterations()) {
            update.schedule(settings.alpha(), counter, alpha);
            lower.run(x, y, settings.warmSteps(), alpha, Purpose.WARM);
        }
        if (t == 0) {
            first[neumann.choose()].run();
        } else if (t % settings.updatePeriod() == 0) {
            refreshed[neumann.choose()].run();
        } else {
            quiet[neumann.choose()].run();
        }
    }

    private void inert() {
        update.schedule(settings.alpha(), counter, alpha);
        lower.run(x, y, settings.lowerSteps(), alpha, Purpose.LOWER_STEP);
        count();
    }

    private void begin(final int factors) {
        update.schedule(settings.eta(), counter, eta);
        update.copy(y, lowerBefore);
        update.copy(y, averaged);
        update.copy(y, averagedBefore);
        neumann.estimate(x, averaged, factors, estimate);
        if (stored != null) {
            update.copy(estimate, stored);
        }
        update.copy(x, before);
        move();
    }

    private void iterate(final boolean refresh, final int factors) {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.copy(averaged, averagedBefore);
        if (stored
                == null) { // x_{t−1} first: x_t after it, and not in turn, because only a change of x is encoded anew
            problem.upperChanged();
        }
        if (refresh) {
            for (int n = 0; n < settings.lowerSteps(); n++) {
                nesterovStep(n);
            }
        }
        update.average(1 - settings.tau(), y, averaged);
        if (stored == null) {
            neumann.estimate(before, averagedBefore, factors, old);
            problem.upperChanged();
        }
        neumann.estimate(x, averaged, factors, estimate);
        if (stored != null) {
            update.copy(stored, old);
            update.copy(estimate, stored);
        }
        update.copy(x, before);
        update.axpy(-1, old, m);
        update.axpy(settings.beta(), m, estimate);
        move();
    }

    /** At x_{t−1}, as in the paper. */
    private void nesterovStep(final int n) {
        update.copy(y, extrapolated);
        update.scale(1 + settings.nesterov(), extrapolated);
        update.axpy(-settings.nesterov(), lowerBefore, extrapolated);
        update.copy(y, lowerBefore);
        update.copy(extrapolated, y);
        update.axpy(-1, alpha, lower.gradient(before, extrapolated, Purpose.LOWER_STEP, n), y);
    }

    /** m = estimate, and x along it. */
    private void move() {
        update.norm(estimate, metric("hypergradientNorm"));
        if (settings.adam()) {
            update.copy(estimate, m);
            update.norm(m, metric("momentumNorm"));
            update.adam(0, ADAM_SECOND, m, adamFirst, adamSecond, eta, counter, ADAM_EPSILON, x);
        } else if (settings.official().perTensor()) {
            update.norm(estimate, metric("momentumNorm"));
            for (int i = 0; i < tensors.length; i++) {
                update.normalisedMomentum(
                        0, estimates[i], momenta[i], eta, BoRepSettings.GUARD, tensors[i], tensorNorm);
            }
        } else {
            update.normalisedMomentum(0, estimate, m, eta, BoRepSettings.GUARD, x, metric("momentumNorm"));
        }
        advance();
    }

    /** The tensors of a vector laid out like x, cut once. */
    private Reals[] tensors(final Reals vector) {
        return problem.upperLayout().entries().stream()
                .map(tensor -> vector.slice(tensor.offset(), tensor.size()))
                .toArray(Reals[]::new);
    }
}
