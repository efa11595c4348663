package borep.kernel.vector;

import java.util.Arrays;

/**
 * How the sides of a product are packed for {@link Gemm}: the left side tile by tile, the right side in panels, two vectors wide.
 * {@link SimdGemm} overrides the copies and transpositions that are worth vectors; the loops here are what {@link ScalarGemm} runs.
 */
abstract class GemmPacking {
    /**
     * Rows that are packed at a time from one end to the other: each lies on a page of its own, and the processor remembers the
     * places of some dozens of pages only.
     */
    static final int CHUNK = 16;
    /** Floats of one vector. */
    final int lanes;
    /** Columns of a panel: two vectors. */
    final int panel;
    /** Rows of the largest tile. */
    final int tileRows;

    GemmPacking(final int lanes, final int tileRows) {
        this.lanes = lanes;
        this.panel = 2 * lanes;
        this.tileRows = tileRows;
    }

    /** {@code width} rounded up to whole panels. */
    final int padded(final int width) {
        return (width + panel - 1) / panel * panel;
    }

    /**
     * Rows of the tile that takes the next of {@code rows} rows: the smallest shape that holds them, or the largest.
     */
    abstract int tileFor(int rows);

    /**
     * Floats of a packed tile for each k: its rows, and two unused ones behind six, so that a place in a panel is a whole multiple of
     * the tile's and costs the loop one addition.
     */
    static int slots(final int tile) {
        return tile == 6 ? 8 : tile;
    }

    /** Floats for each k of so many packed rows, tile after tile; more rows never need fewer. */
    final int packedRows(final int rows) {
        int floats = 0;
        for (int r = 0; r < rows; r += tileFor(rows - r)) {
            floats += slots(tileFor(rows - r));
        }
        return floats;
    }

    /** Copies {@code count} runs of {@code width} floats, {@code from} apart, to places {@code to} apart. */
    void copyRuns(
            final float[] source,
            final int at,
            final int from,
            final int count,
            final int width,
            final float[] target,
            final int targetAt,
            final int to) {
        for (int run = 0; run < count; run++) {
            final int s = at + run * from;
            final int t = targetAt + run * to;
            for (int i = 0; i < width; i++) {
                target[t + i] = source[s + i];
            }
        }
    }

    /** Copies {@code count} rows of four panels to four places. */
    void copyFour(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final float[] packed,
            final int to,
            final int apart) {
        for (int p = 0; p < 4; p++) {
            copyRuns(source, at + p * panel, stride, count, panel, packed, to + p * apart, panel);
        }
    }

    /**
     * target[targetAt + k · step + r] = source[at + r · stride + k] for {@code rows} rows and {@code count} columns. What lies
     * between the rows of one column and the next column may be overwritten, but not behind a whole vector of rows.
     */
    void transpose(
            final float[] source,
            final int at,
            final int stride,
            final int rows,
            final int count,
            final float[] target,
            final int targetAt,
            final int step) {
        for (int r = 0; r < rows; r++) {
            for (int k = 0; k < count; k++) {
                target[targetAt + k * step + r] = source[at + r * stride + k];
            }
        }
    }

    /**
     * Packs {@code rows} rows of a left side, columns [fromColumn, toColumn), tile by tile.
     *
     * @param packed tile after tile, each [depth, {@link #slots}]; rows missing in the last tile become 0
     * @param to     where the first tile begins in {@code packed}
     * @param depth  depth of the packed tiles
     * @param first  depth at which {@code fromColumn} goes
     */
    final void packLeft(
            final Matrix source,
            final int fromRow,
            final int rows,
            final int fromColumn,
            final int toColumn,
            final float[] packed,
            final int to,
            final int depth,
            final int first) {
        int tileAt = to;
        for (int r = 0; r < rows; ) {
            final int tile = tileFor(rows - r);
            final int slots = slots(tile);
            final int present = Math.min(tile, rows - r);
            final int at = tileAt + first * slots;
            transpose(
                    source.values,
                    source.row(fromRow + r) + fromColumn,
                    source.stride,
                    present,
                    toColumn - fromColumn,
                    packed,
                    at,
                    slots);
            for (int i = present; i < tile; i++) {
                clearColumn(packed, at + i, slots, toColumn - fromColumn);
            }
            r += tile;
            tileAt += slots * depth;
        }
    }

    static void clearColumn(final float[] target, final int at, final int step, final int count) {
        for (int k = 0; k < count; k++) {
            target[at + k * step] = 0;
        }
    }

    /**
     * Packs rows of a weight matrix as columns: right[k, n] = source[at + rows[n] + k].
     *
     * @param rows [width] where the row for each column begins; negative: zeros
     */
    final void packTransposed(
            final float[] source,
            final int at,
            final int[] rows,
            final Panels right,
            final int fromPanel,
            final int toPanel) {
        for (int p = fromPanel; p < toPanel; p++) {
            final int base = p * panel * right.depth;
            for (int c = 0; c < panel; c += lanes) {
                packColumns(source, at, rows, p * panel + c, right.depth, right.values, base + c);
            }
        }
    }

    /** The columns of one vector. Where all are there, their rows lie evenly spaced: weights of neighbouring units. */
    private void packColumns(
            final float[] source,
            final int at,
            final int[] rows,
            final int first,
            final int depth,
            final float[] packed,
            final int packedAt) {
        final boolean whole = first + lanes <= rows.length && rows[first] >= 0 && rows[first + lanes - 1] >= 0;
        if (whole) {
            transpose(source, at + rows[first], rows[first + 1] - rows[first], lanes, depth, packed, packedAt, panel);
            return;
        }
        for (int c = 0; c < lanes; c++) {
            if (first + c < rows.length && rows[first + c] >= 0) {
                transpose(source, at + rows[first + c], 0, 1, depth, packed, packedAt + c, panel);
            } else {
                clearColumn(packed, packedAt + c, panel, depth);
            }
        }
    }

    /**
     * Packs rows of a weight matrix as rows: right[k, n] = source[at + rows[k] + n].
     *
     * @param rows  [depth] where the row for each k begins; negative: zeros
     * @param width columns of {@code source}
     */
    final void packRows(
            final float[] source,
            final int at,
            final int[] rows,
            final int width,
            final Panels right,
            final int fromPanel,
            final int toPanel) {
        for (int p = fromPanel; p < toPanel; p++) {
            final int columns = Math.max(0, Math.min(panel, width - p * panel));
            int to = p * panel * right.depth;
            for (int k = 0; k < right.depth; k++, to += panel) {
                if (rows[k] < 0) {
                    Arrays.fill(right.values, to, to + panel, 0);
                } else {
                    System.arraycopy(source, at + rows[k] + p * panel, right.values, to, columns);
                    Arrays.fill(right.values, to + columns, to + panel, 0);
                }
            }
        }
    }

    /** How many of the tiles of so many rows, the first ones, have the largest shape and all their rows. */
    private int wholeTiles(final int rows) {
        int tiles = 0;
        while (rows - tiles * tileRows >= tileRows && tileFor(rows - tiles * tileRows) == tileRows) {
            tiles++;
        }
        return tiles;
    }

    /**
     * Packs columns [fromColumn, fromColumn + columns) of {@code count} rows as the left side of an outer product: they are its rows.
     *
     * @param packed tile after tile, each [count, {@link #slots}]
     */
    final void packTurned(
            final Matrix source,
            final int fromRow,
            final int count,
            final int fromColumn,
            final int columns,
            final float[] packed) {
        final int whole = wholeTiles(columns);
        for (int k = 0; k < count; k += CHUNK) {
            turnTiles(
                    source.values,
                    source.row(fromRow + k) + fromColumn,
                    source.stride,
                    Math.min(CHUNK, count - k),
                    whole,
                    packed,
                    k * slots(tileRows),
                    count * slots(tileRows));
        }
        int at = whole * slots(tileRows) * count;
        for (int r = whole * tileRows; r < columns; ) {
            final int tile = tileFor(columns - r);
            final int present = Math.min(tile, columns - r);
            final int slots = slots(tile);
            copyRuns(
                    source.values,
                    source.row(fromRow) + fromColumn + r,
                    source.stride,
                    count,
                    present,
                    packed,
                    at,
                    slots);
            for (int i = present; i < tile; i++) {
                clearColumn(packed, at + i, slots, count);
            }
            r += tile;
            at += slots * count;
        }
    }

    /**
     * packed[to + t · apart + k · slots + i] = source[at + k · stride + t · tileRows + i] for {@code tiles} whole tiles t and
     * {@code count} rows k: a left side whose columns are the rows of the product.
     */
    void turnTiles(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final int tiles,
            final float[] packed,
            final int to,
            final int apart) {
        for (int t = 0; t < tiles; t++) {
            for (int k = 0; k < count; k++) {
                for (int i = 0; i < tileRows; i++) {
                    packed[to + t * apart + k * slots(tileRows) + i] = source[at + k * stride + t * tileRows + i];
                }
            }
        }
    }

    /**
     * Packs rows [fromRow, toRow) of a right side whose row 0 begins {@code at}, columns [from, end), like {@link Panels}.
     *
     * @param depth rows of the packed panels
     */
    final void packPanels(
            final float[] source,
            final int at,
            final int stride,
            final int fromRow,
            final int toRow,
            final int from,
            final int end,
            final int depth,
            final float[] packed,
            final int packedAt) {
        for (int k = fromRow; k < toRow; k += CHUNK) {
            final int rows = Math.min(CHUNK, toRow - k);
            final int first = at + k * stride;
            int n = from;
            for (; n + 4 * panel <= end; n += 4 * panel) {
                final int to = packedAt + (n - from) * depth + k * panel;
                copyFour(source, first + n, stride, rows, packed, to, panel * depth);
            }
            for (; n < end; n += panel) {
                final int columns = Math.min(panel, end - n);
                final int to = packedAt + (n - from) * depth + k * panel;
                copyRuns(source, first + n, stride, rows, columns, packed, to, panel);
                for (int i = columns; i < panel; i++) {
                    clearColumn(packed, to + i, panel, rows);
                }
            }
        }
    }
}
