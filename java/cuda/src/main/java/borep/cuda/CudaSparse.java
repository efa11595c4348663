package borep.cuda;

import static borep.cuda.Structs.require;

import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Rows;
import borep.kernel.Sparse;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;

/**
 * {@link Sparse} by {@code native/src/kernels/sparse.cu}. The matrix lies on the device row after row and column after column: the
 * transposed product over all rows is a product with the transposed matrix. Row numbers out of range are reported by the next wait.
 */
final class CudaSparse implements Sparse {
    private final CudaDevice device;
    private final CudaBindings bindings;
    private final Structs structs;

    CudaSparse(final CudaDevice device) {
        this.device = device;
        bindings = device.bindings();
        structs = device.newStructs();
    }

    private record Memory(CudaDevice device, Numbers byRow, Numbers byColumn) implements SparseMatrix {
        @Override
        public int rows() {
            return byRow.rows();
        }

        @Override
        public int columns() {
            return byRow.columns();
        }
    }

    /** The arrays of a matrix in device memory. */
    record Numbers(Ints starts, Ints places, Reals values, int rows, int columns) {}

    private Numbers copy(final SparseRows rows) {
        final Ints starts = device.ints(rows.starts().length);
        starts.set(rows.starts());
        final Ints places = device.ints(rows.places().length);
        final Reals values = device.reals(rows.values().length);
        if (rows.places().length > 0) {
            places.set(rows.places());
            values.set(rows.values());
        }
        return new Numbers(starts, places, values, rows.rows(), rows.columns());
    }

    @Override
    public SparseMatrix matrix(final SparseRows rows) {
        return new Memory(device, copy(rows), copy(rows.transposed()));
    }

    private Memory own(final SparseMatrix a) {
        device.requireOpen();
        if (a instanceof Memory m && m.device == device) {
            return m;
        }
        throw device.foreign("matrix");
    }

    @Override
    public void multiply(final SparseMatrix a, final Ints rows, final Reals w, final Rows out) {
        final Memory m = own(a);
        require("w", w, a.columns() * out.width());
        require("out", out, rows == null ? a.rows() : rows.size(), out.width());
        structs.begin();
        final long weights = structs.rows(w, out.width());
        multiply(m.byRow, rows, weights, structs.rows(out), false);
    }

    @Override
    public void multiplyTransposed(final SparseMatrix a, final Ints rows, final Rows cotangents, final Reals gradient) {
        final Memory m = own(a);
        require("cotangents", cotangents, rows == null ? a.rows() : rows.size(), cotangents.width());
        require("gradient", gradient, a.columns() * cotangents.width());
        structs.begin();
        final long from = structs.rows(cotangents);
        final long to = structs.rows(gradient, cotangents.width());
        if (rows == null) {
            multiply(m.byColumn, null, from, to, true);
            return;
        }
        try {
            bindings.check((int) bindings.sparseMultiplyTransposed.invokeExact(
                    device.context(), structs.sparse(m.byRow), structs.address(rows), rows.size(), from, to));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    private void multiply(final Numbers a, final Ints rows, final long w, final long out, final boolean isAccumulated) {
        try {
            bindings.check((int) bindings.sparseMultiply.invokeExact(
                    device.context(),
                    structs.sparse(a),
                    rows == null ? 0L : structs.address(rows),
                    rows == null ? a.rows() : rows.size(),
                    w,
                    out,
                    isAccumulated ? 1 : 0));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
