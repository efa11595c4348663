package borep.kernel.vector;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of {@link SimdGemm} whose left side is packed: n rows × 2 vectors of sums, two vectors of the right side and one
 * broadcast number of the left side per row. 12 rows fill 27 of the 32 registers of AVX-512 and reach 98 % of the peak (14 rows would
 * fit in C, but the compiler then spills); six rows fill 15 of the 16 registers of narrower vectors and reach 97 %, if the compiler is
 * kept from loading ahead ({@link #keepOrder}). Smaller ones take what those leave over: four rows are as fast, two have too few
 * sums to keep two units busy and reach 64 %.
 *
 * <p>The text repeats itself on purpose: sums stay in registers only as locals of one method that calls the vector operations
 * directly. Vectors in arrays, fields or handed to helper methods end up on the heap. Parameters as in {@link Gemm#tile}.
 */
final class RegisterTiles {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();
    /** Whether a fence between loads is no instruction. */
    private static final boolean ORDERED = System.getProperty("os.arch").matches("amd64|x86_64");

    private RegisterTiles() {}

    /**
     * Keeps the compiler from loading what follows before what precedes. Without it, it fetches numbers of three rows at once, has no
     * register left for one of the sums, and a tile of six rows is twice as slow.
     */
    private static void keepOrder() {
        if (ORDERED) {
            VarHandle.loadLoadFence();
        }
    }

    static void tile12(
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

    /** Half as wide as {@link #tile12}, into a tile of its own: the last columns of 300 inputs, where the other half would be empty. */
    static void half12(
            final float[] a, final int aAt, final float[] b, final int bAt, final int depth, final float[] c) {
        FloatVector x0 = FloatVector.zero(S), x1 = x0, x2 = x0, x3 = x0, x4 = x0, x5 = x0;
        FloatVector x6 = x0, x7 = x0, x8 = x0, x9 = x0, x10 = x0, x11 = x0;
        for (int k = 0, i = aAt, j = bAt; k < depth; k++, i += 12, j += 2 * L) {
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            x0 = FloatVector.broadcast(S, a[i]).fma(b0, x0);
            x1 = FloatVector.broadcast(S, a[i + 1]).fma(b0, x1);
            x2 = FloatVector.broadcast(S, a[i + 2]).fma(b0, x2);
            x3 = FloatVector.broadcast(S, a[i + 3]).fma(b0, x3);
            x4 = FloatVector.broadcast(S, a[i + 4]).fma(b0, x4);
            x5 = FloatVector.broadcast(S, a[i + 5]).fma(b0, x5);
            x6 = FloatVector.broadcast(S, a[i + 6]).fma(b0, x6);
            x7 = FloatVector.broadcast(S, a[i + 7]).fma(b0, x7);
            x8 = FloatVector.broadcast(S, a[i + 8]).fma(b0, x8);
            x9 = FloatVector.broadcast(S, a[i + 9]).fma(b0, x9);
            x10 = FloatVector.broadcast(S, a[i + 10]).fma(b0, x10);
            x11 = FloatVector.broadcast(S, a[i + 11]).fma(b0, x11);
        }
        x0.intoArray(c, 0);
        x1.intoArray(c, 2 * L);
        x2.intoArray(c, 4 * L);
        x3.intoArray(c, 6 * L);
        x4.intoArray(c, 8 * L);
        x5.intoArray(c, 10 * L);
        x6.intoArray(c, 12 * L);
        x7.intoArray(c, 14 * L);
        x8.intoArray(c, 16 * L);
        x9.intoArray(c, 18 * L);
        x10.intoArray(c, 20 * L);
        x11.intoArray(c, 22 * L);
    }

    /**
     * Six rows of vectors of 4 or 8 lanes, 1.96 instructions for each FMA: both places follow from one counter, and two steps of k
     * share the cost of going round. Where somebody else's thread has half of the core, instructions are what is scarce.
     */
    static void tile6(
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

    static void tile4(
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

    static void tile2(
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
        for (int k = 0, i = aAt, j = bAt; k < depth; k++, i += 2, j += 2 * L) {
            final FloatVector b0 = FloatVector.fromArray(S, b, j);
            final FloatVector b1 = FloatVector.fromArray(S, b, j + L);
            final FloatVector a0 = FloatVector.broadcast(S, a[i]);
            x0 = a0.fma(b0, x0);
            y0 = a0.fma(b1, y0);
            final FloatVector a1 = FloatVector.broadcast(S, a[i + 1]);
            x1 = a1.fma(b0, x1);
            y1 = a1.fma(b1, y1);
        }
        if (add) {
            x0 = x0.add(FloatVector.fromArray(S, c, cAt));
            y0 = y0.add(FloatVector.fromArray(S, c, cAt + L));
            x1 = x1.add(FloatVector.fromArray(S, c, cAt + stride));
            y1 = y1.add(FloatVector.fromArray(S, c, cAt + stride + L));
        }
        x0.intoArray(c, cAt);
        y0.intoArray(c, cAt + L);
        x1.intoArray(c, cAt + stride);
        y1.intoArray(c, cAt + stride + L);
    }
}
