package borep.kernel.vector;

import java.util.Arrays;

/**
 * Matrix products in the order that keeps the floating-point units busy: blocks of the left side packed tile by tile,
 * the right side in {@link Panels}, and a register tile of {@code tileRows} × {@code panel} results in the middle.
 * This class holds the order, {@link GemmPacking} the layout of packed sides; the twins {@link SimdGemm} and {@link ScalarGemm}
 * hold the tile.
 *
 * <p>Every result adds its terms in the order of the depth, one block after another ({@link #DEPTH},
 * {@link #outerDepth}), whatever part of the product is asked for: a split of rows or panels over threads changes no bit.
 */
abstract class Gemm extends GemmPacking {
    /** Depth of a block: a panel of 512 × 32 floats and a tile's left side stay in the second-level cache. */
    static final int DEPTH = 512;
    /** Depth of the largest block of an outer product, whose blocks are equally deep: a short last one costs as much as it does. */
    static final int MOST_DEPTH = DEPTH + DEPTH / 2;
    /** Floats of a packed right side that a tile's rows meet at a time: a fourth of a megabyte, so that they stay in a second-level cache. */
    private static final int RUN_FLOATS = 1 << 16;
    /** Rows of a packed block of the left side, whole tiles: with a panel it takes about half of a second-level cache. */
    final int blockRows;

    Gemm(final int lanes, final int tileRows, final int blockRows) {
        super(lanes, tileRows);
        this.blockRows = blockRows;
    }

    /**
     * out[m, n] (=|+=) Σ_k left[m, k] right[k, n].
     *
     * @param left  [M, K]
     * @param right [K, N] packed
     * @param out   [M, N]; panels may hang over its width
     * @param add   whether to add to what is there
     */
    record Product(Matrix left, Panels right, Matrix out, boolean add) {}

    /**
     * out[outRows[m], n] += Σ_k left[k, m] right[k, n] for each of the factors: a left side is packed once for all of them.
     *
     * @param left [K, M]
     * @param sums written [M] Σ_k left[k, m]; null: not wanted
     */
    record Outer(Matrix left, float[] sums, Factor... factors) {
        Outer(final Matrix left, final Factor... factors) {
            this(left, null, factors);
        }
    }

    /**
     * One right side of outer products and where they go.
     *
     * @param right   [K, N]
     * @param out     [·, N]
     * @param outRows [M] where row m begins in {@code out.values}, relative to {@code out.at}; negative: not wanted
     */
    record Factor(Matrix right, Matrix out, int[] outRows) {}

    /**
     * One register tile: c[i, :] (=|+=) Σ_k a[i, k] b[k, :] for {@code rows} rows (a value of {@link #tileFor}) and
     * one panel.
     *
     * @param a     left side, the rows of each k next to each other, {@link #slots} apart
     * @param b     right side, one panel
     * @param c     result
     * @param add   whether to add to what is there
     */
    abstract void tile(
            int rows, float[] a, int aAt, float[] b, int bAt, int depth, float[] c, int cAt, int stride, boolean add);

    /**
     * c[i, :] = Σ_k a[i, k] b[k, :] for the first vector of a panel and {@link #tileRows} rows, a panel apart: what hangs over an edge
     * by half a panel or more.
     */
    void halfTile(final float[] a, final int aAt, final float[] b, final int bAt, final int depth, final float[] c) {
        tile(tileRows, a, aAt, b, bAt, depth, c, 0, panel, false);
    }

    /**
     * One register tile whose left side is not packed: c[i, :] (=|+=) Σ_k a[i, k] b[k, :] for 4 rows and 2 vectors, or for 3 rows
     * and 3 vectors.
     *
     * @param vectors 2 or 3
     * @param a       left side; row i begins at {@code ai} (a3: with 2 vectors only)
     * @param b       right side, so many vectors for each k
     * @param c       result, as wide
     * @param add     whether to add to what is there
     */
    abstract void rowTile(
            int vectors,
            float[] a,
            int a0,
            int a1,
            int a2,
            int a3,
            float[] b,
            int bAt,
            int depth,
            float[] c,
            int cAt,
            boolean add);

    /** Whether {@link #innerTile} is there. */
    boolean hasInnerTile() {
        return false;
    }

    /**
     * One register tile that runs along the depth, whose rows all lie as they are: c[4 j + i] = Σ_k a[ai + k] b[bj + k] for four
     * rows i and four rows j, their terms always added in the same order.
     *
     * @param depth K, whole vectors
     * @param c     16 sums from {@code cAt} on
     */
    void innerTile(
            final float[] a,
            final int a0,
            final int a1,
            final int a2,
            final int a3,
            final float[] b,
            final int b0,
            final int b1,
            final int b2,
            final int b3,
            final int depth,
            final float[] c,
            final int cAt) {
        throw new UnsupportedOperationException();
    }

    /** target[at + i] += tile[tileAt + i]: one row of a tile, a whole panel wide. */
    abstract void addPanel(float[] tile, int tileAt, float[] target, int at);

    /** Depth of each block of an outer product so deep. */
    static int outerDepth(final int depth) {
        final int blocks = Math.max(1, (depth + DEPTH / 2) / DEPTH);
        return (depth + blocks - 1) / blocks;
    }

    /** First of the rows of a piece of a product; pieces are whole tiles. */
    final int firstRow(final int rows, final int piece, final int pieces) {
        final int tiles = (rows + tileRows - 1) / tileRows;
        return Math.min(rows, tiles * piece / pieces * tileRows);
    }

    /** Rows of each packed block of so many rows: whole tiles, about equally many, so that no block is a small rest. */
    private int evenBlock(final int rows, final int depth) {
        final int most = depth <= DEPTH ? blockRows : blockRows * DEPTH / depth / tileRows * tileRows;
        final int blocks = Math.max(1, (rows + most - 1) / most);
        final int tiles = (rows + tileRows - 1) / tileRows;
        return Math.max(1, (tiles + blocks - 1) / blocks) * tileRows;
    }

    /** Rows [fromRow, toRow) and panels [fromPanel, toPanel) of a product. */
    final void multiply(
            final Product product,
            final int fromRow,
            final int toRow,
            final int fromPanel,
            final int toPanel,
            final Workspace workspace) {
        final int depth = product.right.depth;
        final int block = evenBlock(toRow - fromRow, DEPTH);
        for (int k = 0; k < depth; k += DEPTH) {
            final int part = Math.min(DEPTH, depth - k);
            for (int row = fromRow; row < toRow; row += block) {
                final int rows = Math.min(block, toRow - row);
                packLeft(product.left, row, rows, k, k + part, workspace.left, 0, part, 0);
                strips(
                        workspace,
                        workspace.left,
                        0,
                        part,
                        0,
                        rows,
                        product.right.values,
                        product.right.at(fromPanel, k),
                        depth * panel,
                        part,
                        fromPanel,
                        toPanel,
                        product.out,
                        row,
                        product.add || k > 0);
            }
        }
    }

    /**
     * out[outRow + m, n] (=|+=) Σ_k left[m, k] right[k, n] for all of the left side, packed whole, and some panels.
     *
     * @param left packed by {@link #packLeft} with the depth of {@code right}
     * @param at   where the first tile begins in {@code left}
     * @param rows M
     */
    final void multiplyPacked(
            final float[] left,
            final int at,
            final int rows,
            final Panels right,
            final int fromPanel,
            final int toPanel,
            final Matrix out,
            final int outRow,
            final boolean add,
            final Workspace workspace) {
        for (int k = 0; k < right.depth; k += DEPTH) {
            final int part = Math.min(DEPTH, right.depth - k);
            strips(
                    workspace,
                    left,
                    at,
                    right.depth,
                    k,
                    rows,
                    right.values,
                    right.at(fromPanel, k),
                    right.depth * panel,
                    part,
                    fromPanel,
                    toPanel,
                    out,
                    outRow,
                    add || k > 0);
        }
    }

    /**
     * Panels [fromPanel, toPanel) of results. Tiles lie side by side before they lie below one another: results that left the cache
     * come back in order, a line ahead of the tile that adds to them.
     *
     * @param left       packed
     * @param leftAt     where its first tile begins
     * @param leftDepth  depth with which it was packed
     * @param leftFirst  where in that depth to begin
     * @param right      packed; the first panel begins at {@code rightAt}, the next ones {@code panelStride} apart
     */
    final void strips(
            final Workspace workspace,
            final float[] left,
            final int leftAt,
            final int leftDepth,
            final int leftFirst,
            final int rows,
            final float[] right,
            final int rightAt,
            final int panelStride,
            final int depth,
            final int fromPanel,
            final int toPanel,
            final Matrix out,
            final int outRow,
            final boolean add) {
        final int run = panelsAtATime(depth);
        for (int from = fromPanel; from < toPanel; from += run) {
            final int end = Math.min(toPanel, from + run);
            int tileAt = leftAt;
            for (int r = 0; r < rows; ) {
                final int tile = tileFor(rows - r);
                final int a = tileAt + leftFirst * slots(tile);
                for (int p = from; p < end; p++) {
                    final int b = rightAt + (p - fromPanel) * panelStride;
                    productTile(workspace, left, a, right, b, tile, rows - r, depth, out, outRow + r, p, add);
                }
                r += tile;
                tileAt += slots(tile) * leftDepth;
            }
        }
    }

    /** Panels of a right side that every tile of rows meets before the next ones. */
    private int panelsAtATime(final int depth) {
        return Math.max(1, RUN_FLOATS / (Math.max(1, depth) * panel));
    }

    /** One tile of panel p, rows [m, m + {@code present}) at most: straight into place if it fits. */
    private void productTile(
            final Workspace workspace,
            final float[] left,
            final int leftAt,
            final float[] right,
            final int rightAt,
            final int tile,
            final int present,
            final int depth,
            final Matrix out,
            final int m,
            final int p,
            final boolean add) {
        final int columns = Math.min(panel, out.width - p * panel);
        final int c = out.row(m) + p * panel;
        if (columns == panel && tile <= present) {
            tile(tile, left, leftAt, right, rightAt, depth, out.values, c, out.stride, add);
            return;
        }
        tile(tile, left, leftAt, right, rightAt, depth, workspace.tile, 0, panel, false);
        for (int i = 0; i < Math.min(tile, present); i++) {
            place(workspace.tile, i * panel, out.values, c + i * out.stride, columns, add);
        }
    }

    /**
     * Packs rows [fromRow, toRow) and some panels of the right side of an outer product for {@link #outerBlock}, of a block of
     * {@code depth} rows from row k on.
     *
     * @param packed the block from {@code to} on: [depth · padded width of the result]
     */
    final void packOuterRight(
            final Factor factor,
            final int k,
            final int depth,
            final int fromRow,
            final int toRow,
            final int fromPanel,
            final int toPanel,
            final float[] packed,
            final int to) {
        final Matrix right = factor.right;
        final int from = fromPanel * panel;
        final int end = Math.min(toPanel * panel, factor.out.width);
        packPanels(
                right.values, right.row(k), right.stride, fromRow, toRow, from, end, depth, packed, to + from * depth);
    }

    /**
     * Rows [from, to) of outer products over the depth rows [k, k + depth).
     *
     * @param right the right sides, packed one after the other from {@code at} on
     */
    final void outerBlock(
            final Outer outer,
            final int k,
            final int depth,
            final float[] right,
            final int at,
            final int from,
            final int to,
            final Workspace workspace) {
        final int block = evenBlock(to - from, depth);
        for (int m = from; m < to; m += block) {
            final int rows = Math.min(block, to - m);
            packTurned(outer.left, k, depth, m, rows, workspace.left);
            if (outer.sums != null) {
                sumColumns(workspace, depth, rows, outer.sums, m, k > 0);
            }
            int rightAt = at;
            for (final Factor factor : outer.factors) {
                outerRows(factor, depth, right, rightAt, m, rows, workspace);
                rightAt += depth * padded(factor.out.width);
            }
        }
    }

    /** sums[m + r] (=|+=) Σ_k of the rows r of a packed left side, while it is in the cache. */
    private void sumColumns(
            final Workspace workspace,
            final int depth,
            final int rows,
            final float[] sums,
            final int m,
            final boolean add) {
        int at = 0;
        for (int r = 0; r < rows; ) {
            final int tile = tileFor(rows - r);
            sumTile(workspace.left, at, slots(tile), depth, workspace.tile);
            place(workspace.tile, 0, sums, m + r, Math.min(tile, rows - r), add);
            r += tile;
            at += slots(tile) * depth;
        }
    }

    /** sums[i] = Σ_k tile[at + k · slots + i] of one packed tile; up to a vector behind them may be overwritten. */
    void sumTile(final float[] tile, final int at, final int slots, final int depth, final float[] sums) {
        Arrays.fill(sums, 0, slots, 0);
        for (int k = 0; k < depth; k++) {
            for (int i = 0; i < slots; i++) {
                sums[i] += tile[at + k * slots + i];
            }
        }
    }

    /** Rows [m, m + rows), whose left side is packed: panel after panel, and under each all tiles. */
    private void outerRows(
            final Factor factor,
            final int depth,
            final float[] right,
            final int rightAt,
            final int m,
            final int rows,
            final Workspace workspace) {
        final int width = factor.out.width;
        final int run = panelsAtATime(depth) * panel;
        for (int n = 0; n < width; n += run) {
            final int end = Math.min(n + run, width);
            int left = 0;
            for (int r = 0; r < rows; ) {
                final int tile = tileFor(rows - r);
                final int present = Math.min(tile, rows - r);
                for (int c = n; c < end; c += panel) {
                    final int columns = Math.min(panel, width - c);
                    final int b = rightAt + c * depth;
                    outerTile(factor, workspace, left, right, b, tile, present, depth, m + r, c, columns);
                }
                r += tile;
                left += slots(tile) * depth;
            }
        }
    }

    /** One tile of an outer product, rows [m, m + {@code present}), packed at {@code left}: straight into place if it fits. */
    private void outerTile(
            final Factor factor,
            final Workspace workspace,
            final int left,
            final float[] right,
            final int rightAt,
            final int tile,
            final int present,
            final int depth,
            final int m,
            final int n,
            final int columns) {
        final Matrix out = factor.out;
        final int[] outRows = factor.outRows;
        if (present == tile && columns == panel && areEven(outRows, m, tile)) {
            final int c = out.at + outRows[m] + n;
            final int step = outRows[m + 1] - outRows[m];
            tile(tile, workspace.left, left, right, rightAt, depth, out.values, c, step, true);
            return;
        }
        if (columns <= lanes && tile == tileRows) {
            halfTile(workspace.left, left, right, rightAt, depth, workspace.tile);
        } else {
            tile(tile, workspace.left, left, right, rightAt, depth, workspace.tile, 0, panel, false);
        }
        for (int i = 0; i < present; i++) {
            final int outRow = outRows[m + i];
            if (outRow >= 0 && columns == panel) {
                addPanel(workspace.tile, i * panel, out.values, out.at + outRow + n);
            } else if (outRow >= 0) {
                place(workspace.tile, i * panel, out.values, out.at + outRow + n, columns, true);
            }
        }
    }

    /** Whether rows [first, first + {@code count}) are all wanted and lie evenly apart. */
    private static boolean areEven(final int[] outRows, final int first, final int count) {
        boolean even = outRows[first] >= 0;
        for (int i = 2; i < count; i++) {
            even &= outRows[first + i] - outRows[first + i - 1] == outRows[first + 1] - outRows[first];
        }
        return even && outRows[first + count - 1] >= 0;
    }

    static void place(
            final float[] tile,
            final int tileAt,
            final float[] out,
            final int at,
            final int columns,
            final boolean add) {
        if (add) {
            for (int i = 0; i < columns; i++) {
                out[at + i] += tile[tileAt + i];
            }
        } else {
            for (int i = 0; i < columns; i++) {
                out[at + i] = tile[tileAt + i];
            }
        }
    }
}
