package borep.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes as many rows of floats as a vector has lanes, in registers: weights come as rows of inputs, tiles want rows of
 * outputs. Each round exchanges parts of two rows: groups of 8 lanes (where there are 16), of 4, of 2, single lanes. All vectors are
 * of {@link Species#FLOATS}: a second shape would pollute the type profiles inside the Vector API, and the compiler would
 * then, in some runs, guess the wrong one in the tiles of {@link SimdGemm} and lose half of their speed.
 */
final class SimdTranspose {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();

    /** Exchange of neighbouring groups of 8, 4, 2 lanes and of lanes, and which are the second of each two. */
    static final VectorShuffle<Float> OCTETS = exchange(8 % L);

    static final VectorShuffle<Float> HALVES = exchange(4);
    static final VectorShuffle<Float> QUARTERS = exchange(2);
    static final VectorShuffle<Float> LANES = exchange(1);
    static final VectorMask<Float> HIGH_OCTETS = high(8);
    static final VectorMask<Float> HIGH_HALVES = high(4);
    static final VectorMask<Float> HIGH_QUARTERS = high(2);
    static final VectorMask<Float> HIGH_LANES = high(1);

    private SimdTranspose() {}

    /** Exchanges neighbouring groups of {@code size} lanes. */
    private static VectorShuffle<Float> exchange(final int size) {
        return VectorShuffle.fromOp(S, lane -> lane ^ size);
    }

    /** The second of each two neighbouring groups of {@code size} lanes. */
    private static VectorMask<Float> high(final int size) {
        long lanes = 0;
        for (int lane = 0; lane < L; lane++) {
            lanes |= (lane & size) != 0 ? 1L << lane : 0;
        }
        return VectorMask.fromLong(S, lanes);
    }

    /**
     * target[targetAt + k · step + r] = source[at + r · stride + k] for 8 rows, with vectors of 8 lanes.
     *
     * @param count columns, at least 8; the last ones are taken together with some before them
     */
    static void eight(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final float[] target,
            final int targetAt,
            final int step) {
        for (int next = 0; next < count; next += L) {
            final int k = Math.min(next, count - L);
            final int from = at + k;
            final int to = targetAt + k * step;
            final FloatVector a0 = FloatVector.fromArray(S, source, from);
            final FloatVector a1 = FloatVector.fromArray(S, source, from + stride);
            final FloatVector a2 = FloatVector.fromArray(S, source, from + 2 * stride);
            final FloatVector a3 = FloatVector.fromArray(S, source, from + 3 * stride);
            final FloatVector a4 = FloatVector.fromArray(S, source, from + 4 * stride);
            final FloatVector a5 = FloatVector.fromArray(S, source, from + 5 * stride);
            final FloatVector a6 = FloatVector.fromArray(S, source, from + 6 * stride);
            final FloatVector a7 = FloatVector.fromArray(S, source, from + 7 * stride);
            final FloatVector b0 = a0.blend(a4.rearrange(HALVES), HIGH_HALVES);
            final FloatVector b1 = a1.blend(a5.rearrange(HALVES), HIGH_HALVES);
            final FloatVector b2 = a2.blend(a6.rearrange(HALVES), HIGH_HALVES);
            final FloatVector b3 = a3.blend(a7.rearrange(HALVES), HIGH_HALVES);
            final FloatVector b4 = a0.rearrange(HALVES).blend(a4, HIGH_HALVES);
            final FloatVector b5 = a1.rearrange(HALVES).blend(a5, HIGH_HALVES);
            final FloatVector b6 = a2.rearrange(HALVES).blend(a6, HIGH_HALVES);
            final FloatVector b7 = a3.rearrange(HALVES).blend(a7, HIGH_HALVES);
            final FloatVector c0 = b0.blend(b2.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector c1 = b1.blend(b3.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector c2 = b0.rearrange(QUARTERS).blend(b2, HIGH_QUARTERS);
            final FloatVector c3 = b1.rearrange(QUARTERS).blend(b3, HIGH_QUARTERS);
            final FloatVector c4 = b4.blend(b6.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector c5 = b5.blend(b7.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector c6 = b4.rearrange(QUARTERS).blend(b6, HIGH_QUARTERS);
            final FloatVector c7 = b5.rearrange(QUARTERS).blend(b7, HIGH_QUARTERS);
            final FloatVector d0 = c0.blend(c1.rearrange(LANES), HIGH_LANES);
            final FloatVector d1 = c0.rearrange(LANES).blend(c1, HIGH_LANES);
            final FloatVector d2 = c2.blend(c3.rearrange(LANES), HIGH_LANES);
            final FloatVector d3 = c2.rearrange(LANES).blend(c3, HIGH_LANES);
            final FloatVector d4 = c4.blend(c5.rearrange(LANES), HIGH_LANES);
            final FloatVector d5 = c4.rearrange(LANES).blend(c5, HIGH_LANES);
            final FloatVector d6 = c6.blend(c7.rearrange(LANES), HIGH_LANES);
            final FloatVector d7 = c6.rearrange(LANES).blend(c7, HIGH_LANES);
            d0.intoArray(target, to);
            d1.intoArray(target, to + step);
            d2.intoArray(target, to + 2 * step);
            d3.intoArray(target, to + 3 * step);
            d4.intoArray(target, to + 4 * step);
            d5.intoArray(target, to + 5 * step);
            d6.intoArray(target, to + 6 * step);
            d7.intoArray(target, to + 7 * step);
        }
    }

    /**
     * target[targetAt + k · step + r] = source[at + r · stride + k] for 1 to 16 rows, with vectors of 16 lanes. All 16 floats of a
     * column are written: those behind its rows mean nothing, and where columns are less than 16 apart they are the next one's,
     * which come later; so the last columns, if any, are left to the caller.
     *
     * @param count columns, at least 16; the last ones are taken together with some before them
     */
    static void sixteen(
            final float[] source,
            final int at,
            final int stride,
            final int rows,
            final int count,
            final float[] target,
            final int targetAt,
            final int step) {
        final int last = (rows - 1) * stride;
        final int r1 = Math.min(stride, last);
        final int r2 = Math.min(2 * stride, last);
        final int r3 = Math.min(3 * stride, last);
        final int r4 = Math.min(4 * stride, last);
        final int r5 = Math.min(5 * stride, last);
        final int r6 = Math.min(6 * stride, last);
        final int r7 = Math.min(7 * stride, last);
        final int r8 = Math.min(8 * stride, last);
        final int r9 = Math.min(9 * stride, last);
        final int r10 = Math.min(10 * stride, last);
        final int r11 = Math.min(11 * stride, last);
        final int r12 = Math.min(12 * stride, last);
        final int r13 = Math.min(13 * stride, last);
        final int r14 = Math.min(14 * stride, last);
        final int r15 = Math.min(15 * stride, last);
        for (int next = 0; next < count; next += 16) {
            final int k = Math.min(next, count - 16);
            final int from = at + k;
            final int to = targetAt + k * step;
            final FloatVector a0 = FloatVector.fromArray(S, source, from);
            final FloatVector a1 = FloatVector.fromArray(S, source, from + r1);
            final FloatVector a2 = FloatVector.fromArray(S, source, from + r2);
            final FloatVector a3 = FloatVector.fromArray(S, source, from + r3);
            final FloatVector a4 = FloatVector.fromArray(S, source, from + r4);
            final FloatVector a5 = FloatVector.fromArray(S, source, from + r5);
            final FloatVector a6 = FloatVector.fromArray(S, source, from + r6);
            final FloatVector a7 = FloatVector.fromArray(S, source, from + r7);
            final FloatVector a8 = FloatVector.fromArray(S, source, from + r8);
            final FloatVector a9 = FloatVector.fromArray(S, source, from + r9);
            final FloatVector a10 = FloatVector.fromArray(S, source, from + r10);
            final FloatVector a11 = FloatVector.fromArray(S, source, from + r11);
            final FloatVector a12 = FloatVector.fromArray(S, source, from + r12);
            final FloatVector a13 = FloatVector.fromArray(S, source, from + r13);
            final FloatVector a14 = FloatVector.fromArray(S, source, from + r14);
            final FloatVector a15 = FloatVector.fromArray(S, source, from + r15);
            final FloatVector b0 = a0.blend(a8.rearrange(OCTETS), HIGH_OCTETS);
            final FloatVector b1 = a1.blend(a9.rearrange(OCTETS), HIGH_OCTETS);
            final FloatVector b2 = a2.blend(a10.rearrange(OCTETS), HIGH_OCTETS);
            final FloatVector b3 = a3.blend(a11.rearrange(OCTETS), HIGH_OCTETS);
            final FloatVector b4 = a4.blend(a12.rearrange(OCTETS), HIGH_OCTETS);
            final FloatVector b5 = a5.blend(a13.rearrange(OCTETS), HIGH_OCTETS);
            final FloatVector b6 = a6.blend(a14.rearrange(OCTETS), HIGH_OCTETS);
            final FloatVector b7 = a7.blend(a15.rearrange(OCTETS), HIGH_OCTETS);
            final FloatVector b8 = a0.rearrange(OCTETS).blend(a8, HIGH_OCTETS);
            final FloatVector b9 = a1.rearrange(OCTETS).blend(a9, HIGH_OCTETS);
            final FloatVector b10 = a2.rearrange(OCTETS).blend(a10, HIGH_OCTETS);
            final FloatVector b11 = a3.rearrange(OCTETS).blend(a11, HIGH_OCTETS);
            final FloatVector b12 = a4.rearrange(OCTETS).blend(a12, HIGH_OCTETS);
            final FloatVector b13 = a5.rearrange(OCTETS).blend(a13, HIGH_OCTETS);
            final FloatVector b14 = a6.rearrange(OCTETS).blend(a14, HIGH_OCTETS);
            final FloatVector b15 = a7.rearrange(OCTETS).blend(a15, HIGH_OCTETS);
            final FloatVector c0 = b0.blend(b4.rearrange(HALVES), HIGH_HALVES);
            final FloatVector c1 = b1.blend(b5.rearrange(HALVES), HIGH_HALVES);
            final FloatVector c2 = b2.blend(b6.rearrange(HALVES), HIGH_HALVES);
            final FloatVector c3 = b3.blend(b7.rearrange(HALVES), HIGH_HALVES);
            final FloatVector c4 = b0.rearrange(HALVES).blend(b4, HIGH_HALVES);
            final FloatVector c5 = b1.rearrange(HALVES).blend(b5, HIGH_HALVES);
            final FloatVector c6 = b2.rearrange(HALVES).blend(b6, HIGH_HALVES);
            final FloatVector c7 = b3.rearrange(HALVES).blend(b7, HIGH_HALVES);
            final FloatVector c8 = b8.blend(b12.rearrange(HALVES), HIGH_HALVES);
            final FloatVector c9 = b9.blend(b13.rearrange(HALVES), HIGH_HALVES);
            final FloatVector c10 = b10.blend(b14.rearrange(HALVES), HIGH_HALVES);
            final FloatVector c11 = b11.blend(b15.rearrange(HALVES), HIGH_HALVES);
            final FloatVector c12 = b8.rearrange(HALVES).blend(b12, HIGH_HALVES);
            final FloatVector c13 = b9.rearrange(HALVES).blend(b13, HIGH_HALVES);
            final FloatVector c14 = b10.rearrange(HALVES).blend(b14, HIGH_HALVES);
            final FloatVector c15 = b11.rearrange(HALVES).blend(b15, HIGH_HALVES);
            final FloatVector d0 = c0.blend(c2.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector d1 = c1.blend(c3.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector d2 = c0.rearrange(QUARTERS).blend(c2, HIGH_QUARTERS);
            final FloatVector d3 = c1.rearrange(QUARTERS).blend(c3, HIGH_QUARTERS);
            final FloatVector d4 = c4.blend(c6.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector d5 = c5.blend(c7.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector d6 = c4.rearrange(QUARTERS).blend(c6, HIGH_QUARTERS);
            final FloatVector d7 = c5.rearrange(QUARTERS).blend(c7, HIGH_QUARTERS);
            final FloatVector d8 = c8.blend(c10.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector d9 = c9.blend(c11.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector d10 = c8.rearrange(QUARTERS).blend(c10, HIGH_QUARTERS);
            final FloatVector d11 = c9.rearrange(QUARTERS).blend(c11, HIGH_QUARTERS);
            final FloatVector d12 = c12.blend(c14.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector d13 = c13.blend(c15.rearrange(QUARTERS), HIGH_QUARTERS);
            final FloatVector d14 = c12.rearrange(QUARTERS).blend(c14, HIGH_QUARTERS);
            final FloatVector d15 = c13.rearrange(QUARTERS).blend(c15, HIGH_QUARTERS);
            final FloatVector e0 = d0.blend(d1.rearrange(LANES), HIGH_LANES);
            final FloatVector e1 = d0.rearrange(LANES).blend(d1, HIGH_LANES);
            final FloatVector e2 = d2.blend(d3.rearrange(LANES), HIGH_LANES);
            final FloatVector e3 = d2.rearrange(LANES).blend(d3, HIGH_LANES);
            final FloatVector e4 = d4.blend(d5.rearrange(LANES), HIGH_LANES);
            final FloatVector e5 = d4.rearrange(LANES).blend(d5, HIGH_LANES);
            final FloatVector e6 = d6.blend(d7.rearrange(LANES), HIGH_LANES);
            final FloatVector e7 = d6.rearrange(LANES).blend(d7, HIGH_LANES);
            final FloatVector e8 = d8.blend(d9.rearrange(LANES), HIGH_LANES);
            final FloatVector e9 = d8.rearrange(LANES).blend(d9, HIGH_LANES);
            final FloatVector e10 = d10.blend(d11.rearrange(LANES), HIGH_LANES);
            final FloatVector e11 = d10.rearrange(LANES).blend(d11, HIGH_LANES);
            final FloatVector e12 = d12.blend(d13.rearrange(LANES), HIGH_LANES);
            final FloatVector e13 = d12.rearrange(LANES).blend(d13, HIGH_LANES);
            final FloatVector e14 = d14.blend(d15.rearrange(LANES), HIGH_LANES);
            final FloatVector e15 = d14.rearrange(LANES).blend(d15, HIGH_LANES);
            e0.intoArray(target, to);
            e1.intoArray(target, to + step);
            e2.intoArray(target, to + 2 * step);
            e3.intoArray(target, to + 3 * step);
            e4.intoArray(target, to + 4 * step);
            e5.intoArray(target, to + 5 * step);
            e6.intoArray(target, to + 6 * step);
            e7.intoArray(target, to + 7 * step);
            e8.intoArray(target, to + 8 * step);
            e9.intoArray(target, to + 9 * step);
            e10.intoArray(target, to + 10 * step);
            e11.intoArray(target, to + 11 * step);
            e12.intoArray(target, to + 12 * step);
            e13.intoArray(target, to + 13 * step);
            e14.intoArray(target, to + 14 * step);
            e15.intoArray(target, to + 15 * step);
        }
    }
}
