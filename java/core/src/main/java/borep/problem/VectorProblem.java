package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;
import borep.model.Parameters;

/** What problems of one plain vector a level share: where they live, how long x and y are, and no randomness of their own. */
abstract class VectorProblem implements SolvedProblem {
    final Device device;
    final Update update;
    private final double[] x0;
    private final Parameters upperLayout;
    private final Parameters lowerLayout;

    /**
     * @param x0        [p] starting point
     * @param lowerSize q
     */
    VectorProblem(final Device device, final double[] x0, final int lowerSize) {
        this.device = device;
        this.x0 = x0.clone();
        update = device.kernels().update();
        upperLayout = Parameters.none().with("x", 1, x0.length);
        lowerLayout = Parameters.none().with("y", 1, lowerSize);
    }

    @Override
    public final Device device() {
        return device;
    }

    @Override
    public final Parameters upperLayout() {
        return upperLayout;
    }

    @Override
    public final Parameters lowerLayout() {
        return lowerLayout;
    }

    /** x at its starting point, y at 0. */
    @Override
    public void initialise(final Reals x, final Reals y) {
        x.set(x0);
        update.fill(y, 0);
    }

    @Override
    public final Sample newUpperSample() {
        return ExactSample.INSTANCE;
    }

    @Override
    public final Sample newLowerSample() {
        return ExactSample.INSTANCE;
    }

    /** A vector on the device with these numbers. */
    final Reals reals(final double... values) {
        final Reals reals = device.reals(values.length);
        reals.set(values);
        return reals;
    }
}
