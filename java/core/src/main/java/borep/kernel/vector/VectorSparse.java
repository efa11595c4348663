package borep.kernel.vector;

import borep.device.HostFloats;
import borep.device.HostInts;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Rows;
import borep.kernel.Sparse;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;

/**
 * Sparse products row by row, the rows shared among the cores. A is kept column by column too: the transposed product over all
 * rows is then a product like the other, with one core for each row of the result. Over a batch it adds row after row to the
 * result, on one core: a batch has few numbers.
 */
final class VectorSparse implements Sparse {
    /** Multiplications for which another core is worth the hand-off. */
    private static final long GRAIN = 16_384;

    private final Combinations combinations;
    private final Workers workers;
    private final Product product = new Product();
    private final Matrix from = new Matrix();
    private final Matrix to = new Matrix();

    VectorSparse(final Lanes lanes, final Workers workers) {
        combinations = lanes.combinations();
        this.workers = workers;
    }

    private static final class Memory implements SparseMatrix {
        private final SparseRows a;
        private final SparseRows transposed;

        Memory(final SparseRows a) {
            this.a = a;
            transposed = a.transposed();
        }

        @Override
        public int rows() {
            return a.rows();
        }

        @Override
        public int columns() {
            return a.columns();
        }
    }

    /** Rows of a product, each the combination that a row of the sparse matrix says. */
    private final class Product implements Workers.Part {
        private SparseRows a;
        private Ints rows;
        private int count;
        private boolean isAdded;

        private void run(final SparseRows matrix, final Ints chosen, final boolean added) {
            a = matrix;
            rows = chosen;
            count = chosen == null ? matrix.rows() : chosen.size();
            isAdded = added;
            final long numbers = (long) a.places().length * count / Math.max(1, a.rows());
            workers.run(this, Math.min(Math.max(1, count), workers.partsFor(numbers * from.width, GRAIN)));
        }

        @Override
        public void run(final int part, final int parts) {
            final int end = (int) ((long) count * (part + 1) / parts);
            for (int b = (int) ((long) count * part / parts); b < end; b++) {
                combinations.gather(a, row(a, rows, b), from, to.values, to.row(b), isAdded);
            }
        }
    }

    @Override
    public SparseMatrix matrix(final SparseRows rows) {
        return new Memory(rows);
    }

    @Override
    public void multiply(final SparseMatrix matrix, final Ints rows, final Reals w, final Rows out) {
        final SparseRows a = ((Memory) matrix).a;
        Shapes.exactly("w", w, a.columns() * out.width());
        Shapes.rows("out", out, rows == null ? a.rows() : rows.size(), out.width());
        from.show(HostFloats.array(w), HostFloats.offset(w), out.width());
        to.show(out);
        product.run(a, rows, false);
    }

    @Override
    public void multiplyTransposed(
            final SparseMatrix matrix, final Ints rows, final Rows cotangents, final Reals gradient) {
        final Memory memory = (Memory) matrix;
        final int batch = rows == null ? memory.rows() : rows.size();
        Shapes.rows("cotangents", cotangents, batch, cotangents.width());
        Shapes.exactly("gradient", gradient, memory.columns() * cotangents.width());
        from.show(cotangents);
        to.show(HostFloats.array(gradient), HostFloats.offset(gradient), cotangents.width());
        if (rows == null) {
            product.run(memory.transposed, null, true);
            return;
        }
        for (int b = 0; b < batch; b++) {
            combinations.scatter(memory.a, row(memory.a, rows, b), from.values, from.row(b), to);
        }
    }

    private static int row(final SparseRows a, final Ints rows, final int b) {
        final int row = rows == null ? b : HostInts.array(rows)[HostInts.offset(rows) + b];
        if (row < 0 || row >= a.rows()) {
            throw new IllegalArgumentException("row " + row + " at place " + b + ": must be in [0, " + a.rows() + ")");
        }
        return row;
    }
}
