package borep.experiment;

import borep.model.Parameters;
import borep.solver.Solver;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** One run of a problem: its phases, and what is written when they begin and are done. */
public interface Experiment {
    /** The phases in order; the last one is the solver that the run is about. */
    List<Phase> phases();

    /** Layout of the main solver's upper variable. */
    Parameters upperLayout();

    /** Layout of the main solver's lower variable. */
    Parameters lowerLayout();

    /** What there is to say before it begins, a sentence each. */
    default List<String> notes() {
        return List.of();
    }

    /** Writes files that belong to the run from its beginning. */
    default void begin(final RunDirectory directory) {}

    /** A few facts about the data for config.json and the report. */
    void describe(ObjectNode data);

    /** A number that changes with anything in the data: a resumed run must find the data it began with. */
    long dataFingerprint();

    /** Writes the problem's own result files and adds its numbers to summary.json, from the traces and the final state. */
    void finish(RunDirectory directory, Solver solver, ObjectNode summary);

    /** The result in plain words, for the terminal. */
    List<String> headline(ObjectNode summary);
}
