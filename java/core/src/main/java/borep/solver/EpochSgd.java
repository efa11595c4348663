package borep.solver;

import borep.device.Reals;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * Epoch-SGD on the lower level (Hazan, Kale, "Beyond the Regret Minimization Barrier", JMLR 2014) for g uniformly convex with exponent
 * p, p = 2 being strong convexity: epoch s makes T_s = ⌊T_0 2^(2(p−1)s/p)⌋ steps of size α_0 2^−s in the ball of radius R_0 2^(−s/p)
 * around the epoch's start and returns the average of its iterates.
 */
final class EpochSgd {
    private final Loop loop;
    private final BoRepSettings.Refinement settings;
    private final double exponent;
    private final Reals gradient;
    private final Reals centre;
    private final Reals total;
    private final Sample sample;
    private final FirstOrder want;

    /**
     * @param settings T_0, α_0, R_0 and the number of epochs
     * @param exponent p
     */
    EpochSgd(final Loop loop, final BoRepSettings.Refinement settings, final double exponent) {
        this.loop = loop;
        this.settings = settings;
        this.exponent = exponent;
        gradient = loop.lowerVector();
        centre = loop.lowerVector();
        total = loop.lowerVector();
        sample = loop.problem.newLowerSample();
        want = new FirstOrder(loop.metric("lowerLoss"), null, gradient);
    }

    /** Moves y towards argmin g(x, ·), every step with a fresh sample of this iteration. */
    void run(final Reals x, final Reals y) {
        int lane = 0;
        for (int s = 0; s < settings.epochs(); s++) {
            final int steps = (int) Math.floor(settings.steps() * Math.pow(2, 2 * (exponent - 1) * s / exponent));
            final double step = settings.step() * Math.pow(2, -s);
            final double radius = settings.radius() * Math.pow(2, -s / exponent);
            loop.update.copy(y, centre);
            loop.update.fill(total, 0);
            for (int t = 0; t < steps; t++) {
                sample.draw(loop.counter, Purpose.WARM, lane++);
                loop.problem.lower(x, y, sample, want);
                loop.update.axpy(-step, gradient, y);
                loop.update.projectBall(centre, radius, y);
                loop.update.axpy(1.0 / steps, y, total);
            }
            if (steps > 0) {
                loop.update.copy(total, y);
            }
        }
    }
}
