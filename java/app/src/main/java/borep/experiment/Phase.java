package borep.experiment;

import borep.solver.Solver;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * One part of a run: a solver that is stepped so often, its trace, and how it is judged on the way.
 *
 * @param title    what it is, for the progress line
 * @param trace    file name of its trace
 * @param solver   makes the solver, when the phase begins
 * @param steps    iterations
 * @param evaluate numbers for the trace at every evaluation, from the solver's current state
 */
public record Phase(String title, String trace, Supplier<Solver> solver, int steps, Evaluation evaluate) {
    /** Judges a solver's current state. */
    @FunctionalInterface
    public interface Evaluation {
        /** Numbers by their names in the trace. */
        SequencedMap<String, Double> of(Solver solver);
    }
}
