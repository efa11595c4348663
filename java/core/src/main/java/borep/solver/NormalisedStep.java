package borep.solver;

import borep.device.Reals;

/**
 * The upper level's step of BO-REP and its relatives, m ← β m + (1 − β) d, x ← x − η m / ‖m‖, with d one hypergradient estimate or
 * the mean over several tasks. Needs the metrics momentumNorm and hypergradientNorm.
 */
final class NormalisedStep {
    private final Loop loop;
    private final double beta;
    private final int tasks;
    private final boolean snapshots;
    private final Reals m;
    private final Reals total;
    private final Reals direction;
    private Reals estimate;

    /**
     * @param tasks     estimates of one iteration
     * @param snapshots the public code: momentum goes on from task to task, and x moves along the mean of its snapshots
     */
    NormalisedStep(final Loop loop, final double beta, final int tasks, final boolean snapshots) {
        this.loop = loop;
        this.beta = beta;
        this.tasks = tasks;
        this.snapshots = snapshots;
        m = loop.upperState("m");
        total = tasks > 1 || snapshots ? loop.upperVector() : null;
        direction = snapshots ? loop.upperVector() : null;
    }

    /** The momentum. */
    Reals momentum() {
        return m;
    }

    /** Begins an iteration. */
    void begin() {
        if (total != null) {
            loop.update.fill(total, 0);
        }
    }

    /** One task's estimate; it must stay until {@link #move}. */
    void add(final Reals hypergradient) {
        estimate = hypergradient;
        if (snapshots) {
            loop.update.average(beta, hypergradient, m);
            loop.update.axpy(1.0 / tasks, m, total);
        } else if (tasks > 1) {
            loop.update.axpy(1.0 / tasks, hypergradient, total);
        }
    }

    /** Moves x. */
    void move(final Reals eta) {
        final Reals norm = loop.metric("momentumNorm");
        final Reals d = tasks > 1 ? total : estimate;
        if (snapshots) {
            loop.update.normalisedMomentum(0, total, direction, eta, BoRepSettings.GUARD, loop.x, norm);
        } else {
            loop.update.normalisedMomentum(beta, d, m, eta, BoRepSettings.GUARD, loop.x, norm);
        }
        loop.update.norm(d, loop.metric("hypergradientNorm"));
    }
}
