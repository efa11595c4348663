package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * AmIGO: Arbel, Mairal, "Amortized Implicit Differentiation for Stochastic Bilevel Optimization", ICLR 2022, with gradient or
 * conjugate-gradient steps on the linear system; and approximate implicit differentiation (AID-FP, AID-CG: Grazzi, Franceschi, Pontil,
 * Salzo, "On the Iteration Complexity of Hypergradient Computation", ICML 2020), which begins every linear system at 0. For an
 * L-smooth upper level; ε⁻⁴ stochastic, ε⁻² exact calls.
 *
 * <pre>
 *   y_{k+1} = T SGD steps from y_k at x_k
 *   z_{k+1} = N steps on ∇²_yy g z = ∇_y f at (x_k, y_{k+1}), from z_k (AID: from 0)
 *   x_{k+1} = x_k − η (∇_x f − ∇²_xy g z_{k+1})
 * </pre>
 */
public final class Amigo extends Loop {
    private final Settings settings;
    private final Reals z;
    private final LowerSteps lower;
    private final LinearSystem system;
    private final Reals b;
    private final Reals hypergradient;
    private final Reals mixed;
    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;
    private final Sample upperSample;
    private final Sample mixedSample;
    private final FirstOrder wantUpper;
    private final SecondOrder wantMixed;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta         η, step size of x; default 0.01
     * @param alpha       α, step size of y; default 0.1
     * @param gamma       γ, step size of z; unused by conjugate gradients; default 0.1
     * @param lowerSteps  T; default 3
     * @param linearSteps N; default 3
     * @param conjugate   whether the linear system is solved by conjugate gradients
     * @param warmStart   whether it begins at the last z (AmIGO) or at 0 (AID)
     */
    public record Settings(
            Schedule eta,
            Schedule alpha,
            Schedule gamma,
            int lowerSteps,
            int linearSteps,
            boolean conjugate,
            boolean warmStart) {
        /** AmIGO with gradient steps. */
        public static final Settings GD = settings(false, true);
        /** AmIGO with conjugate gradients. */
        public static final Settings CG = settings(true, true);
        /** AID by fixed-point steps, which is the Neumann series. */
        public static final Settings AID_FP = settings(false, false);
        /** AID by conjugate gradients. */
        public static final Settings AID_CG = settings(true, false);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requireAtLeast("linearSteps", linearSteps, 1);
        }

        private static Settings settings(final boolean conjugate, final boolean warmStart) {
            return new Settings(
                    Schedule.constant(0.01),
                    Schedule.constant(0.1),
                    Schedule.constant(0.1),
                    3,
                    3,
                    conjugate,
                    warmStart);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public Amigo(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        z = lowerState("z");
        lower = new LowerSteps(this);
        system = new LinearSystem(this);
        b = lowerVector();
        hypergradient = upperVector();
        mixed = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
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
        update.schedule(settings.gamma(), counter, gamma);
        lower.run(x, y, settings.lowerSteps(), alpha, Purpose.LOWER_STEP);
        upperSample.draw(counter, Purpose.SHARED, 0);
        problem.upper(x, y, upperSample, wantUpper);
        if (!settings.warmStart()) {
            update.fill(z, 0);
        }
        if (settings.conjugate()) {
            system.conjugate(x, y, b, settings.linearSteps(), z);
        } else {
            system.descend(x, y, b, settings.linearSteps(), gamma, z);
        }
        mixedSample.draw(counter, Purpose.MIXED, 0);
        problem.lowerAlong(x, y, z, mixedSample, wantMixed);
        update.axpy(-1, mixed, hypergradient);
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.axpy(-1, eta, hypergradient, x);
        advance();
    }
}
