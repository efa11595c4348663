package borep.solver;

import borep.device.Reals;

/**
 * The multiplier λ_k of f + λ (g − min_y g): λ_0 + δ k, or the paper's relation to the step sizes, λ_k = γ_k / (2 α_k) (Kwon, Kwon,
 * Wright, Nowak, ICML 2023). Needs the metric penalty.
 */
final class Penalty {
    private final Loop loop;
    private final double initial;
    private final double growth;
    private final boolean coupled;
    private final Reals lambda;
    private final Reals one;

    Penalty(final Loop loop, final double initial, final double growth, final boolean coupled) {
        this.loop = loop;
        this.initial = initial;
        this.growth = growth;
        this.coupled = coupled;
        lambda = loop.state("lambda", 1);
        one = loop.scalar();
        loop.update.fill(one, 1);
    }

    /** λ_0. */
    void initialise() {
        loop.update.fill(lambda, initial);
    }

    /** λ_k, given the step sizes of y and w. */
    Reals at(final Reals alpha, final Reals gamma) {
        if (coupled) {
            loop.update.divide(gamma, alpha, lambda);
            loop.update.scale(0.5, lambda);
        }
        loop.update.copy(lambda, loop.metric("penalty"));
        return lambda;
    }

    /** To λ_{k+1}. */
    void grow() {
        if (!coupled) {
            loop.update.axpy(growth, one, lambda);
        }
    }
}
