package borep.solver;

import borep.device.Reals;

/**
 * One variable of n agents that average with their neighbours and track the mean of their gradients (Di Lorenzo, Scutari, "NEXT: In-Network
 * Nonconvex Optimization", IEEE TSIPN 2016). Because W keeps means, Σ s_i = Σ d_i after every step, whatever the noise.
 */
final class GradientTracking {
    /** The agents' values v_i. */
    final Reals[] at;
    /** Where the agents write their gradients d_i at their values. */
    final Reals[] gradient;

    private final Loop loop;
    private final MixingMatrix mixing;
    private final Reals values;
    private final Reals tracker;
    private final Reals[] trackers;
    private final Reals before;
    private final Reals now;
    private final Reals mixed;
    private final Reals[] mixtures;

    /**
     * @param name of the variable in checkpoints
     * @param size of one agent's
     */
    GradientTracking(final Loop loop, final MixingMatrix mixing, final String name, final int size) {
        this.loop = loop;
        this.mixing = mixing;
        final int all = Math.multiplyExact(mixing.agents(), size);
        values = loop.state("agents." + name, all);
        tracker = loop.state("trackers." + name, all);
        before = loop.state("gradients." + name, all);
        now = loop.device.reals(all);
        mixed = loop.device.reals(all);
        at = parts(values, size);
        gradient = parts(now, size);
        trackers = parts(tracker, size);
        mixtures = parts(mixed, size);
    }

    private Reals[] parts(final Reals all, final int size) {
        final Reals[] parts = new Reals[mixing.agents()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = all.slice(i * size, size);
        }
        return parts;
    }

    /** All agents at the same value. Trackers and gradients are 0 then, which makes the first trackers the first gradients. */
    void start(final Reals value) {
        for (final Reals each : at) {
            loop.update.copy(value, each);
        }
    }

    /** s_i ← Σ_j W_ij s_j + d_i − d_i of the step before, then v_i ← Σ_j W_ij (v_j − step · s_j). */
    void step(final Reals step) {
        mix(trackers, tracker);
        loop.update.axpy(1, now, tracker);
        loop.update.axpy(-1, before, tracker);
        loop.update.copy(now, before);
        loop.update.axpy(-1, step, tracker, values);
        mix(at, values);
    }

    /** v_i ← Σ_j W_ij v_j. */
    private void mix(final Reals[] each, final Reals all) {
        loop.update.fill(mixed, 0);
        for (int i = 0; i < each.length; i++) {
            for (int j = 0; j < each.length; j++) {
                if (mixing.weight(i, j) != 0) {
                    loop.update.axpy(mixing.weight(i, j), each[j], mixtures[i]);
                }
            }
        }
        loop.update.copy(mixed, all);
    }

    /** (1/n) Σ v_i. */
    void mean(final Reals out) {
        average(at, out);
    }

    /** (1/n) Σ d_i. */
    void meanGradient(final Reals out) {
        average(gradient, out);
    }

    private void average(final Reals[] each, final Reals out) {
        loop.update.fill(out, 0);
        for (final Reals one : each) {
            loop.update.axpy(1.0 / each.length, one, out);
        }
    }

    /** √((1/n) Σ ‖v_i − centre‖²); {@code distance} [1] written. */
    void disagreement(final Reals centre, final Reals distance) {
        for (final Reals mixture : mixtures) {
            loop.update.copy(centre, mixture);
        }
        loop.update.axpy(-1, values, mixed);
        loop.update.norm(mixed, distance);
        loop.update.scale(1 / Math.sqrt(mixtures.length), distance);
    }
}
