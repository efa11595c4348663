package borep.kernel;

import borep.device.Ints;
import borep.device.Reals;

/**
 * Products with a constant sparse matrix A [n, d], whose rows are a data set's samples: the sweeps of a linear model. The dense
 * side W is [d, O], input by input (PyTorch's weight transposed), so that the weights that meet one number of A are neighbours.
 */
public interface Sparse {
    /** Copies {@code rows} to the device. */
    SparseMatrix matrix(SparseRows rows);

    /**
     * out[b, :] = Σ_j A[rows_b, j] W[j, :].
     *
     * @param rows read    [B] numbers of rows of A; null: all of them in order, B = n
     * @param w    read    [d, O]
     * @param out  written [B, O]
     */
    void multiply(SparseMatrix a, Ints rows, Reals w, Rows out);

    /**
     * gradient[j, :] += Σ_b A[rows_b, j] cotangents[b, :], the adjoint of {@link #multiply}; repeated rows add up.
     *
     * @param rows       read        as in multiply
     * @param cotangents read        [B, O]
     * @param gradient   accumulated [d, O]
     */
    void multiplyTransposed(SparseMatrix a, Ints rows, Rows cotangents, Reals gradient);
}
