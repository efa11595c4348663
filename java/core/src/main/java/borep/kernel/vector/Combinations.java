package borep.kernel.vector;

import borep.kernel.SparseRows;

/** The inner loops of sparse products: sums of few rows of a dense matrix, each scaled by a number of one sparse row. */
interface Combinations {
    /** out (+)= Σ_k values[k] · w[places[k], :] over the numbers of {@code row}, in an order that depends on it alone. */
    void gather(SparseRows a, int row, Matrix w, float[] out, int outAt, boolean isAdded);

    /** w[places[k], :] += values[k] · from, for each number of {@code row}. */
    void scatter(SparseRows a, int row, float[] from, int fromAt, Matrix w);
}
