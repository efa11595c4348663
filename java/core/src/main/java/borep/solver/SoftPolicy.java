package borep.solver;

import borep.device.Reals;
import borep.problem.BilevelProblem;
import borep.problem.DecisionProcess;
import borep.problem.FirstOrder;

/**
 * What the SoBiRL methods make of a decision process: soft value iteration, the policy, and the hypergradient by the adjoint w (Yang, Gao,
 * Yuan 2025). With A = (I − γ P^π)ᵀ, b = Uᵀ(π ⊙ ∇_π f) and U(s, a; j) = 1{s = j} − γ P(j | s, a):
 *
 * <pre>
 *   u = π ⊙ (∇_π f − w),   b − A w = Uᵀu = Σ_a u − γ Pᵀu,   ∇Φ = ∇_x f + (1/τ) ∇_x ⟨r_x, u⟩ where Q = Q*(x) and A w = b
 * </pre>
 *
 * <p>π = softmax(Q / τ) sums to 1 also before Q has converged. (Public code: exp((Q − V) / τ), which does so at V* alone.)
 */
final class SoftPolicy {
    private final Loop loop;
    private final DecisionProcess process;
    /** [S, A] Q: the solver's y. */
    private final Reals q;

    private final Reals reward;
    private final Reals policy;
    private final Reals byPolicy;
    private final Reals u;
    private final Reals pairs;
    /** [S] */
    private final Reals states;

    private final Reals upperGradient;
    private final FirstOrder want;

    /** @param loop on a decision process, with the metrics upperLoss and bellmanResidual */
    SoftPolicy(final Loop loop, final DecisionProcess process) {
        this.loop = loop;
        this.process = process;
        q = loop.y;
        reward = loop.lowerVector();
        policy = loop.lowerVector();
        byPolicy = loop.lowerVector();
        u = loop.lowerVector();
        pairs = loop.lowerVector();
        states = loop.device.reals(process.states());
        upperGradient = loop.upperVector();
        want = new FirstOrder(loop.metric("upperLoss"), upperGradient, byPolicy);
    }

    /** The problem as a decision process, if it is one; else one sentence that names the solver. */
    static DecisionProcess require(final String solver, final BilevelProblem problem) {
        if (problem instanceof DecisionProcess process) {
            return process;
        }
        throw new IllegalArgumentException(solver
                + ": solves entropy-regularised decision processes alone, and this problem is none; run it on mdp");
    }

    /** N times V ← τ log Σ_a exp((r_x + γ P V) / τ), then Q = r_x + γ P V. */
    void iterate(final Reals x, final Reals values, final int sweeps) {
        process.reward(x, reward);
        for (int k = 0; k < sweeps; k++) {
            backUp(values);
            loop.update.copy(values, states);
            process.soften(q, policy, values);
        }
        loop.update.axpy(-1, values, states);
        loop.update.norm(states, loop.metric("bellmanResidual"));
        backUp(values);
    }

    private void backUp(final Reals values) {
        process.expect(values, q);
        loop.update.scale(process.discount(), q);
        loop.update.axpy(1, reward, q);
    }

    /** π at Q, and the gradients of f there. */
    void judge(final Reals x) {
        process.soften(q, policy, states);
        process.judge(x, policy, want);
    }

    /** w = Σ_a π ⊙ ∇_π f: what ∇_π f is on average, the solution of A w = b for rollouts of one step. */
    void baseline(final Reals w) {
        loop.update.multiply(policy, byPolicy, pairs);
        process.sum(pairs, w);
    }

    /** out [S] = b − A w = Uᵀu. */
    void residual(final Reals w, final Reals out) {
        weigh(w);
        process.sum(u, out);
        process.arrive(u, states);
        loop.update.axpy(-process.discount(), states, out);
    }

    /** out [S] = Aᵀv = v − γ P^π v. */
    void transposed(final Reals v, final Reals out) {
        process.expect(v, pairs);
        loop.update.multiply(policy, pairs, pairs);
        process.sum(pairs, out);
        loop.update.scale(-process.discount(), out);
        loop.update.axpy(1, v, out);
    }

    /** out [p] = ∇_x f + (1/τ) ∇_x ⟨r_x, u⟩. */
    void hypergradient(final Reals x, final Reals w, final Reals out) {
        weigh(w);
        process.rewardGradient(x, u, out);
        loop.update.scale(1 / process.temperature(), out);
        loop.update.axpy(1, upperGradient, out);
    }

    /** u = π ⊙ (∇_π f − w). */
    private void weigh(final Reals w) {
        process.spread(w, u);
        loop.update.scale(-1, u);
        loop.update.axpy(1, byPolicy, u);
        loop.update.multiply(policy, u, u);
    }
}
