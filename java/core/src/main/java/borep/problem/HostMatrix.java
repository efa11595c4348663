package borep.problem;

import borep.kernel.Elimination;

/** Products and systems of small dense matrices in float64 on the host, for solutions that are known. */
final class HostMatrix {
    private HostMatrix() {}

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
