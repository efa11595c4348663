package borep.kernel.vector;

/** Products of few rows with a matrix of weights that is read once: what {@link Gemm} would pack costs as much as it saves. */
final class FewRows {
    /** Most rows for which this pays. */
    static final int MOST = 80;
    /** Depth of a block: turned rows and their weights stay in the first-level cache. */
    private static final int DEPTH = 256;
    /** Columns of a packed block of weights: a quarter of a usual second-level cache. */
    private static final int COLUMNS = 128;
    /** Rows of weights that meet all blocks of turned rows before the next: whole tiles of 3 and of 4. */
    private static final int GROUP = 12;
    /** Rows of either side of a tile that runs along the depth. */
    private static final int INNER = 4;

    private final Gemm gemm;

    FewRows(final Gemm gemm) {
        this.gemm = gemm;
    }

    /**
     * Whether a product with rows of weights runs along the depth: where vectors of rows would be half empty, although to add up
     * lanes costs about an eighth of such a product.
     */
    private boolean runsAlongDepth(final int rows, final int depth) {
        final int whole = (rows + INNER - 1) / INNER * INNER;
        return gemm.hasInnerTile() && depth % gemm.lanes == 0 && 9 * whole < 8 * vectors(rows) * gemm.lanes;
    }

    /** Vectors that hold a number for each of {@code rows} rows, at least two: how wide a turned left side is. */
    int vectors(final int rows) {
        return Math.max(2, (rows + gemm.lanes - 1) / gemm.lanes);
    }

    /** Vectors of the block of a turned left side that begins at one of them: three first if their number is odd, else two. */
    private static int blockVectors(final int first, final int vectors) {
        return first == 0 && vectors % 2 == 1 ? 3 : 2;
    }

    /**
     * Turns columns [from, to) of a left side of few rows for {@link #multiplyTransposed}: blocks of two or three vectors of
     * rows, one after the other, each [K, its rows]; rows that are missing become 0. Nothing where that product does not need it.
     */
    void turn(final Matrix left, final int rows, final int from, final int to, final float[] turned) {
        if (runsAlongDepth(rows, left.width)) {
            return;
        }
        final int vectors = vectors(rows);
        for (int v = 0; v < vectors; v += blockVectors(v, vectors)) {
            final int width = blockVectors(v, vectors) * gemm.lanes;
            final int first = v * gemm.lanes;
            final int present = Math.clamp(rows - first, 0, width);
            final int at = first * left.width + from * width;
            if (present > 0) {
                gemm.transpose(left.values, left.row(first) + from, left.stride, present, to - from, turned, at, width);
            }
            for (int i = present; i < width; i++) {
                Gemm.clearColumn(turned, at + i, width, to - from);
            }
        }
    }

    /**
     * out[m, n] (=|+=) Σ_k left[m, k] right[rightRows[n] + k] for rows [0, {@code rows}), at most {@link #MOST}, and columns
     * [from, to) of n. The rows of the right side are read as they lie: to pack them would cost as much as the product. Number by
     * number they meet vectors of the left side's rows, or vector by vector each of these.
     *
     * @param left   [M, K]
     * @param turned the same, by {@link #turn}
     */
    void multiplyTransposed(
            final Matrix left,
            final float[] turned,
            final int rows,
            final float[] right,
            final int rightAt,
            final int[] rightRows,
            final int from,
            final int to,
            final Matrix out,
            final boolean add,
            final Workspace workspace) {
        final int depth = left.width;
        if (runsAlongDepth(rows, depth)) {
            multiplyAlongDepth(left, rows, right, rightAt, rightRows, from, to, out, add, workspace);
            return;
        }
        final int vectors = vectors(rows);
        final int columns = to - from;
        final int room = columns + 3; // the last tile may hang over
        final float[] results = workspace.right(vectors * gemm.lanes * room);
        for (int k = 0; k < depth; k += DEPTH) {
            final int part = Math.min(DEPTH, depth - k);
            for (int n = 0; n < columns; n += GROUP) {
                final int end = Math.min(n + GROUP, columns);
                for (int v = 0; v < vectors; v += blockVectors(v, vectors)) {
                    final int block = blockVectors(v, vectors);
                    final int width = block * gemm.lanes;
                    final int b = v * gemm.lanes * depth + k * width;
                    final int step = block == 3 ? 3 : 4;
                    for (int i = n; i < end; i += step) {
                        final int at = rightAt + k;
                        gemm.rowTile(
                                block,
                                right,
                                at + rightRows[from + i],
                                at + rightRows[from + Math.min(i + 1, end - 1)],
                                at + rightRows[from + Math.min(i + 2, end - 1)],
                                at + rightRows[from + Math.min(i + 3, end - 1)],
                                turned,
                                b,
                                part,
                                results,
                                v * gemm.lanes * room + i * width,
                                k > 0);
                    }
                }
            }
        }
        for (int v = 0; v < vectors; v += blockVectors(v, vectors)) {
            final int first = v * gemm.lanes;
            final int width = blockVectors(v, vectors) * gemm.lanes;
            turnBack(
                    results,
                    first * room,
                    width,
                    columns,
                    out,
                    first,
                    Math.min(rows, first + width),
                    from,
                    add,
                    workspace);
        }
    }

    /** {@link #multiplyTransposed} with tiles that run along the whole depth. */
    private void multiplyAlongDepth(
            final Matrix left,
            final int rows,
            final float[] right,
            final int rightAt,
            final int[] rightRows,
            final int from,
            final int to,
            final Matrix out,
            final boolean add,
            final Workspace workspace) {
        final float[] sums = workspace.tile;
        for (int n = from; n < to; n += INNER) {
            final int columns = Math.min(INNER, to - n);
            final int last = n + columns - 1;
            for (int m = 0; m < rows; m += INNER) {
                gemm.innerTile(
                        right,
                        rightAt + rightRows[n],
                        rightAt + rightRows[Math.min(n + 1, last)],
                        rightAt + rightRows[Math.min(n + 2, last)],
                        rightAt + rightRows[Math.min(n + 3, last)],
                        left.values,
                        left.row(m),
                        left.row(Math.min(m + 1, rows - 1)),
                        left.row(Math.min(m + 2, rows - 1)),
                        left.row(Math.min(m + 3, rows - 1)),
                        left.width,
                        sums,
                        0);
                for (int j = 0; j < Math.min(INNER, rows - m); j++) {
                    Gemm.place(sums, INNER * j, out.values, out.row(m + j) + n, columns, add);
                }
            }
        }
    }

    /** out[m, from + n] (=|+=) results[n, m] for rows [first, end) of m. */
    private void turnBack(
            final float[] results,
            final int at,
            final int width,
            final int columns,
            final Matrix out,
            final int first,
            final int end,
            final int from,
            final boolean add,
            final Workspace workspace) {
        final float[] turned = workspace.left;
        for (int n = 0; n < columns; n += Gemm.CHUNK) {
            final int count = Math.min(Gemm.CHUNK, columns - n);
            gemm.transpose(results, at + n * width, width, count, width, turned, 0, Gemm.CHUNK);
            for (int m = first; m < end; m++) {
                final int to = out.row(m) + from + n;
                Gemm.place(turned, (m - first) * Gemm.CHUNK, out.values, to, count, add);
            }
        }
    }

    /**
     * out[m, n] += Σ_k left[m, k] right[at + k · stride + n] for rows [0, {@code rows}), at most {@link #MOST}, and columns
     * [from, to), {@code from} a multiple of {@link Gemm#panel}: a block of the right side is packed and used at once, while it is in
     * the cache.
     *
     * @param left      packed by {@link Gemm#packLeft}
     * @param leftDepth depth with which it was packed
     * @param depth     K, at most {@code leftDepth}
     */
    void multiply(
            final float[] left,
            final int leftDepth,
            final int rows,
            final float[] right,
            final int at,
            final int stride,
            final int depth,
            final int from,
            final int to,
            final Matrix out,
            final Workspace workspace) {
        final float[] packed = workspace.right(DEPTH * COLUMNS);
        for (int first = from; first < to; first += COLUMNS) {
            final int end = Math.min(first + COLUMNS, to);
            for (int k = 0; k < depth; k += DEPTH) {
                final int part = Math.min(DEPTH, depth - k);
                gemm.packPanels(right, at + k * stride, stride, 0, part, first, end, part, packed, 0);
                gemm.strips(
                        workspace,
                        left,
                        0,
                        leftDepth,
                        k,
                        rows,
                        packed,
                        0,
                        part * gemm.panel,
                        part,
                        first / gemm.panel,
                        (end + gemm.panel - 1) / gemm.panel,
                        out,
                        0,
                        true);
            }
        }
    }
}
