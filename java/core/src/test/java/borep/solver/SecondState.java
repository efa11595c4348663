package borep.solver;

import static borep.solver.SecondWriting.SEED;
import static borep.solver.SecondWriting.plus;

import borep.device.Philox;
import java.util.List;

/** The state of BO-REP and SLIP written down a second time, and their common step of x. */
class SecondState {
    private static final double GUARD = 1e-10;

    double[] x = {1, 2};
    double[] y = new double[2];
    double[] z = new double[2];
    double[] m = new double[2];

    /** x after the momentum of one iteration's estimates. */
    void move(final List<double[]> estimates, final double beta, final boolean snapshots, final double eta) {
        double[] mean = new double[2];
        for (final double[] estimate : estimates) {
            if (snapshots) {
                m = plus(new double[] {beta * m[0], beta * m[1]}, 1 - beta, estimate);
            }
            mean = plus(mean, 1.0 / estimates.size(), snapshots ? m : estimate);
        }
        double[] direction = mean;
        if (!snapshots) {
            m = plus(new double[] {beta * m[0], beta * m[1]}, 1 - beta, mean);
            direction = m;
        }
        x = plus(x, -eta / (Math.hypot(direction[0], direction[1]) + GUARD), direction);
    }

    double[] all() {
        return new double[] {x[0], x[1], y[0], y[1], z[0], z[1]};
    }

    /** z_0 of the public codes. */
    static double[] randomStart() {
        final double bound = Math.sqrt(6.0 / 3); // Xavier, of a column of two numbers
        return new double[] {
            (2 * Philox.uniform(SEED, 0, Purpose.START_Z, 0) - 1) * bound,
            (2 * Philox.uniform(SEED, 0, Purpose.START_Z, 1) - 1) * bound
        };
    }
}
