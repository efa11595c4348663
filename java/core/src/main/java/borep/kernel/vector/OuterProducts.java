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
        workers.reserveShared(2 * Gemm.MOST_DEPTH * columns);
    }

    /**
     * A part's work on outer products. While a block is multiplied the next one is packed, as the pieces that come last: they are
     * small, and a part that has finished early does more of them.
     *
     * @param depth rows of both sides
     * @param run   rows of the result that stay together: pieces are whole runs
     */
    void accumulate(final Outer outer, final int depth, final int run, final int part, final int parts) {
        final int most = Gemm.outerDepth(depth);
        final int packs = Workers.pieces(parts);
        final int products = Workers.pieces(parts, outer.factors()[0].outRows().length / FEWEST_ROWS);
        for (int k = -most; k < depth; k += most) {
            final int ownProducts = k < 0 ? 0 : products / parts;
            final int ownPacks = k + most < depth ? packs / parts : 0;
            final int own = ownProducts + ownPacks;
            final int pieces = own * parts;
            for (int piece = workers.take(part, parts, pieces); piece >= 0; piece = workers.take(part, parts, pieces)) {
                final int owner = piece / own;
                final int i = piece % own;
                if (i < ownProducts) {
                    multiply(outer, depth, k, run, owner * ownProducts + i, products, workers.workspace(part));
                } else {
                    pack(outer, depth, k + most, owner * ownPacks + i - ownProducts, packs);
                }
            }
            workers.barrier(parts);
        }
    }

    /** Depth of the block that begins at k. */
    private static int block(final int depth, final int k) {
        return Math.min(Gemm.outerDepth(depth), depth - k);
    }

    /** Where the right sides of the block that begins at k lie: one block here, the next one there. */
    private int place(final Outer outer, final int depth, final int k) {
        final int most = Gemm.outerDepth(depth);
        if (k / most % 2 == 0) {
            return 0;
        }
        int columns = 0;
        for (final Factor factor : outer.factors()) {
            columns += gemm.padded(factor.out().width);
        }
        return most * columns;
    }

    private void multiply(
            final Outer outer,
            final int depth,
            final int k,
            final int run,
            final int piece,
            final int pieces,
            final Workspace workspace) {
        final int runs = outer.factors()[0].outRows().length / run;
        final int from = runs * piece / pieces * run;
        final int to = runs * (piece + 1) / pieces * run;
        gemm.outerBlock(outer, k, block(depth, k), workers.shared(), place(outer, depth, k), from, to, workspace);
    }

    /** Whole rows, so that memory is read in order. */
    private void pack(final Outer outer, final int depth, final int k, final int piece, final int pieces) {
        final int block = block(depth, k);
        final int chunks = (block + Gemm.CHUNK - 1) / Gemm.CHUNK;
        final int from = chunks * piece / pieces * Gemm.CHUNK;
        final int to = Math.min(block, chunks * (piece + 1) / pieces * Gemm.CHUNK);
        int at = place(outer, depth, k);
        for (final Factor factor : outer.factors()) {
            final int columns = gemm.padded(factor.out().width);
            gemm.packOuterRight(factor, k, block, from, to, 0, columns / gemm.panel, workers.shared(), at);
            at += block * columns;
        }
    }
}
