package borep.kernel.vector;

import borep.kernel.vector.Gemm.Outer;

/** Outer products over many rows, whose right side the parts of a job pack together, block by block of the depth. */
final class OuterProducts {
    /** Rows of the result for which it is worth to read the right side again. */
    private static final int FEWEST_ROWS = 64;

    private final Gemm gemm;
    private final Workers workers;

    OuterProducts(final Gemm gemm, final Workers workers) {
        this.gemm = gemm;
        this.workers = workers;
    }

    /** Room for right sides of so many columns. */
    void reserve(final int columns) {
        workers.reserveShared(Gemm.DEPTH * gemm.padded(columns));
    }

    /**
     * A part's work on an outer product.
     *
     * @param depth rows of both sides
     * @param run   rows of the result that stay together: pieces are whole runs
     */
    void accumulate(final Outer outer, final int depth, final int run, final int part, final int parts) {
        final Workspace workspace = workers.workspace(part);
        final int panels = gemm.padded(outer.out().width) / gemm.panel;
        final int runs = outer.outRows().length / run;
        final int pieces = Workers.pieces(parts, outer.outRows().length / FEWEST_ROWS);
        for (int k = 0; k < depth; k += Gemm.DEPTH) {
            final int block = Math.min(Gemm.DEPTH, depth - k);
            for (int piece = workers.take(part, parts, pieces); piece >= 0; piece = workers.take(part, parts, pieces)) {
                final int from = panels * piece / pieces;
                gemm.packOuterRight(outer, k, block, from, panels * (piece + 1) / pieces, workers.shared());
            }
            workers.barrier(parts);
            for (int piece = workers.take(part, parts, pieces); piece >= 0; piece = workers.take(part, parts, pieces)) {
                final int from = runs * piece / pieces * run;
                final int to = runs * (piece + 1) / pieces * run;
                gemm.outerBlock(outer, k, block, workers.shared(), from, to, workspace);
            }
            workers.barrier(parts);
        }
    }
}
