package borep.kernel;

/** {@link SparseRows} in a device's memory, however its {@link Sparse} keeps them. */
public interface SparseMatrix {
    /** Number of rows n. */
    int rows();

    /** Number of columns d. */
    int columns();
}
