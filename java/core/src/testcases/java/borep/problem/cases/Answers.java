package borep.problem.cases;

import borep.device.Device;
import borep.device.Reals;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * What all oracles of a problem answer at one point, on the host.
 *
 * @param f         [1]
 * @param fx        ∇_x f
 * @param fy        ∇_y f
 * @param g         [1]
 * @param gx        ∇_x g
 * @param gy        ∇_y g
 * @param product   ∇²_yy g·z
 * @param mixed     ∇²_xy g·z
 */
public record Answers(
        double[] f,
        double[] fx,
        double[] fy,
        double[] g,
        double[] gx,
        double[] gy,
        double[] product,
        double[] mixed) {
    /** Names of the answers, in order. */
    public static final String[] NAMES = {"f", "∇_x f", "∇_y f", "g", "∇_x g", "∇_y g", "∇²_yy g·z", "∇²_xy g·z"};

    /** Asks everything. */
    public static Answers of(
            final BilevelProblem problem,
            final Reals x,
            final Reals y,
            final Reals z,
            final Sample upper,
            final Sample lower) {
        final Device device = problem.device();
        final FirstOrder above = new FirstOrder(
                device.reals(1), device.reals(problem.upperSize()), device.reals(problem.lowerSize()));
        final FirstOrder below = new FirstOrder(
                device.reals(1), device.reals(problem.upperSize()), device.reals(problem.lowerSize()));
        final SecondOrder along = new SecondOrder(
                null, null, device.reals(problem.lowerSize()), device.reals(problem.upperSize()));
        problem.upper(x, y, upper, above);
        problem.lower(x, y, lower, below);
        problem.lowerAlong(x, y, z, lower, along);
        return new Answers(
                above.value().toDoubles(),
                above.gradientX().toDoubles(),
                above.gradientY().toDoubles(),
                below.value().toDoubles(),
                below.gradientX().toDoubles(),
                below.gradientY().toDoubles(),
                along.product().toDoubles(),
                along.mixed().toDoubles());
    }

    /** All of them, in the order of {@link #NAMES}. */
    public double[][] all() {
        return new double[][] {f, fx, fy, g, gx, gy, product, mixed};
    }

    /** Σ weight · part. */
    public static double[][] sum(final double[] weights, final Answers[] parts) {
        final double[][] total = new double[NAMES.length][];
        for (int i = 0; i < parts.length; i++) {
            final double[][] part = parts[i].all();
            for (int a = 0; a < total.length; a++) {
                total[a] = total[a] == null ? new double[part[a].length] : total[a];
                for (int j = 0; j < part[a].length; j++) {
                    total[a][j] += weights[i] * part[a][j];
                }
            }
        }
        return total;
    }
}
