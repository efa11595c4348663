package borep.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register tiles of {@link SimdGemm} whose left side lies row by row instead of packed: 4 rows × 2 vectors, or 3 × 3. Parameters as in
 * {@link Gemm#rowTile}; the text repeats itself for the same reason as in {@link RegisterTiles}.
 */
final class RegisterRowTiles {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();

    private RegisterRowTiles() {}

    static void tile2(
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

    static void tile3(
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
}
