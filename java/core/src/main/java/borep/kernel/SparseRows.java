package borep.kernel;

/**
 * A sparse matrix [n, d] on the host, row after row: row i holds {@code values[k]} in column {@code places[k]} for k from
 * {@code starts[i]} to {@code starts[i + 1] - 1}, and zeros elsewhere.
 *
 * @param columns d
 * @param starts  [n + 1], beginning with 0
 * @param places  [numbers] ascending within a row, each in [0, d)
 * @param values  [numbers]
 */
public record SparseRows(int columns, int[] starts, int[] places, float[] values) {
    /**
     * Checks sizes, order and ranges: kernels rely on them.
     *
     * @throws IllegalArgumentException naming the row or column that breaks a rule
     */
    public SparseRows {
        if (starts.length == 0
                || starts[0] != 0
                || starts[starts.length - 1] != places.length
                || places.length != values.length) {
            throw new IllegalArgumentException("sparse rows: " + starts.length + " starts, " + places.length
                    + " places and " + values.length + " values do not belong together");
        }
        for (int row = 0; row + 1 < starts.length; row++) {
            if (starts[row + 1] < starts[row] || starts[row + 1] > places.length) {
                throw new IllegalArgumentException("row " + row + " from " + starts[row] + " to " + starts[row + 1]
                        + ": starts must ascend to " + places.length);
            }
            int least = 0;
            for (int k = starts[row]; k < starts[row + 1]; k++) {
                if (places[k] < least || places[k] >= columns) {
                    throw new IllegalArgumentException("column " + places[k] + " in row " + row
                            + ": must ascend within a row and lie in [0, " + columns + ")");
                }
                least = places[k] + 1;
            }
        }
    }

    /** Number of rows n. */
    public int rows() {
        return starts.length - 1;
    }

    /** The same numbers column after column, each column in the order of the rows. */
    public SparseRows transposed() {
        final int[] begins = new int[columns + 1];
        for (final int place : places) {
            begins[place + 1]++;
        }
        for (int column = 0; column < columns; column++) {
            begins[column + 1] += begins[column];
        }
        final int[] next = begins.clone();
        final int[] rowOf = new int[places.length];
        final float[] turned = new float[places.length];
        for (int row = 0; row < rows(); row++) {
            for (int k = starts[row]; k < starts[row + 1]; k++) {
                final int to = next[places[k]]++;
                rowOf[to] = row;
                turned[to] = values[k];
            }
        }
        return new SparseRows(rows(), begins, rowOf, turned);
    }
}
