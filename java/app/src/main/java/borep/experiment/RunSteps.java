package borep.experiment;

import borep.data.DataException;
import java.util.Map;

/** How many iterations a run and its comparisons make. */
final class RunSteps {
    private RunSteps() {}

    /** The solver's iterations: as set, or as many as make the asked-for passes over the lower level's samples. */
    static int of(final RunSettings settings, final TextSettings own, final int samples) {
        if (own.epochs() <= 0) {
            return settings.steps();
        }
        final double steps = Math.ceil(own.epochs() * samples / own.levels().lowerBatch());
        if (steps > Integer.MAX_VALUE) {
            throw new DataException(
                    "epochs " + own.epochs() + ": make more than " + Integer.MAX_VALUE + " steps; give fewer");
        }
        return (int) Math.max(1, steps);
    }

    /** The lower-level gradients that BO-REP takes in so many iterations: what plain training gets too. */
    static int lowerSteps(final Map<String, String> solver, final int steps) {
        final int period = Integer.parseInt(solver.getOrDefault("updatePeriod", "1"));
        final int inner = Integer.parseInt(solver.getOrDefault("lowerSteps", "1"));
        final int epochs = Integer.parseInt(solver.getOrDefault("refinement.epochs", "0"));
        final int first = Integer.parseInt(solver.getOrDefault("refinement.steps", "0"));
        final int refinement = epochs == 0 ? first : first * ((1 << epochs) - 1);
        return Math.max(1, refinement + (steps - 1) / period * inner);
    }
}
