package borep.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes blocks of 8 × 8 floats in registers: weights come as rows of inputs, tiles want rows of outputs. Three
 * rounds exchange halves, quarters and single lanes of two rows at a time.
 */
final class SimdTranspose {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_256;
    private static final VectorShuffle<Float> HALVES = VectorShuffle.fromValues(S, 4, 5, 6, 7, 0, 1, 2, 3);
    private static final VectorShuffle<Float> QUARTERS = VectorShuffle.fromValues(S, 2, 3, 0, 1, 6, 7, 4, 5);
    private static final VectorShuffle<Float> LANES = VectorShuffle.fromValues(S, 1, 0, 3, 2, 5, 4, 7, 6);
    private static final VectorMask<Float> HIGH_HALVES = VectorMask.fromLong(S, 0b11110000);
    private static final VectorMask<Float> HIGH_QUARTERS = VectorMask.fromLong(S, 0b11001100);
    private static final VectorMask<Float> HIGH_LANES = VectorMask.fromLong(S, 0b10101010);

    private SimdTranspose() {}

    /**
     * target[targetAt + k · step + r] = source[at + r · stride + k] for 8 rows.
     *
     * @param count columns, a multiple of 8
     */
    static void rows(
            final float[] source,
            final int at,
            final int stride,
            final int count,
            final float[] target,
            final int targetAt,
            final int step) {
        for (int k = 0, from = at, to = targetAt; k < count; k += 8, from += 8, to += 8 * step) {
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
}
