package borep.solver;

import borep.device.Reals;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/** Plain SGD on the lower level: y ← y − α ∇_y g(x, y; ζ_j) with fresh samples. */
final class LowerSteps {
    private final Loop loop;
    private final BilevelProblem problem;
    private final Reals gradient;
    private final Sample sample;
    private final FirstOrder want;

    LowerSteps(final Loop loop) {
        this(loop, loop.problem);
    }

    /** @param problem whose lower level to descend: the loop's, or one made of it */
    LowerSteps(final Loop loop, final BilevelProblem problem) {
        this.loop = loop;
        this.problem = problem;
        gradient = loop.lowerVector();
        sample = problem.newLowerSample();
        want = new FirstOrder(loop.metric("lowerLoss"), null, gradient);
    }

    /** {@code steps} steps of y at (x, y). */
    void run(final Reals x, final Reals y, final int steps, final Reals alpha, final int purpose) {
        run(x, y, steps, alpha, purpose, 0);
    }

    /** The same with samples of other lanes than 0, 1, …. */
    void run(final Reals x, final Reals y, final int steps, final Reals alpha, final int purpose, final int firstLane) {
        for (int j = 0; j < steps; j++) {
            final Reals d = gradient(x, y, purpose, firstLane + j);
            loop.update.axpy(-1, alpha, d, y);
        }
    }

    /**
     * {@code steps} steps of y by gradients that add up, the public codes' inner loop without zero_grad: y ← y − α (accumulated + Σ_{i≤j}
     * ∇_y g_i).
     *
     * @param firstLane   lane of the first sample
     * @param accumulated read and written: 0 or what came before
     */
    void runAccumulating(
            final Reals x,
            final Reals y,
            final int steps,
            final Reals alpha,
            final int purpose,
            final int firstLane,
            final Reals accumulated) {
        for (int j = 0; j < steps; j++) {
            loop.update.axpy(1, gradient(x, y, purpose, firstLane + j), accumulated);
            loop.update.axpy(-1, alpha, accumulated, y);
        }
    }

    /** ∇_y g(x, y; ζ_lane), in memory that the next call overwrites. */
    Reals gradient(final Reals x, final Reals y, final int purpose, final int lane) {
        sample.draw(loop.counter, purpose, lane);
        problem.lower(x, y, sample, want);
        return gradient;
    }
}
