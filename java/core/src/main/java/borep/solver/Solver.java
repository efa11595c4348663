package borep.solver;

import borep.device.Reals;
import borep.problem.CountingProblem;
import java.util.SequencedMap;

/**
 * One algorithm on one problem. It works with vector operations and oracles alone, so it runs on every device; nothing in
 * {@link #step} copies to the host.
 */
public interface Solver {
    /** Puts x and y at the problem's starting point and everything else at its beginning. */
    void initialise();

    /** One iteration. */
    void step();

    /** Number of iterations done. */
    long iteration();

    /** The upper variable, on the device. */
    Reals x();

    /** The lower variable, on the device. */
    Reals y();

    /** Linear-system state z; null where the algorithm has none. */
    Reals z();

    /** Oracle calls of the steps so far, whether their numbers were good or not; a resumed solver begins at 0. They go on changing. */
    CountingProblem.Counts calls();

    /** What the last step left to see. */
    Metrics metrics();

    /** Every vector that a later step depends on, by name: with {@link #iteration} all of a checkpoint. */
    SequencedMap<String, Reals> state();

    /** Continues at {@code iteration} after the vectors of {@link #state} have been overwritten with those of a checkpoint. */
    void resume(long iteration);
}
