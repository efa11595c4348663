package borep.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Products with vectors: which of {@link RegisterTiles} takes how many rows, and packing by whole vectors. */
final class SimdGemm extends Gemm {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();
    private static final boolean WIDE = L >= 16;
    /**
     * Enough for HotSpot's last stage: calls and rounds of their loop make 15000, rounds alone less than the 40000 that compile a
     * loop twice.
     */
    private static final int WARM_UP_CALLS = 4000;

    /** Odd: tiles that take two steps at a time end with a single one. */
    private static final int WARM_UP_DEPTH = 3;

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
        for (int rows = tileRows; rows > 0; rows -= rows == 12 ? 6 : 2) {
            for (int call = 0; call < WARM_UP_CALLS; call++) {
                tile(tileFor(rows), a, 0, b, 0, WARM_UP_DEPTH, c, 0, panel, call % 2 == 0);
            }
        }
        for (int call = 0; call < WARM_UP_CALLS; call++) {
            RegisterRowTiles.tile2(a, 0, 0, 0, 0, b, 0, WARM_UP_DEPTH, c, 0, call % 2 == 0);
            RegisterRowTiles.tile3(a, 0, 0, 0, b, 0, WARM_UP_DEPTH, c, 0, call % 2 == 0);
            if (WIDE) {
                halfTile(a, 0, b, 0, WARM_UP_DEPTH, c);
                innerTile(b, 0, 0, 0, 0, b, 0, 0, 0, 0, WARM_UP_DEPTH * L, c, 0);
            }
        }
    }

    @Override
    int tileFor(final int rows) {
        if (WIDE && rows >= 11) {
            return 12;
        }
        if (WIDE && rows <= 2) {
            return 2;
        }
        return rows <= 4 || rows == 7 || rows == 8 ? 4 : 6;
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
            case 12 -> RegisterTiles.tile12(a, aAt, b, bAt, depth, c, cAt, stride, add);
            case 6 -> RegisterTiles.tile6(a, aAt, b, bAt, depth, c, cAt, stride, add);
            case 2 -> RegisterTiles.tile2(a, aAt, b, bAt, depth, c, cAt, stride, add);
            default -> RegisterTiles.tile4(a, aAt, b, bAt, depth, c, cAt, stride, add);
        }
    }

    @Override
    void halfTile(final float[] a, final int aAt, final float[] b, final int bAt, final int depth, final float[] c) {
        if (WIDE) {
            RegisterTiles.half12(a, aAt, b, bAt, depth, c);
        } else {
            super.halfTile(a, aAt, b, bAt, depth, c);
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
            RegisterRowTiles.tile2(a, a0, a1, a2, a3, b, bAt, depth, c, cAt, add);
        } else {
            RegisterRowTiles.tile3(a, a0, a1, a2, b, bAt, depth, c, cAt, add);
        }
    }

    @Override
    boolean hasInnerTile() {
        return WIDE;
    }

    @Override
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
        RegisterInnerTile.tile(a, a0, a1, a2, a3, b, b0, b1, b2, b3, depth, c, cAt);
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

    /**
     * Tiles of 12 rows in vectors of 16 lanes: what a vector writes too much is overwritten by the next row, and behind the last row lies
     * the next tile, so that this one takes a mask, which costs more.
     */
    private static void turnFourWide(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final float[] packed,
            final int to,
            final int apart) {
        final int last = count - 1;
        for (int k = 0, s = at, p = to; k < last; k++, s += stride, p += 12) {
            FloatVector.fromArray(S, source, s).intoArray(packed, p);
            FloatVector.fromArray(S, source, s + 12).intoArray(packed, p + apart);
            FloatVector.fromArray(S, source, s + 24).intoArray(packed, p + 2 * apart);
            FloatVector.fromArray(S, source, s + 36).intoArray(packed, p + 3 * apart);
        }
        final VectorMask<Float> tile = VectorMask.fromLong(S, (1L << 12) - 1);
        for (int t = 0; t < 4 && last >= 0; t++) {
            FloatVector.fromArray(S, source, at + last * stride + 12 * t, tile)
                    .intoArray(packed, to + last * 12 + t * apart, tile);
        }
    }

    /** Four sums of every fourth row each. Lanes behind a tile's rows add up what belongs to others, and nobody reads them. */
    @Override
    void sumTile(final float[] tile, final int at, final int slots, final int depth, final float[] sums) {
        for (int i = 0; i < slots; i += L) {
            FloatVector s0 = FloatVector.zero(S), s1 = s0, s2 = s0, s3 = s0;
            int k = 0;
            int t = at + i;
            for (; k + 4 <= depth; k += 4, t += 4 * slots) {
                s0 = s0.add(FloatVector.fromArray(S, tile, t));
                s1 = s1.add(FloatVector.fromArray(S, tile, t + slots));
                s2 = s2.add(FloatVector.fromArray(S, tile, t + 2 * slots));
                s3 = s3.add(FloatVector.fromArray(S, tile, t + 3 * slots));
            }
            for (; k < depth; k++, t += slots) {
                s0 = s0.add(FloatVector.fromArray(S, tile, t));
            }
            s0.add(s1).add(s2.add(s3)).intoArray(sums, i);
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
}
