package borep.cuda;

import static borep.cuda.Structs.require;

import borep.kernel.Rows;

/**
 * The matrix product that every sweep is made of ({@code native/src/kernels/matmul.cu}), for benchmarks, tests and layers of one's own.
 * Enqueues on the device's stream and allocates nothing once the largest product has run.
 */
public final class CudaProducts {
    private final CudaDevice device;
    private final Structs structs;

    CudaProducts(final CudaDevice device) {
        this.device = device;
        structs = device.newStructs();
    }

    /** Which way the operands lie. */
    public enum Form {
        /** C[m, n] = Σ_k A[m, k] B[n, k]. */
        ROWS_TRANSPOSED,
        /** C[m, n] = Σ_k A[m, k] B[k, n]. */
        ROWS,
        /** C[m, n] = Σ_k A[k, m] B[k, n]. */
        OUTER
    }

    /**
     * One product.
     *
     * @param rows       m of the first two forms, k of the third
     * @param a          read [rows, k], of {@link Form#OUTER} [rows, m]
     * @param b          read [n, k], [k, n] or [rows, n]
     * @param c          written, or accumulated [m, n]; must not overlap the others
     * @param accumulate whether it is added to {@code c}
     */
    public record Product(Form form, int rows, Rows a, Rows b, Rows c, boolean accumulate) {
        /** Checks the sizes. */
        public Product {
            if (rows < 0) {
                throw new IllegalArgumentException("rows " + rows + ": must not be negative");
            }
            final boolean outer = form == Form.OUTER;
            require("a", a, rows, a.width());
            require("c", c, outer ? a.width() : rows, c.width());
            switch (form) {
                case ROWS_TRANSPOSED -> require("b", b, c.width(), a.width());
                case ROWS -> require("b", b, a.width(), c.width());
                case OUTER -> require("b", b, rows, c.width());
            }
        }
    }

    /** Enqueues a product in the device's precision. */
    public void multiply(final Product product) {
        device.requireOpen();
        try {
            device.bindings()
                    .check((int) device.bindings().multiply.invokeExact(device.context(), structs.product(product)));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
