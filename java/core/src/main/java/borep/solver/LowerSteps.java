package borep.solver;

import borep.device.Reals;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/** Plain SGD on the lower level: y ← y − α ∇_y g(x, y; ζ_j) with fresh samples. */
final class LowerSteps {
    private final Loop loop;
    private final Reals gradient;
    private final Sample sample;
    private final FirstOrder want;

    LowerSteps(final Loop loop) {
        this.loop = loop;
        gradient = loop.lowerVector();
        sample = loop.problem.newLowerSample();
        want = new FirstOrder(loop.metric("lowerLoss"), null, gradient);
    }

    /** {@code steps} steps of y at (x, y). */
    void run(final Reals x, final Reals y, final int steps, final Reals alpha, final int purpose) {
        for (int j = 0; j < steps; j++) {
            final Reals d = gradient(x, y, purpose, j);
            loop.update.axpy(-1, alpha, d, y);
        }
    }

    /** ∇_y g(x, y; ζ_lane), in memory that the next call overwrites. */
    Reals gradient(final Reals x, final Reals y, final int purpose, final int lane) {
        sample.draw(loop.counter, purpose, lane);
        loop.problem.lower(x, y, sample, want);
        return gradient;
    }
}
