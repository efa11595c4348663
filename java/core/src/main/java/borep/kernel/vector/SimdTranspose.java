package borep.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes 8 rows of floats in registers, a vector of columns at a time: weights come as rows of inputs, tiles want rows
 * of outputs. Three rounds exchange halves, quarters and single lanes of two rows within groups of 8 lanes. All vectors are
 * of {@link Species#FLOATS}: a second shape would pollute the type profiles inside the Vector API, and the compiler would
 * then, in some runs, guess the wrong one in the tiles of {@link SimdGemm} and lose half of their speed.
 */
final class SimdTranspose {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();
    /** Whether a vector holds one group of 8 lanes, or two; narrower ones cannot be used here. */
    static final boolean POSSIBLE = L == 8 || L == 16;

    private static final VectorShuffle<Float> HALVES = exchange(4);
    private static final VectorShuffle<Float> QUARTERS = exchange(2);
    private static final VectorShuffle<Float> LANES = exchange(1);
    private static final VectorMask<Float> HIGH_HALVES = high(4);
    private static final VectorMask<Float> HIGH_QUARTERS = high(2);
    private static final VectorMask<Float> HIGH_LANES = high(1);
    private static final VectorMask<Float> FIRST = VectorMask.fromLong(S, 0x00FFL & (-1L >>> 64 - L));
    private static final VectorMask<Float> SECOND = VectorMask.fromLong(S, 0xFF00L & (-1L >>> 64 - L));

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
     * target[targetAt + k · step + r] = source[at + r · stride + k] for 8 rows.
     *
     * @param count columns, at least a vector; the last ones are taken together with some before them
     */
    static void rows(
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
            if (L == 8) {
                d0.intoArray(target, to);
                d1.intoArray(target, to + step);
                d2.intoArray(target, to + 2 * step);
                d3.intoArray(target, to + 3 * step);
                d4.intoArray(target, to + 4 * step);
                d5.intoArray(target, to + 5 * step);
                d6.intoArray(target, to + 6 * step);
                d7.intoArray(target, to + 7 * step);
            } else {
                final int second = to + 8 * step - 8;
                d0.intoArray(target, to, FIRST);
                d1.intoArray(target, to + step, FIRST);
                d2.intoArray(target, to + 2 * step, FIRST);
                d3.intoArray(target, to + 3 * step, FIRST);
                d4.intoArray(target, to + 4 * step, FIRST);
                d5.intoArray(target, to + 5 * step, FIRST);
                d6.intoArray(target, to + 6 * step, FIRST);
                d7.intoArray(target, to + 7 * step, FIRST);
                d0.intoArray(target, second, SECOND);
                d1.intoArray(target, second + step, SECOND);
                d2.intoArray(target, second + 2 * step, SECOND);
                d3.intoArray(target, second + 3 * step, SECOND);
                d4.intoArray(target, second + 4 * step, SECOND);
                d5.intoArray(target, second + 5 * step, SECOND);
                d6.intoArray(target, second + 6 * step, SECOND);
                d7.intoArray(target, second + 7 * step, SECOND);
            }
        }
    }
}
