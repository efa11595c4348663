package borep.problem;

import java.util.Optional;

/**
 * A problem whose solution is known: evaluations and tests hold solvers and oracles against it. All in float64 on the host, whatever
 * the problem's device, from formulas that share nothing with the oracles.
 */
public interface SolvedProblem extends BilevelProblem {
    /** [lowerSize] y*(x) = argmin_y g(x, y). */
    double[] lowerSolution(double[] x);

    /** [lowerSize] z*(x) with ∇²_yy g · z = ∇_y f, both at (x, y*(x)). */
    double[] systemSolution(double[] x);

    /** Φ(x) = f(x, y*(x)). */
    double objective(double[] x);

    /** [upperSize] ∇Φ(x) = ∇_x f − ∇²_xy g · z*(x) at (x, y*(x)). */
    double[] hypergradient(double[] x);

    /** Of the minimisers of Φ the one nearest to {@code x}; empty if no formula gives any. */
    default Optional<double[]> minimiser(final double[] x) {
        return Optional.empty();
    }
}
