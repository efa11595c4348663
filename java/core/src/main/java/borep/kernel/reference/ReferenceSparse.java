package borep.kernel.reference;

import static borep.kernel.reference.Access.add;
import static borep.kernel.reference.Access.get;
import static borep.kernel.reference.Access.require;
import static borep.kernel.reference.Access.set;

import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Rows;
import borep.kernel.Sparse;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;

/**
 * {@link Sparse} number by number:
 *
 * <pre>
 * multiply             out[b, o]  = Σ_k values[k] W[places[k], o]        over the numbers k of row rows_b
 * multiply transposed  G[places[k], o] += values[k] cotangents[b, o]     for b = 0, 1, … and the numbers k of row rows_b
 * </pre>
 */
final class ReferenceSparse implements Sparse {
    private record Memory(SparseRows a) implements SparseMatrix {
        @Override
        public int rows() {
            return a.rows();
        }

        @Override
        public int columns() {
            return a.columns();
        }
    }

    @Override
    public SparseMatrix matrix(final SparseRows rows) {
        return new Memory(rows);
    }

    @Override
    public void multiply(final SparseMatrix matrix, final Ints rows, final Reals w, final Rows out) {
        final SparseRows a = ((Memory) matrix).a;
        final int batch = rows == null ? a.rows() : rows.size();
        final int outputs = out.width();
        require("w", w, a.columns() * outputs);
        require("out", out, batch, outputs);
        for (int b = 0; b < batch; b++) {
            final int row = row(a, rows, b);
            for (int o = 0; o < outputs; o++) {
                double sum = 0;
                for (int k = a.starts()[row]; k < a.starts()[row + 1]; k++) {
                    sum += a.values()[k] * get(w, a.places()[k] * outputs + o);
                }
                set(out, b, o, sum);
            }
        }
    }

    @Override
    public void multiplyTransposed(
            final SparseMatrix matrix, final Ints rows, final Rows cotangents, final Reals gradient) {
        final SparseRows a = ((Memory) matrix).a;
        final int batch = rows == null ? a.rows() : rows.size();
        final int outputs = cotangents.width();
        require("cotangents", cotangents, batch, outputs);
        require("gradient", gradient, a.columns() * outputs);
        for (int b = 0; b < batch; b++) {
            final int row = row(a, rows, b);
            for (int k = a.starts()[row]; k < a.starts()[row + 1]; k++) {
                for (int o = 0; o < outputs; o++) {
                    add(gradient, a.places()[k] * outputs + o, a.values()[k] * get(cotangents, b, o));
                }
            }
        }
    }

    /** The row of A at place b of a batch: that of {@code rows}, or b itself. */
    private static int row(final SparseRows a, final Ints rows, final int b) {
        final int row = rows == null ? b : get(rows, b);
        if (row < 0 || row >= a.rows()) {
            throw new IllegalArgumentException("row " + row + " at place " + b + ": must be in [0, " + a.rows() + ")");
        }
        return row;
    }
}
