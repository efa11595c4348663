package borep.kernel.vector;

import borep.kernel.vector.Gemm.Factor;
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

    /** Room for right sides of so many columns, whole panels. */
    void reserve(final int columns) {
        workers.reserveShared(Gemm.MOST_DEPTH * columns);
    }

    /**
     * A part's work on outer products.
     *
     * @param depth rows of both sides
     * @param run   rows of the result that stay together: pieces are whole runs
     */
    void accumulate(final Outer outer, final int depth, final int run, final int part, final int parts) {
        final Workspace workspace = workers.workspace(part);
        final int rows = outer.factors()[0].outRows().length;
        final int runs = rows / run;
        final int pieces = Workers.pieces(parts, rows / FEWEST_ROWS);
        final int most = Gemm.outerDepth(depth);
        for (int k = 0; k < depth; k += most) {
            final int block = Math.min(most, depth - k);
            final int chunks = (block + Gemm.CHUNK - 1) / Gemm.CHUNK;
            for (int piece = workers.take(part, parts, pieces); piece >= 0; piece = workers.take(part, parts, pieces)) {
                final int from = chunks * piece / pieces * Gemm.CHUNK;
                final int to = Math.min(block, chunks * (piece + 1) / pieces * Gemm.CHUNK);
                packRight(outer, k, block, from, to);
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

    /** Rows [from, to) of a block of the right sides: whole rows, so that memory is read in order. */
    private void packRight(final Outer outer, final int k, final int block, final int from, final int to) {
        int at = 0;
        for (final Factor factor : outer.factors()) {
            final int columns = gemm.padded(factor.out().width);
            gemm.packOuterRight(factor, k, block, from, to, 0, columns / gemm.panel, workers.shared(), at);
            at += block * columns;
        }
    }
}
