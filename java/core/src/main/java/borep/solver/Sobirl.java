package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.DecisionProcess;

/**
 * SoBiRL in tabular form: Yang, Gao, Yuan, "Bilevel Reinforcement Learning via the Development of Hyper-gradient without Lower-Level
 * Convexity", AISTATS 2025. A double loop: solve the lower level for π_k, then take the gradients of Q and V from rollouts under π_k.
 *
 * <pre>
 *   V = N sweeps of soft value iteration at x_k from the last V,   Q = r + γ P V,   π_k = softmax(Q / τ)
 *   ∇V_H = Σ_{t &lt; H} E[γ^t ∇r(s_t, a_t)],   ∇Q_H = ∇r + γ P ∇V_{H−1}          rollouts of H steps under π_k
 *   x_{k+1} = x_k − η (∇_x f + (1/τ) Σ_{s,a} (π_k ⊙ ∇_π f)(s, a) (∇Q_H − ∇V_H)(s, a))
 * </pre>
 *
 * <p>The paper's method is model-free: its lower level is a soft actor-critic agent and rollouts are sampled. Here the model is known and
 * expectations are exact, those of infinitely many rollouts. The sum is evaluated from behind: ∇_x ⟨r_x, π ⊙ (∇_π f − w_H)⟩ with
 * w_1 = Σ_a π ⊙ ∇_π f and w_{t+1} = w_t − (A w_t − b), A and b as in {@link MSobirl}; for H → ∞ both have the same hypergradient.
 */
public final class Sobirl extends Loop {
    private final Settings settings;
    private final SoftPolicy soft;
    private final Reals values;
    private final Reals w;
    private final Reals residual;
    private final Reals h;
    private final Reals eta;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta        η, step size of x; default 0.008, as for M-SoBiRL
     * @param lowerSteps N, sweeps of soft value iteration; default 50
     * @param horizon    H, steps of a rollout; default 25, the public code's length of a fragment; its hypergradient takes H = 1, the advantage
     *                   of the reward alone; what is left out has the weight γ^H
     */
    public record Settings(Schedule eta, int lowerSteps, int horizon) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(Schedule.constant(0.008), 50, 25);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requireAtLeast("horizon", horizon, 1);
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
    public Sobirl(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "hypergradientNorm", "stepSize", "bellmanResidual");
        this.settings = settings;
        final DecisionProcess process = SoftPolicy.require("sobirl", this.problem);
        soft = new SoftPolicy(this, process);
        values = state("values", process.states());
        w = device.reals(process.states());
        residual = device.reals(process.states());
        h = upperVector();
        eta = metric("stepSize");
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        soft.iterate(x, values, settings.lowerSteps());
        soft.judge(x);
        soft.baseline(w);
        for (int t = 1; t < settings.horizon(); t++) {
            soft.residual(w, residual);
            update.axpy(1, residual, w);
        }
        soft.hypergradient(x, w, h);
        update.norm(h, metric("hypergradientNorm"));
        update.axpy(-1, eta, h, x);
        advance();
    }
}
