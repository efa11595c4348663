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

    /**
     * One iteration, from where {@link #initialise}, {@link #resume} or the last one left off. A device may still be at it on return; what it
     * measured, numbers that are not finite included, is told by {@link #metrics}.
     */
    void step();

    /** Number of iterations done. */
    long iteration();

    /** [upperSize] the upper variable, on the device. */
    Reals x();

    /** [lowerSize] the lower variable, on the device. */
    Reals y();

    /** [lowerSize] the linear system's state z ≈ (∇²_yy g)⁻¹ ∇_y f, on the device; null where the algorithm has none. */
    Reals z();

    /** Oracle calls of the steps so far, whether their numbers were good or not; a resumed solver begins at 0. They go on changing. */
    CountingProblem.Counts calls();

    /** What the steps measured. */
    Metrics metrics();

    /** Every vector that a later step depends on, by name: with {@link #iteration} all of a checkpoint. */
    SequencedMap<String, Reals> state();

    /** Continues at {@code iteration} after the vectors of {@link #state} have been overwritten with those of a checkpoint. */
    void resume(long iteration);
}
