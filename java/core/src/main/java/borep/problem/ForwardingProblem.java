package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.model.Parameters;

/**
 * Another problem, passed on as it is: what decorators begin with. Finite sums are not passed on: a decorator that keeps the samples of
 * the other problem can.
 */
public abstract class ForwardingProblem implements BilevelProblem {
    /** The other problem. */
    protected final BilevelProblem problem;

    /** Passes on {@code problem}. */
    protected ForwardingProblem(final BilevelProblem problem) {
        this.problem = problem;
    }

    @Override
    public final Device device() {
        return problem.device();
    }

    @Override
    public final Parameters upperLayout() {
        return problem.upperLayout();
    }

    @Override
    public final Parameters lowerLayout() {
        return problem.lowerLayout();
    }

    @Override
    public final void initialise(final Reals x, final Reals y) {
        problem.initialise(x, y);
    }

    @Override
    public Sample newUpperSample() {
        return problem.newUpperSample();
    }

    @Override
    public Sample newLowerSample() {
        return problem.newLowerSample();
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        problem.upper(x, y, sample, out);
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        problem.lower(x, y, sample, out);
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        problem.lowerAlong(x, y, z, sample, out);
    }

    @Override
    public final boolean upperSeesX() {
        return problem.upperSeesX();
    }

    @Override
    public boolean lowerTakesUpperSamples() {
        return problem.lowerTakesUpperSamples();
    }

    @Override
    public final void upperChanged() {
        problem.upperChanged();
    }
}
