package borep.kernel.vector;

import static borep.kernel.vector.SimdTranspose.HALVES;
import static borep.kernel.vector.SimdTranspose.HIGH_HALVES;
import static borep.kernel.vector.SimdTranspose.HIGH_LANES;
import static borep.kernel.vector.SimdTranspose.HIGH_OCTETS;
import static borep.kernel.vector.SimdTranspose.HIGH_QUARTERS;
import static borep.kernel.vector.SimdTranspose.LANES;
import static borep.kernel.vector.SimdTranspose.OCTETS;
import static borep.kernel.vector.SimdTranspose.QUARTERS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tile of {@link SimdGemm} that runs along the depth, for vectors of 16 lanes: 4 rows × 4 rows, each inner product a
 * vector of 16 partial sums. At the end these are added in pairs, as {@link SimdTranspose} exchanges them: each round leaves half
 * as many vectors, the last one a sum in each lane. Parameters as in {@link Gemm#innerTile}; the text repeats itself for the same
 * reason as in {@link RegisterTiles}.
 */
final class RegisterInnerTile {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();

    private RegisterInnerTile() {}

    static void tile(
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
        FloatVector s0 = FloatVector.zero(S), s1 = s0, s2 = s0, s3 = s0;
        FloatVector s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        FloatVector s8 = s0, s9 = s0, s10 = s0, s11 = s0;
        FloatVector s12 = s0, s13 = s0, s14 = s0, s15 = s0;
        for (int k = 0; k < depth; k += L) {
            final FloatVector x0 = FloatVector.fromArray(S, a, a0 + k);
            final FloatVector x1 = FloatVector.fromArray(S, a, a1 + k);
            final FloatVector x2 = FloatVector.fromArray(S, a, a2 + k);
            final FloatVector x3 = FloatVector.fromArray(S, a, a3 + k);
            final FloatVector y0 = FloatVector.fromArray(S, b, b0 + k);
            s0 = y0.fma(x0, s0);
            s1 = y0.fma(x1, s1);
            s2 = y0.fma(x2, s2);
            s3 = y0.fma(x3, s3);
            final FloatVector y1 = FloatVector.fromArray(S, b, b1 + k);
            s4 = y1.fma(x0, s4);
            s5 = y1.fma(x1, s5);
            s6 = y1.fma(x2, s6);
            s7 = y1.fma(x3, s7);
            final FloatVector y2 = FloatVector.fromArray(S, b, b2 + k);
            s8 = y2.fma(x0, s8);
            s9 = y2.fma(x1, s9);
            s10 = y2.fma(x2, s10);
            s11 = y2.fma(x3, s11);
            final FloatVector y3 = FloatVector.fromArray(S, b, b3 + k);
            s12 = y3.fma(x0, s12);
            s13 = y3.fma(x1, s13);
            s14 = y3.fma(x2, s14);
            s15 = y3.fma(x3, s15);
        }
        final FloatVector t0 =
                s0.blend(s8, HIGH_OCTETS).add(s8.blend(s0, HIGH_OCTETS).rearrange(OCTETS));
        final FloatVector t1 =
                s1.blend(s9, HIGH_OCTETS).add(s9.blend(s1, HIGH_OCTETS).rearrange(OCTETS));
        final FloatVector t2 =
                s2.blend(s10, HIGH_OCTETS).add(s10.blend(s2, HIGH_OCTETS).rearrange(OCTETS));
        final FloatVector t3 =
                s3.blend(s11, HIGH_OCTETS).add(s11.blend(s3, HIGH_OCTETS).rearrange(OCTETS));
        final FloatVector t4 =
                s4.blend(s12, HIGH_OCTETS).add(s12.blend(s4, HIGH_OCTETS).rearrange(OCTETS));
        final FloatVector t5 =
                s5.blend(s13, HIGH_OCTETS).add(s13.blend(s5, HIGH_OCTETS).rearrange(OCTETS));
        final FloatVector t6 =
                s6.blend(s14, HIGH_OCTETS).add(s14.blend(s6, HIGH_OCTETS).rearrange(OCTETS));
        final FloatVector t7 =
                s7.blend(s15, HIGH_OCTETS).add(s15.blend(s7, HIGH_OCTETS).rearrange(OCTETS));
        final FloatVector u0 =
                t0.blend(t4, HIGH_HALVES).add(t4.blend(t0, HIGH_HALVES).rearrange(HALVES));
        final FloatVector u1 =
                t1.blend(t5, HIGH_HALVES).add(t5.blend(t1, HIGH_HALVES).rearrange(HALVES));
        final FloatVector u2 =
                t2.blend(t6, HIGH_HALVES).add(t6.blend(t2, HIGH_HALVES).rearrange(HALVES));
        final FloatVector u3 =
                t3.blend(t7, HIGH_HALVES).add(t7.blend(t3, HIGH_HALVES).rearrange(HALVES));
        final FloatVector v0 =
                u0.blend(u2, HIGH_QUARTERS).add(u2.blend(u0, HIGH_QUARTERS).rearrange(QUARTERS));
        final FloatVector v1 =
                u1.blend(u3, HIGH_QUARTERS).add(u3.blend(u1, HIGH_QUARTERS).rearrange(QUARTERS));
        final FloatVector sums =
                v0.blend(v1, HIGH_LANES).add(v1.blend(v0, HIGH_LANES).rearrange(LANES));
        sums.intoArray(c, cAt);
    }
}
