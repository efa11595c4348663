package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.DecisionProcess;

/**
 * M-SoBiRL: Yang, Gao, Yuan, "Bilevel Reinforcement Learning via the Development of Hyper-gradient without Lower-Level Convexity", AISTATS
 * 2025, model-based. For {@link DecisionProcess}es: f smooth, the lower level an entropy-regularised process that need not be convex; the
 * hypergradient needs first-order information alone, through the fixed point of soft value iteration. ε⁻² iterations.
 *
 * <pre>
 *   A = (I − γ P^π_k)ᵀ,   b = Uᵀ(π_k ⊙ ∇_π f(x_k, π_k))
 *   w_{k+1} = w_k − ζ Aᵀ(A w_k − b)
 *   x_{k+1} = x_k − η (∇_x f(x_k, π_k) + (1/τ) ∇_x ⟨r_x, π_k ⊙ (∇_π f − w_{k+1})⟩)
 *   V_{k+1} = N sweeps of soft value iteration from V_k with r_{x_{k+1}},   Q = r + γ P V_{k+1},   π_{k+1} = softmax(Q / τ)
 * </pre>
 *
 * <p>y = Q. V and w begin at 0 (public code: w random).
 */
public final class MSobirl extends Loop {
    private final Settings settings;
    private final SoftPolicy soft;
    private final Reals values;
    private final Reals w;
    private final Reals residual;
    private final Reals descent;
    private final Reals h;
    private final Reals eta;
    private final Reals zeta;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta        η, step size of x (β in the paper); default 0.008, as in the public code
     * @param zeta       ζ, step size of w; default 0.5, as in the public code; must stay below 2 / ‖A‖², where ‖A‖ ≤ 1 + γ ‖P^π‖
     * @param lowerSteps N, sweeps of soft value iteration; default 10, as in the public code
     */
    public record Settings(Schedule eta, Schedule zeta, int lowerSteps) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(Schedule.constant(0.008), Schedule.constant(0.5), 10);

        /** Checks the range. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  a {@link DecisionProcess}
     * @param settings hyperparameters
     * @param seed     not used: nothing is random
     * @throws IllegalArgumentException if the problem is no decision process
     */
    public MSobirl(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "hypergradientNorm", "stepSize", "bellmanResidual", "linearResidual");
        this.settings = settings;
        final DecisionProcess process = SoftPolicy.require("m-sobirl", this.problem);
        soft = new SoftPolicy(this, process);
        values = state("values", process.states());
        w = state("w", process.states());
        residual = device.reals(process.states());
        descent = device.reals(process.states());
        h = upperVector();
        eta = metric("stepSize");
        zeta = scalar();
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.zeta(), counter, zeta);
        soft.judge(x);
        soft.residual(w, residual); // b − A w
        update.norm(residual, metric("linearResidual"));
        soft.transposed(residual, descent);
        update.axpy(1, zeta, descent, w);
        soft.hypergradient(x, w, h);
        update.norm(h, metric("hypergradientNorm"));
        update.axpy(-1, eta, h, x);
        soft.iterate(x, values, settings.lowerSteps());
        advance();
    }
}
