package borep.experiment;

import borep.solver.Hyperparameters;
import java.util.Map;

/**
 * Everything that defines a run beside its solver's settings; config.json holds it whole. Names and texts as
 * {@link Hyperparameters} reads them.
 *
 * @param problem       a name that {@link Experiments} knows
 * @param solver        a name that {@link borep.solver.Solvers} knows
 * @param seed          of every random choice
 * @param device        {@code auto} or a device's name
 * @param threads       host threads, 0 for all cores
 * @param steps         iterations of the solver, at least 1
 * @param evaluateEvery iterations between two evaluations (and checkpoints)
 * @param own           what only this problem is set by
 */
public record RunSettings(
        String problem,
        String solver,
        long seed,
        String device,
        int threads,
        int steps,
        int evaluateEvery,
        @Hyperparameters.Inline Record own) {
    /** Checks the ranges. */
    public RunSettings {
        atLeast("steps", steps, 1);
        atLeast("evaluateEvery", evaluateEvery, 1);
        atLeast("threads", threads, 0);
    }

    /** Where a problem's runs start from: BO-REP with seed 1 on the best device there is. */
    static RunSettings of(final String problem, final int steps, final int evaluateEvery, final Record own) {
        return new RunSettings(problem, "bo-rep", 1, "auto", 0, steps, evaluateEvery, own);
    }

    /**
     * These settings with some values replaced, of the same problem.
     *
     * @throws IllegalArgumentException with one sentence for an unknown name or a forbidden value
     */
    public RunSettings with(final Map<String, String> changes) {
        if (!changes.getOrDefault("problem", problem).equals(problem)) {
            throw new IllegalArgumentException(
                    "setting 'problem': is " + problem + " here; name another problem in its place, without --set");
        }
        try {
            return Hyperparameters.with(this, changes);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(withLimits(e.getMessage()), e);
        }
    }

    /** A whole number that is refused is too large. */
    private static String withLimits(final String complaint) {
        if (!complaint.matches("\\S+ '-?\\d+': must be a whole number")) {
            return complaint;
        }
        return complaint
                + (complaint.matches("\\w*[sS]eed .*")
                        ? " from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE
                        : " from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE);
    }

    static void finite(final String name, final double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " " + value + ": must be a finite number");
        }
    }

    static void positive(final String name, final double value) {
        if (!(value > 0 && Double.isFinite(value))) {
            throw new IllegalArgumentException(name + " " + value + ": must be positive and finite");
        }
    }

    static void atLeast(final String name, final double value, final double least) {
        if (!(value >= least)) {
            throw new IllegalArgumentException(
                    name + " " + (value == Math.rint(value) ? Long.toString((long) value) : value)
                            + ": must be at least " + (long) least);
        }
    }
}
