package borep.kernel;

/** Gaussian elimination with partial pivoting in float64, for the few unknowns of {@link Update#solve} and other small systems. */
public final class Elimination {
    private final double[] matrix;
    private final double[] unknowns;
    private final boolean[] solved;
    private final double[] rhs;
    private final int[] pivots;

    /** Memory for one system at a time, of at most {@link Update#MOST_UNKNOWNS} unknowns. */
    public Elimination() {
        this(Update.MOST_UNKNOWNS);
    }

    /** Memory for one system at a time, of at most {@code most} unknowns. */
    public Elimination(final int most) {
        matrix = new double[most * most];
        unknowns = new double[most];
        solved = new boolean[most];
        rhs = new double[most];
        pivots = new int[most];
    }

    /** [n · n] to be filled with the matrix; overwritten by {@link #solve}. */
    public double[] matrix() {
        return matrix;
    }

    /** [n] to be filled with the right-hand side; {@link #solve} leaves the solution there. */
    public double[] unknowns() {
        return unknowns;
    }

    /**
     * n of a system whose matrix, right-hand side and solution have these sizes.
     *
     * @throws IllegalArgumentException if they are not n · n, n and n, or n is larger than {@link Update#MOST_UNKNOWNS}
     */
    public static int requireSizes(final int matrix, final int rhs, final int out) {
        if (rhs > Update.MOST_UNKNOWNS || matrix != rhs * rhs || out != rhs) {
            throw new IllegalArgumentException("matrix of " + matrix + ", right-hand side of " + rhs + ", out of " + out
                    + " numbers: must be n · n, n and n with n at most " + Update.MOST_UNKNOWNS);
        }
        return rhs;
    }

    /** Solves for n unknowns, in place: {@link #matrix} and {@link #unknowns} are overwritten. An unknown without a pivot becomes 0. */
    public void solve(final int n) {
        for (int i = 0; i < n; i++) {
            solved[i] = false;
        }
        for (int column = 0; column < n; column++) {
            pivots[column] = pivot(n, column);
            if (pivots[column] >= 0) {
                solved[pivots[column]] = true;
                clear(n, pivots[column], column);
            }
        }
        System.arraycopy(unknowns, 0, rhs, 0, n);
        for (int column = 0; column < n; column++) {
            final int row = pivots[column];
            unknowns[column] = row < 0 ? 0 : rhs[row] / matrix[row * n + column];
        }
    }

    /** The row, not yet used, with the largest number in this column; −1 if all are 0. */
    private int pivot(final int n, final int column) {
        int best = -1;
        for (int row = 0; row < n; row++) {
            if (!solved[row]
                    && matrix[row * n + column] != 0
                    && (best < 0 || Math.abs(matrix[row * n + column]) > Math.abs(matrix[best * n + column]))) {
                best = row;
            }
        }
        return best;
    }

    /** Subtracts multiples of the pivot's row from all others (Gauss and Jordan), so that no substitution follows. */
    private void clear(final int n, final int pivot, final int column) {
        for (int row = 0; row < n; row++) {
            final double factor = matrix[row * n + column] / matrix[pivot * n + column];
            if (row != pivot && factor != 0) {
                for (int k = column; k < n; k++) {
                    matrix[row * n + k] -= factor * matrix[pivot * n + k];
                }
                unknowns[row] -= factor * unknowns[pivot];
            }
        }
    }
}
