package borep.problem;

import borep.device.Philox;
import borep.kernel.Elimination;
import java.util.function.UnaryOperator;

/** Products and systems of small dense matrices in float64 on the host, for solutions that are known. */
final class HostMatrix {
    private static final int PURPOSE = 0x4D415458;

    private HostMatrix() {}

    /** A symmetric matrix with these eigenvalues in random directions: Householder reflections of normal vectors, from a seed. */
    static double[][] symmetric(final double[] eigenvalues, final long seed) {
        final int n = eigenvalues.length;
        final double[][] matrix = new double[n][n];
        for (int i = 0; i < n; i++) {
            matrix[i][i] = eigenvalues[i];
        }
        for (int k = 0;
                k < n - 1;
                k++) { // reflection k moves the coordinates from k on: together uniform (Stewart 1980)
            final double[] v = new double[n];
            for (int i = k; i < n; i++) {
                v[i] = Philox.normal(seed, (long) k * n + i, PURPOSE, 0);
            }
            v[k] += Math.copySign(Math.sqrt(dot(v, v)), v[k]);
            reflect(matrix, v);
        }
        return matrix;
    }

    /** M ← P M P with P = I − 2vvᵀ/‖v‖²: M − v wᵀ − w vᵀ with u = 2Mv/‖v‖² and w = u − v ⟨u, v⟩/‖v‖². */
    private static void reflect(final double[][] matrix, final double[] v) {
        final double square = dot(v, v);
        final double[] u = scaled(2 / square, times(matrix, v));
        final double[] w = plus(u, -dot(u, v) / square, v);
        for (int i = 0; i < v.length; i++) {
            for (int j = 0; j < v.length; j++) {
                matrix[i][j] -= v[i] * w[j] + w[i] * v[j];
            }
        }
    }

    /** Where the gradient of a quadratic function of p numbers is 0: gradient(x) = gradient(0) + Kx, column by column. */
    static double[] stationaryPoint(final UnaryOperator<double[]> gradient, final int p) {
        final double[] atZero = gradient.apply(new double[p]);
        final double[][] curvature = new double[p][p];
        for (int column = 0; column < p; column++) {
            final double[] unit = new double[p];
            unit[column] = 1;
            final double[] slope = plus(gradient.apply(unit), -1, atZero);
            for (int row = 0; row < p; row++) {
                curvature[row][column] = slope[row];
            }
        }
        return solve(curvature, scaled(-1, atZero));
    }

    /** M v. */
    static double[] times(final double[][] matrix, final double[] v) {
        final double[] out = new double[matrix.length];
        for (int row = 0; row < out.length; row++) {
            for (int column = 0; column < v.length; column++) {
                out[row] += matrix[row][column] * v[column];
            }
        }
        return out;
    }

    /** Mᵀ v. */
    static double[] transposeTimes(final double[][] matrix, final double[] v) {
        final double[] out = new double[matrix[0].length];
        for (int row = 0; row < v.length; row++) {
            for (int column = 0; column < out.length; column++) {
                out[column] += matrix[row][column] * v[row];
            }
        }
        return out;
    }

    /** v with M v = rhs. */
    static double[] solve(final double[][] matrix, final double[] rhs) {
        final int n = rhs.length;
        final Elimination elimination = new Elimination(n);
        for (int row = 0; row < n; row++) {
            System.arraycopy(matrix[row], 0, elimination.matrix(), row * n, n);
        }
        System.arraycopy(rhs, 0, elimination.unknowns(), 0, n);
        elimination.solve(n);
        return elimination.unknowns().clone();
    }

    /** a + factor · b. */
    static double[] plus(final double[] a, final double factor, final double[] b) {
        final double[] out = a.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] += factor * b[i];
        }
        return out;
    }

    /** factor · a. */
    static double[] scaled(final double factor, final double[] a) {
        return plus(new double[a.length], factor, a);
    }

    /** ⟨a, b⟩. */
    static double dot(final double[] a, final double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
