package borep.solver;

import static borep.solver.SecondWriting.SEED;
import static borep.solver.SecondWriting.plus;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import borep.kernel.reference.ReferenceDevice;
import borep.problem.cases.SampledQuadratic;
import borep.problem.cases.SampledQuadratic.Token;
import java.util.Map;

/** x and y of an algorithm that is written down a second time on {@link SampledQuadratic}, with what it does in one iteration. */
abstract class SecondAlgorithm {
    double[] x = {1, 2};
    double[] y = new double[2];

    /** Iteration k, from 0. */
    abstract void step(int k);

    /** SGD steps on the lower level, each on a sample of its own. */
    final void descend(final double alpha, final int steps, final int k, final int purpose, final int lane) {
        y = descended(y, alpha, steps, k, purpose, lane);
    }

    /** Where they lead from another point than y. */
    final double[] descended(
            final double[] from, final double alpha, final int steps, final int k, final int purpose, final int lane) {
        double[] at = from;
        for (int j = 0; j < steps; j++) {
            at = plus(at, -alpha, SampledQuadratic.lowerY(x, at, new Token(k, purpose, lane + j)));
        }
        return at;
    }

    /** x and y after each of the iterations. */
    final double[][] run(final int steps) {
        final double[][] run = new double[steps][];
        for (int k = 0; k < steps; k++) {
            step(k);
            run[k] = new double[] {x[0], x[1], y[0], y[1]};
        }
        return run;
    }

    /** A solver makes this run. */
    static void assertSame(
            final String name, final Map<String, String> settings, final double[][] run, final double tolerance) {
        final Solver solver = Solvers.create(name, new SampledQuadratic(new ReferenceDevice(), true), settings, SEED);
        solver.initialise();
        for (int k = 0; k < run.length; k++) {
            solver.step();
            final double[] x = solver.x().toDoubles();
            final double[] y = solver.y().toDoubles();
            assertArrayEquals(run[k], new double[] {x[0], x[1], y[0], y[1]}, tolerance, name + ", step " + (k + 1));
        }
    }
}
