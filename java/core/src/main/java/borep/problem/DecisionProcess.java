package borep.problem;

import borep.device.Reals;

/**
 * Bilevel reinforcement learning with a known model: the lower level is an entropy-regularised Markov decision process with S states,
 * A actions and the reward r_x, the upper level judges its soft-optimal policy, min_x f(x, π*(x)). What a model-based method asks.
 *
 * <p>Soft optimality (Haarnoja et al. 2017): Q = r_x + γ P V, V(s) = τ log Σ_a exp(Q(s, a) / τ), π = softmax(Q / τ) = exp((Q − V) / τ).
 * Vectors over states and actions are [S, A] row by row. All outputs are written.
 *
 * <p>As a {@link BilevelProblem} y = Q, and the lower level is the squared soft Bellman residual g = ½ ‖Q − r_x − γ P V(Q)‖², whose only
 * minimiser with g = 0 is Q*; it is not convex, but has a positive definite Hessian there.
 */
public interface DecisionProcess extends BilevelProblem {
    /** S. */
    int states();

    /** A. */
    int actions();

    /** γ in [0, 1). */
    double discount();

    /** τ, positive. */
    double temperature();

    /**
     * f(x, π) and its gradients at a policy.
     *
     * @param policy read [S, A]
     * @param out    {@code gradientX} [upperSize] ∇_x f, {@code gradientY} [S, A] ∇_π f
     */
    void judge(Reals x, Reals policy, FirstOrder out);

    /** out [S, A] = r_x. */
    void reward(Reals x, Reals out);

    /** out [upperSize] = ∇_x ⟨r_x, u⟩ for u [S, A]. */
    void rewardGradient(Reals x, Reals u, Reals out);

    /** out [S, A] = P v for v [S]: expected over the next state. */
    void expect(Reals v, Reals out);

    /** out [S] = Pᵀ u for u [S, A]: summed over what leads to a state. */
    void arrive(Reals u, Reals out);

    /** out [S] = Σ_a u(·, a). */
    void sum(Reals u, Reals out);

    /** out [S, A] = v(s) for every action. */
    void spread(Reals v, Reals out);

    /** policy [S, A] = softmax(q / τ), values [S] = τ log Σ_a exp(q(·, a) / τ). */
    void soften(Reals q, Reals policy, Reals values);
}
