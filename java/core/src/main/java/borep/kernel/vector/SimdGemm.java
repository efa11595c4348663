package borep.kernel.vector;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tile with vectors: n rows × 2 vectors of sums, two vectors of the right side and one broadcast number
 * of the left side per row. 12 rows fill 27 of the 32 registers of AVX-512 and reach nine tenths of the peak (14 rows
 * would fit in C, but the compiler then spills). Six rows fill 15 of the 16 registers of narrower vectors and reach 97 % of the
 * peak, if the compiler is kept from loading ahead ({@link #keepOrder}); what six rows leave over takes tiles of four, which
 * reach 95 %. With fewer rows the sums only wait for each other, so there is no smaller tile. A tile whose left side lies row by
 * row instead of packed has 4 rows × 2 vectors, or 3 × 3.
 *
 * <p>The text repeats itself on purpose: sums stay in registers only as locals of one method that calls the vector
 * operations directly. Vectors in arrays, fields or handed to helper methods end up on the heap.
 */
final class SimdGemm extends Gemm {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();
    private static final boolean WIDE = L >= 16;
    /**
     * HotSpot takes a method to its last stage after 600 calls that went round a loop 15000 times in all; a real tile
     * goes round often per call, and the compiler lays out the loop for what it has seen.
     */
    private static final int WARM_UP_CALLS = 700;

    /** Deep enough for tiles that take two steps at a time, and odd: they end with a single one. */
    private static final int WARM_UP_DEPTH = 49;

    /** Whether a fence between loads is no instruction. */
    private static final boolean ORDERED = System.getProperty("os.arch").matches("amd64|x86_64");

    SimdGemm() {
        super(L, WIDE ? 12 : 6, WIDE ? 240 : 120);
        warmUp();
    }

    /**
     * Runs every tile until the compiler has taken notice, both ways of ending it. Until then a vector is an object
     * and a tile a thousand times slower, so that the first sweeps of a short run would take seconds; and a tile that
     * has only ever overwritten its results is thrown away and compiled again when it first adds to them.
     */
    private void warmUp() {
        final float[] a = new float[packedRows(tileRows) * WARM_UP_DEPTH];
        final float[] b = new float[3 * L * WARM_UP_DEPTH];
        final float[] c = new float[Math.max(9 * L, tileRows * panel)];
        for (int rows = tileRows; rows > 0; rows -= 4) {
            for (int call = 0; call < WARM_UP_CALLS; call++) {
                tile(tileFor(rows), a, 0, b, 0, WARM_UP_DEPTH, c, 0, panel, call % 2 == 0);
            }
        }
        for (int call = 0; call < WARM_UP_CALLS; call++) {
            rowTile2(a, 0, 0, 0, 0, b, 0, WARM_UP_DEPTH, c, 0, call % 2 == 0);
            rowTile3(a, 0, 0, 0, b, 0, WARM_UP_DEPTH, c, 0, call % 2 == 0);
        }
    }

    /**
     * Keeps the compiler from loading what follows before what precedes. Without it, it fetches numbers of three rows at once, has no
     * register left for one of the sums, and a tile of six rows is twice as slow.
     */
    private static void keepOrder() {
        if (ORDERED) {
            VarHandle.loadLoadFence();
        }
    }

    @Override
    int tileFor(final int rows) {
        if (rows <= 4) {
            return 4;
        }
        if (WIDE) {
            return rows <= 8 ? 8 : 12;
        }
        return rows == 7 || rows == 8 ? 4 : 6;
    }

    @Override
    void tile(
            final int rows,
            final float[] a,
            final int aAt,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final int stride,
            final boolean add) {
        switch (rows) {
            case 12 -> tile12(a, aAt, b, bAt, depth, c, cAt, stride, add);
            case 8 -> tile8(a, aAt, b, bAt, depth, c, cAt, stride, add);
            case 6 -> tile6(a, aAt, b, bAt, depth, c, cAt, stride, add);
            default -> tile4(a, aAt, b, bAt, depth, c, cAt, stride, add);
        }
    }

    @Override
    void rowTile(
            final int vectors,
            final float[] a,
            final int a0,
            final int a1,
            final int a2,
            final int a3,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final boolean add) {
        if (vectors == 2) {
            rowTile2(a, a0, a1, a2, a3, b, bAt, depth, c, cAt, add);
        } else {
            rowTile3(a, a0, a1, a2, b, bAt, depth, c, cAt, add);
        }
    }

    private static void rowTile2(
            final float[] a,
            final int a0,
            final int a1,
            final int a2,
            final int a3,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final boolean add) {
        FloatVector x0 = FloatVector.zero(S), y0 = x0;
        FloatVector x1 = x0, y1 = x0;
        FloatVector x2 = x0, y2 = x0;
        FloatVector x3 = x0, y3 = x0;
        for (int k = 0, j = bAt; k < depth; k++, j += 2 * L) {
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            final FloatVector b1 = FloatVector.fromArray(S, b, j + L);
            final FloatVector r0 = FloatVector.broadcast(S, a[a0 + k]);
            x0 = r0.fma(b0, x0);
            y0 = r0.fma(b1, y0);
            final FloatVector r1 = FloatVector.broadcast(S, a[a1 + k]);
            x1 = r1.fma(b0, x1);
            y1 = r1.fma(b1, y1);
            final FloatVector r2 = FloatVector.broadcast(S, a[a2 + k]);
            x2 = r2.fma(b0, x2);
            y2 = r2.fma(b1, y2);
            final FloatVector r3 = FloatVector.broadcast(S, a[a3 + k]);
            x3 = r3.fma(b0, x3);
            y3 = r3.fma(b1, y3);
        }
        if (add) {
            x0 = x0.add(FloatVector.fromArray(S, c, cAt));
            y0 = y0.add(FloatVector.fromArray(S, c, cAt + L));
            x1 = x1.add(FloatVector.fromArray(S, c, cAt + 2 * L));
            y1 = y1.add(FloatVector.fromArray(S, c, cAt + 3 * L));
            x2 = x2.add(FloatVector.fromArray(S, c, cAt + 4 * L));
            y2 = y2.add(FloatVector.fromArray(S, c, cAt + 5 * L));
            x3 = x3.add(FloatVector.fromArray(S, c, cAt + 6 * L));
            y3 = y3.add(FloatVector.fromArray(S, c, cAt + 7 * L));
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + L);
        x1.intoArray(c, cAt + 2 * L);
        y1.intoArray(c, cAt + 3 * L);
        x2.intoArray(c, cAt + 4 * L);
        y2.intoArray(c, cAt + 5 * L);
        x3.intoArray(c, cAt + 6 * L);
        y3.intoArray(c, cAt + 7 * L);
    }

    private static void rowTile3(
            final float[] a,
            final int a0,
            final int a1,
            final int a2,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final boolean add) {
        FloatVector x0 = FloatVector.zero(S), y0 = x0, z0 = x0;
        FloatVector x1 = x0, y1 = x0, z1 = x0;
        FloatVector x2 = x0, y2 = x0, z2 = x0;
        for (int k = 0, j = bAt; k < depth; k++, j += 3 * L) {
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            final FloatVector b1 = FloatVector.fromArray(S, b, j + L);
            final FloatVector b2 = FloatVector.fromArray(S, b, j + 2 * L);
            final FloatVector r0 = FloatVector.broadcast(S, a[a0 + k]);
            x0 = r0.fma(b0, x0);
            y0 = r0.fma(b1, y0);
            z0 = r0.fma(b2, z0);
            final FloatVector r1 = FloatVector.broadcast(S, a[a1 + k]);
            x1 = r1.fma(b0, x1);
            y1 = r1.fma(b1, y1);
            z1 = r1.fma(b2, z1);
            final FloatVector r2 = FloatVector.broadcast(S, a[a2 + k]);
            x2 = r2.fma(b0, x2);
            y2 = r2.fma(b1, y2);
            z2 = r2.fma(b2, z2);
        }
        if (add) {
            x0 = x0.add(FloatVector.fromArray(S, c, cAt));
            y0 = y0.add(FloatVector.fromArray(S, c, cAt + L));
            z0 = z0.add(FloatVector.fromArray(S, c, cAt + 2 * L));
            x1 = x1.add(FloatVector.fromArray(S, c, cAt + 3 * L));
            y1 = y1.add(FloatVector.fromArray(S, c, cAt + 4 * L));
            z1 = z1.add(FloatVector.fromArray(S, c, cAt + 5 * L));
            x2 = x2.add(FloatVector.fromArray(S, c, cAt + 6 * L));
            y2 = y2.add(FloatVector.fromArray(S, c, cAt + 7 * L));
            z2 = z2.add(FloatVector.fromArray(S, c, cAt + 8 * L));
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + L);
        z0.intoArray(c, cAt + 2 * L);
        x1.intoArray(c, cAt + 3 * L);
        y1.intoArray(c, cAt + 4 * L);
        z1.intoArray(c, cAt + 5 * L);
        x2.intoArray(c, cAt + 6 * L);
        y2.intoArray(c, cAt + 7 * L);
        z2.intoArray(c, cAt + 8 * L);
    }

    @Override
    void copyFour(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final float[] packed,
            final int to,
            final int apart) {
        for (int k = 0, s = at, p = to; k < count; k++, s += stride, p += 2 * L) {
            FloatVector.fromArray(S, source, s).intoArray(packed, p);
            FloatVector.fromArray(S, source, s + L).intoArray(packed, p + L);
            FloatVector.fromArray(S, source, s + 2 * L).intoArray(packed, p + apart);
            FloatVector.fromArray(S, source, s + 3 * L).intoArray(packed, p + apart + L);
            FloatVector.fromArray(S, source, s + 4 * L).intoArray(packed, p + 2 * apart);
            FloatVector.fromArray(S, source, s + 5 * L).intoArray(packed, p + 2 * apart + L);
            FloatVector.fromArray(S, source, s + 6 * L).intoArray(packed, p + 3 * apart);
            FloatVector.fromArray(S, source, s + 7 * L).intoArray(packed, p + 3 * apart + L);
        }
    }

    @Override
    void addPanel(final float[] tile, final int tileAt, final float[] target, final int at) {
        FloatVector.fromArray(S, target, at)
                .add(FloatVector.fromArray(S, tile, tileAt))
                .intoArray(target, at);
        FloatVector.fromArray(S, target, at + L)
                .add(FloatVector.fromArray(S, tile, tileAt + L))
                .intoArray(target, at + L);
    }

    /**
     * A run shorter than a vector is copied as a whole one: what it writes too much is overwritten by the next run or
     * lies in the packed block's spare room.
     */
    @Override
    void copyRuns(
            final float[] source,
            final int at,
            final int from,
            final int count,
            final int width,
            final float[] target,
            final int targetAt,
            final int to) {
        if (width == panel) {
            for (int run = 0, s = at, t = targetAt; run < count; run++, s += from, t += to) {
                FloatVector.fromArray(S, source, s).intoArray(target, t);
                FloatVector.fromArray(S, source, s + L).intoArray(target, t + L);
            }
        } else if (width <= L && to <= L) {
            final int vectors =
                    Math.clamp(from == 0 ? count : Math.floorDiv(source.length - L - at, from) + 1L, 0, count);
            for (int run = 0, s = at, t = targetAt; run < vectors; run++, s += from, t += to) {
                FloatVector.fromArray(S, source, s).intoArray(target, t);
            }
            super.copyRuns(
                    source, at + vectors * from, from, count - vectors, width, target, targetAt + vectors * to, to);
        } else {
            super.copyRuns(source, at, from, count, width, target, targetAt, to);
        }
    }

    /**
     * Four tiles side by side, so that whole cache lines are read, and only four places written at a time: tiles lie a power of
     * two apart, where more would push each other out of the first-level cache.
     */
    @Override
    void turnTiles(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final int tiles,
            final float[] packed,
            final int to,
            final int apart) {
        final int fours = tiles / 4;
        for (int four = 0; four < fours; four++) {
            final int from = at + four * 4 * tileRows;
            final int first = to + four * 4 * apart;
            if (WIDE) {
                turnFourWide(source, from, stride, count, packed, first, apart);
            } else {
                // the last row may end with the array, and a vector behind it
                final int fit = Math.clamp(Math.floorDiv(source.length - from - 26L, stride) + 1, 0, count);
                turnFour(source, from, stride, fit, packed, first, apart);
                super.turnTiles(source, from + fit * stride, stride, count - fit, 4, packed, first + fit * 8, apart);
            }
        }
        final int done = 4 * fours;
        super.turnTiles(source, at + done * tileRows, stride, count, tiles - done, packed, to + done * apart, apart);
    }

    /** Tiles of six rows, eight floats at a time: the last two land in slots that nobody reads. */
    private static void turnFour(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final float[] packed,
            final int to,
            final int apart) {
        for (int k = 0, s = at, p = to; k < count; k++, s += stride, p += 8) {
            for (int i = 0; i < 8; i += L) {
                FloatVector.fromArray(S, source, s + i).intoArray(packed, p + i);
                FloatVector.fromArray(S, source, s + 6 + i).intoArray(packed, p + apart + i);
                FloatVector.fromArray(S, source, s + 12 + i).intoArray(packed, p + 2 * apart + i);
                FloatVector.fromArray(S, source, s + 18 + i).intoArray(packed, p + 3 * apart + i);
            }
        }
    }

    /** Tiles of 12 rows in vectors of 16 lanes, exactly, by a mask: what lies behind belongs to the next tile. */
    private static void turnFourWide(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final float[] packed,
            final int to,
            final int apart) {
        final VectorMask<Float> tile = VectorMask.fromLong(S, (1L << 12) - 1);
        for (int k = 0, s = at, p = to; k < count; k++, s += stride, p += 12) {
            FloatVector.fromArray(S, source, s, tile).intoArray(packed, p, tile);
            FloatVector.fromArray(S, source, s + 12, tile).intoArray(packed, p + apart, tile);
            FloatVector.fromArray(S, source, s + 24, tile).intoArray(packed, p + 2 * apart, tile);
            FloatVector.fromArray(S, source, s + 36, tile).intoArray(packed, p + 3 * apart, tile);
        }
    }

    @Override
    void transpose(
            final float[] source,
            final int at,
            final int stride,
            final int rows,
            final int count,
            final float[] target,
            final int targetAt,
            final int step) {
        if (L == 8 && rows >= 8 && count >= 8) {
            // the last rows are taken together with some before them, so that they are 8 again
            for (int r = 0; r < rows; r += 8) {
                final int first = Math.min(r, rows - 8);
                SimdTranspose.eight(source, at + first * stride, stride, count, target, targetAt + first, step);
            }
        } else if (WIDE && rows >= 4 && count >= 32) {
            transposeWide(source, at, stride, rows, count, target, targetAt, step);
        } else {
            super.transpose(source, at, stride, rows, count, target, targetAt, step);
        }
    }

    /** Blocks of 16 rows, but for the last columns where columns are closer than that. */
    private void transposeWide(
            final float[] source,
            final int at,
            final int stride,
            final int rows,
            final int count,
            final float[] target,
            final int targetAt,
            final int step) {
        final int rest = (Math.max(step, L) - 1) / step;
        final int whole = count - rest;
        for (int r = 0; r < rows; r += L) {
            final int present = Math.min(L, rows - r);
            SimdTranspose.sixteen(source, at + r * stride, stride, present, whole, target, targetAt + r, step);
        }
        super.transpose(source, at + whole, stride, rows, rest, target, targetAt + whole * step, step);
    }

    private static void tile12(
            final float[] a,
            final int aAt,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final int stride,
            final boolean add) {
        FloatVector x0 = FloatVector.zero(S), y0 = x0;
        FloatVector x1 = x0, y1 = x0;
        FloatVector x2 = x0, y2 = x0;
        FloatVector x3 = x0, y3 = x0;
        FloatVector x4 = x0, y4 = x0;
        FloatVector x5 = x0, y5 = x0;
        FloatVector x6 = x0, y6 = x0;
        FloatVector x7 = x0, y7 = x0;
        FloatVector x8 = x0, y8 = x0;
        FloatVector x9 = x0, y9 = x0;
        FloatVector x10 = x0, y10 = x0;
        FloatVector x11 = x0, y11 = x0;
        for (int k = 0, i = aAt, j = bAt; k < depth; k++, i += 12, j += 2 * L) {
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            final FloatVector b1 = FloatVector.fromArray(S, b, j + L);
            final FloatVector a0 = FloatVector.broadcast(S, a[i]);
            x0 = a0.fma(b0, x0);
            y0 = a0.fma(b1, y0);
            final FloatVector a1 = FloatVector.broadcast(S, a[i + 1]);
            x1 = a1.fma(b0, x1);
            y1 = a1.fma(b1, y1);
            final FloatVector a2 = FloatVector.broadcast(S, a[i + 2]);
            x2 = a2.fma(b0, x2);
            y2 = a2.fma(b1, y2);
            final FloatVector a3 = FloatVector.broadcast(S, a[i + 3]);
            x3 = a3.fma(b0, x3);
            y3 = a3.fma(b1, y3);
            final FloatVector a4 = FloatVector.broadcast(S, a[i + 4]);
            x4 = a4.fma(b0, x4);
            y4 = a4.fma(b1, y4);
            final FloatVector a5 = FloatVector.broadcast(S, a[i + 5]);
            x5 = a5.fma(b0, x5);
            y5 = a5.fma(b1, y5);
            final FloatVector a6 = FloatVector.broadcast(S, a[i + 6]);
            x6 = a6.fma(b0, x6);
            y6 = a6.fma(b1, y6);
            final FloatVector a7 = FloatVector.broadcast(S, a[i + 7]);
            x7 = a7.fma(b0, x7);
            y7 = a7.fma(b1, y7);
            final FloatVector a8 = FloatVector.broadcast(S, a[i + 8]);
            x8 = a8.fma(b0, x8);
            y8 = a8.fma(b1, y8);
            final FloatVector a9 = FloatVector.broadcast(S, a[i + 9]);
            x9 = a9.fma(b0, x9);
            y9 = a9.fma(b1, y9);
            final FloatVector a10 = FloatVector.broadcast(S, a[i + 10]);
            x10 = a10.fma(b0, x10);
            y10 = a10.fma(b1, y10);
            final FloatVector a11 = FloatVector.broadcast(S, a[i + 11]);
            x11 = a11.fma(b0, x11);
            y11 = a11.fma(b1, y11);
        }
        if (add) {
            x0 = x0.add(FloatVector.fromArray(S, c, cAt));
            y0 = y0.add(FloatVector.fromArray(S, c, cAt + L));
            x1 = x1.add(FloatVector.fromArray(S, c, cAt + stride));
            y1 = y1.add(FloatVector.fromArray(S, c, cAt + stride + L));
            x2 = x2.add(FloatVector.fromArray(S, c, cAt + 2 * stride));
            y2 = y2.add(FloatVector.fromArray(S, c, cAt + 2 * stride + L));
            x3 = x3.add(FloatVector.fromArray(S, c, cAt + 3 * stride));
            y3 = y3.add(FloatVector.fromArray(S, c, cAt + 3 * stride + L));
            x4 = x4.add(FloatVector.fromArray(S, c, cAt + 4 * stride));
            y4 = y4.add(FloatVector.fromArray(S, c, cAt + 4 * stride + L));
            x5 = x5.add(FloatVector.fromArray(S, c, cAt + 5 * stride));
            y5 = y5.add(FloatVector.fromArray(S, c, cAt + 5 * stride + L));
            x6 = x6.add(FloatVector.fromArray(S, c, cAt + 6 * stride));
            y6 = y6.add(FloatVector.fromArray(S, c, cAt + 6 * stride + L));
            x7 = x7.add(FloatVector.fromArray(S, c, cAt + 7 * stride));
            y7 = y7.add(FloatVector.fromArray(S, c, cAt + 7 * stride + L));
            x8 = x8.add(FloatVector.fromArray(S, c, cAt + 8 * stride));
            y8 = y8.add(FloatVector.fromArray(S, c, cAt + 8 * stride + L));
            x9 = x9.add(FloatVector.fromArray(S, c, cAt + 9 * stride));
            y9 = y9.add(FloatVector.fromArray(S, c, cAt + 9 * stride + L));
            x10 = x10.add(FloatVector.fromArray(S, c, cAt + 10 * stride));
            y10 = y10.add(FloatVector.fromArray(S, c, cAt + 10 * stride + L));
            x11 = x11.add(FloatVector.fromArray(S, c, cAt + 11 * stride));
            y11 = y11.add(FloatVector.fromArray(S, c, cAt + 11 * stride + L));
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + L);
        x1.intoArray(c, cAt + stride);
        y1.intoArray(c, cAt + stride + L);
        x2.intoArray(c, cAt + 2 * stride);
        y2.intoArray(c, cAt + 2 * stride + L);
        x3.intoArray(c, cAt + 3 * stride);
        y3.intoArray(c, cAt + 3 * stride + L);
        x4.intoArray(c, cAt + 4 * stride);
        y4.intoArray(c, cAt + 4 * stride + L);
        x5.intoArray(c, cAt + 5 * stride);
        y5.intoArray(c, cAt + 5 * stride + L);
        x6.intoArray(c, cAt + 6 * stride);
        y6.intoArray(c, cAt + 6 * stride + L);
        x7.intoArray(c, cAt + 7 * stride);
        y7.intoArray(c, cAt + 7 * stride + L);
        x8.intoArray(c, cAt + 8 * stride);
        y8.intoArray(c, cAt + 8 * stride + L);
        x9.intoArray(c, cAt + 9 * stride);
        y9.intoArray(c, cAt + 9 * stride + L);
        x10.intoArray(c, cAt + 10 * stride);
        y10.intoArray(c, cAt + 10 * stride + L);
        x11.intoArray(c, cAt + 11 * stride);
        y11.intoArray(c, cAt + 11 * stride + L);
    }

    private static void tile8(
            final float[] a,
            final int aAt,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final int stride,
            final boolean add) {
        FloatVector x0 = FloatVector.zero(S), y0 = x0;
        FloatVector x1 = x0, y1 = x0;
        FloatVector x2 = x0, y2 = x0;
        FloatVector x3 = x0, y3 = x0;
        FloatVector x4 = x0, y4 = x0;
        FloatVector x5 = x0, y5 = x0;
        FloatVector x6 = x0, y6 = x0;
        FloatVector x7 = x0, y7 = x0;
        for (int k = 0, i = aAt, j = bAt; k < depth; k++, i += 8, j += 2 * L) {
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            final FloatVector b1 = FloatVector.fromArray(S, b, j + L);
            final FloatVector a0 = FloatVector.broadcast(S, a[i]);
            x0 = a0.fma(b0, x0);
            y0 = a0.fma(b1, y0);
            final FloatVector a1 = FloatVector.broadcast(S, a[i + 1]);
            x1 = a1.fma(b0, x1);
            y1 = a1.fma(b1, y1);
            final FloatVector a2 = FloatVector.broadcast(S, a[i + 2]);
            x2 = a2.fma(b0, x2);
            y2 = a2.fma(b1, y2);
            final FloatVector a3 = FloatVector.broadcast(S, a[i + 3]);
            x3 = a3.fma(b0, x3);
            y3 = a3.fma(b1, y3);
            final FloatVector a4 = FloatVector.broadcast(S, a[i + 4]);
            x4 = a4.fma(b0, x4);
            y4 = a4.fma(b1, y4);
            final FloatVector a5 = FloatVector.broadcast(S, a[i + 5]);
            x5 = a5.fma(b0, x5);
            y5 = a5.fma(b1, y5);
            final FloatVector a6 = FloatVector.broadcast(S, a[i + 6]);
            x6 = a6.fma(b0, x6);
            y6 = a6.fma(b1, y6);
            final FloatVector a7 = FloatVector.broadcast(S, a[i + 7]);
            x7 = a7.fma(b0, x7);
            y7 = a7.fma(b1, y7);
        }
        if (add) {
            x0 = x0.add(FloatVector.fromArray(S, c, cAt));
            y0 = y0.add(FloatVector.fromArray(S, c, cAt + L));
            x1 = x1.add(FloatVector.fromArray(S, c, cAt + stride));
            y1 = y1.add(FloatVector.fromArray(S, c, cAt + stride + L));
            x2 = x2.add(FloatVector.fromArray(S, c, cAt + 2 * stride));
            y2 = y2.add(FloatVector.fromArray(S, c, cAt + 2 * stride + L));
            x3 = x3.add(FloatVector.fromArray(S, c, cAt + 3 * stride));
            y3 = y3.add(FloatVector.fromArray(S, c, cAt + 3 * stride + L));
            x4 = x4.add(FloatVector.fromArray(S, c, cAt + 4 * stride));
            y4 = y4.add(FloatVector.fromArray(S, c, cAt + 4 * stride + L));
            x5 = x5.add(FloatVector.fromArray(S, c, cAt + 5 * stride));
            y5 = y5.add(FloatVector.fromArray(S, c, cAt + 5 * stride + L));
            x6 = x6.add(FloatVector.fromArray(S, c, cAt + 6 * stride));
            y6 = y6.add(FloatVector.fromArray(S, c, cAt + 6 * stride + L));
            x7 = x7.add(FloatVector.fromArray(S, c, cAt + 7 * stride));
            y7 = y7.add(FloatVector.fromArray(S, c, cAt + 7 * stride + L));
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + L);
        x1.intoArray(c, cAt + stride);
        y1.intoArray(c, cAt + stride + L);
        x2.intoArray(c, cAt + 2 * stride);
        y2.intoArray(c, cAt + 2 * stride + L);
        x3.intoArray(c, cAt + 3 * stride);
        y3.intoArray(c, cAt + 3 * stride + L);
        x4.intoArray(c, cAt + 4 * stride);
        y4.intoArray(c, cAt + 4 * stride + L);
        x5.intoArray(c, cAt + 5 * stride);
        y5.intoArray(c, cAt + 5 * stride + L);
        x6.intoArray(c, cAt + 6 * stride);
        y6.intoArray(c, cAt + 6 * stride + L);
        x7.intoArray(c, cAt + 7 * stride);
        y7.intoArray(c, cAt + 7 * stride + L);
    }

    /**
     * Six rows of vectors of 4 or 8 lanes, 1.96 instructions for each FMA: both places follow from one counter, and two steps of k
     * share the cost of going round. Where somebody else's thread has half of the core, instructions are what is scarce.
     */
    private static void tile6(
            final float[] a,
            final int aAt,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final int stride,
            final boolean add) {
        FloatVector x0 = FloatVector.zero(S), y0 = x0;
        FloatVector x1 = x0, y1 = x0;
        FloatVector x2 = x0, y2 = x0;
        FloatVector x3 = x0, y3 = x0;
        FloatVector x4 = x0, y4 = x0;
        FloatVector x5 = x0, y5 = x0;
        final int end = aAt + 8 * depth;
        final int offset = bAt - aAt * (L / 4);
        int i = aAt;
        for (; i < end - 8; i += 16) {
            final int j = i * (L / 4) + offset;
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            final FloatVector b1 = FloatVector.fromArray(S, b, j + L);
            final FloatVector a0 = FloatVector.broadcast(S, a[i]);
            x0 = a0.fma(b0, x0);
            y0 = a0.fma(b1, y0);
            keepOrder();
            final FloatVector a1 = FloatVector.broadcast(S, a[i + 1]);
            x1 = a1.fma(b0, x1);
            y1 = a1.fma(b1, y1);
            keepOrder();
            final FloatVector a2 = FloatVector.broadcast(S, a[i + 2]);
            x2 = a2.fma(b0, x2);
            y2 = a2.fma(b1, y2);
            keepOrder();
            final FloatVector a3 = FloatVector.broadcast(S, a[i + 3]);
            x3 = a3.fma(b0, x3);
            y3 = a3.fma(b1, y3);
            keepOrder();
            final FloatVector a4 = FloatVector.broadcast(S, a[i + 4]);
            x4 = a4.fma(b0, x4);
            y4 = a4.fma(b1, y4);
            keepOrder();
            final FloatVector a5 = FloatVector.broadcast(S, a[i + 5]);
            x5 = a5.fma(b0, x5);
            y5 = a5.fma(b1, y5);
            keepOrder();
            final FloatVector w0 = FloatVector.fromArray(S, b, j + 2 * L);
            final FloatVector w1 = FloatVector.fromArray(S, b, j + 3 * L);
            final FloatVector d0 = FloatVector.broadcast(S, a[i + 8]);
            x0 = d0.fma(w0, x0);
            y0 = d0.fma(w1, y0);
            keepOrder();
            final FloatVector d1 = FloatVector.broadcast(S, a[i + 9]);
            x1 = d1.fma(w0, x1);
            y1 = d1.fma(w1, y1);
            keepOrder();
            final FloatVector d2 = FloatVector.broadcast(S, a[i + 10]);
            x2 = d2.fma(w0, x2);
            y2 = d2.fma(w1, y2);
            keepOrder();
            final FloatVector d3 = FloatVector.broadcast(S, a[i + 11]);
            x3 = d3.fma(w0, x3);
            y3 = d3.fma(w1, y3);
            keepOrder();
            final FloatVector d4 = FloatVector.broadcast(S, a[i + 12]);
            x4 = d4.fma(w0, x4);
            y4 = d4.fma(w1, y4);
            keepOrder();
            final FloatVector d5 = FloatVector.broadcast(S, a[i + 13]);
            x5 = d5.fma(w0, x5);
            y5 = d5.fma(w1, y5);
        }
        if (i < end) {
            final int j = i * (L / 4) + offset;
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            final FloatVector b1 = FloatVector.fromArray(S, b, j + L);
            final FloatVector a0 = FloatVector.broadcast(S, a[i]);
            x0 = a0.fma(b0, x0);
            y0 = a0.fma(b1, y0);
            keepOrder();
            final FloatVector a1 = FloatVector.broadcast(S, a[i + 1]);
            x1 = a1.fma(b0, x1);
            y1 = a1.fma(b1, y1);
            keepOrder();
            final FloatVector a2 = FloatVector.broadcast(S, a[i + 2]);
            x2 = a2.fma(b0, x2);
            y2 = a2.fma(b1, y2);
            keepOrder();
            final FloatVector a3 = FloatVector.broadcast(S, a[i + 3]);
            x3 = a3.fma(b0, x3);
            y3 = a3.fma(b1, y3);
            keepOrder();
            final FloatVector a4 = FloatVector.broadcast(S, a[i + 4]);
            x4 = a4.fma(b0, x4);
            y4 = a4.fma(b1, y4);
            keepOrder();
            final FloatVector a5 = FloatVector.broadcast(S, a[i + 5]);
            x5 = a5.fma(b0, x5);
            y5 = a5.fma(b1, y5);
        }
        if (add) {
            x0 = x0.add(FloatVector.fromArray(S, c, cAt));
            y0 = y0.add(FloatVector.fromArray(S, c, cAt + L));
            x1 = x1.add(FloatVector.fromArray(S, c, cAt + stride));
            y1 = y1.add(FloatVector.fromArray(S, c, cAt + stride + L));
            x2 = x2.add(FloatVector.fromArray(S, c, cAt + 2 * stride));
            y2 = y2.add(FloatVector.fromArray(S, c, cAt + 2 * stride + L));
            x3 = x3.add(FloatVector.fromArray(S, c, cAt + 3 * stride));
            y3 = y3.add(FloatVector.fromArray(S, c, cAt + 3 * stride + L));
            x4 = x4.add(FloatVector.fromArray(S, c, cAt + 4 * stride));
            y4 = y4.add(FloatVector.fromArray(S, c, cAt + 4 * stride + L));
            x5 = x5.add(FloatVector.fromArray(S, c, cAt + 5 * stride));
            y5 = y5.add(FloatVector.fromArray(S, c, cAt + 5 * stride + L));
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + L);
        x1.intoArray(c, cAt + stride);
        y1.intoArray(c, cAt + stride + L);
        x2.intoArray(c, cAt + 2 * stride);
        y2.intoArray(c, cAt + 2 * stride + L);
        x3.intoArray(c, cAt + 3 * stride);
        y3.intoArray(c, cAt + 3 * stride + L);
        x4.intoArray(c, cAt + 4 * stride);
        y4.intoArray(c, cAt + 4 * stride + L);
        x5.intoArray(c, cAt + 5 * stride);
        y5.intoArray(c, cAt + 5 * stride + L);
    }

    private static void tile4(
            final float[] a,
            final int aAt,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final int stride,
            final boolean add) {
        FloatVector x0 = FloatVector.zero(S), y0 = x0;
        FloatVector x1 = x0, y1 = x0;
        FloatVector x2 = x0, y2 = x0;
        FloatVector x3 = x0, y3 = x0;
        for (int k = 0, i = aAt, j = bAt; k < depth; k++, i += 4, j += 2 * L) {
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            final FloatVector b1 = FloatVector.fromArray(S, b, j + L);
            final FloatVector a0 = FloatVector.broadcast(S, a[i]);
            x0 = a0.fma(b0, x0);
            y0 = a0.fma(b1, y0);
            final FloatVector a1 = FloatVector.broadcast(S, a[i + 1]);
            x1 = a1.fma(b0, x1);
            y1 = a1.fma(b1, y1);
            final FloatVector a2 = FloatVector.broadcast(S, a[i + 2]);
            x2 = a2.fma(b0, x2);
            y2 = a2.fma(b1, y2);
            final FloatVector a3 = FloatVector.broadcast(S, a[i + 3]);
            x3 = a3.fma(b0, x3);
            y3 = a3.fma(b1, y3);
        }
        if (add) {
            x0 = x0.add(FloatVector.fromArray(S, c, cAt));
            y0 = y0.add(FloatVector.fromArray(S, c, cAt + L));
            x1 = x1.add(FloatVector.fromArray(S, c, cAt + stride));
            y1 = y1.add(FloatVector.fromArray(S, c, cAt + stride + L));
            x2 = x2.add(FloatVector.fromArray(S, c, cAt + 2 * stride));
            y2 = y2.add(FloatVector.fromArray(S, c, cAt + 2 * stride + L));
            x3 = x3.add(FloatVector.fromArray(S, c, cAt + 3 * stride));
            y3 = y3.add(FloatVector.fromArray(S, c, cAt + 3 * stride + L));
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + L);
        x1.intoArray(c, cAt + stride);
        y1.intoArray(c, cAt + stride + L);
        x2.intoArray(c, cAt + 2 * stride);
        y2.intoArray(c, cAt + 2 * stride + L);
        x3.intoArray(c, cAt + 3 * stride);
        y3.intoArray(c, cAt + 3 * stride + L);
    }
}
