package borep.kernel.vector;

import borep.kernel.SparseRows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** With vectors over the outputs, the last one masked: a linear model's outputs rarely fill a vector. */
final class SimdCombinations implements Combinations {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final int L = S.length();
    /** With fewer outputs most of a vector would be masked. */
    private static final int FEWEST = 4;

    private final Combinations narrow = new ScalarCombinations();

    @Override
    public void gather(
            final SparseRows a,
            final int row,
            final Matrix w,
            final float[] out,
            final int outAt,
            final boolean isAdded) {
        if (w.width < FEWEST) {
            narrow.gather(a, row, w, out, outAt, isAdded);
            return;
        }
        for (int o = 0; o < w.width; o += L) {
            block(a, row, w, o, out, outAt + o, isAdded);
        }
    }

    /** Up to L outputs from {@code o} on. No vector leaves the method: one that did would be made an object. */
    private static void block(
            final SparseRows a,
            final int row,
            final Matrix w,
            final int o,
            final float[] out,
            final int outAt,
            final boolean isAdded) {
        final VectorMask<Float> mask = S.indexInRange(o, w.width);
        final float[] values = a.values();
        final int[] places = a.places();
        final float[] from = w.values;
        final int at = w.at + o;
        final int stride = w.stride;
        final int end = a.starts()[row + 1];
        FloatVector s0 = FloatVector.zero(S);
        if (isAdded) {
            s0 = FloatVector.fromArray(S, out, outAt, mask);
        }
        FloatVector s1 = FloatVector.zero(S);
        FloatVector s2 = s1;
        FloatVector s3 = s1;
        int k = a.starts()[row];
        for (; k + 3 < end; k += 4) {
            s0 = FloatVector.fromArray(S, from, at + places[k] * stride, mask)
                    .fma(FloatVector.broadcast(S, values[k]), s0);
            s1 = FloatVector.fromArray(S, from, at + places[k + 1] * stride, mask)
                    .fma(FloatVector.broadcast(S, values[k + 1]), s1);
            s2 = FloatVector.fromArray(S, from, at + places[k + 2] * stride, mask)
                    .fma(FloatVector.broadcast(S, values[k + 2]), s2);
            s3 = FloatVector.fromArray(S, from, at + places[k + 3] * stride, mask)
                    .fma(FloatVector.broadcast(S, values[k + 3]), s3);
        }
        for (; k < end; k++) {
            s0 = FloatVector.fromArray(S, from, at + places[k] * stride, mask)
                    .fma(FloatVector.broadcast(S, values[k]), s0);
        }
        s0.add(s1).add(s2.add(s3)).intoArray(out, outAt, mask);
    }

    @Override
    public void scatter(final SparseRows a, final int row, final float[] from, final int fromAt, final Matrix w) {
        if (w.width < FEWEST) {
            narrow.scatter(a, row, from, fromAt, w);
            return;
        }
        final float[] values = a.values();
        final int[] places = a.places();
        for (int o = 0; o < w.width; o += L) {
            final VectorMask<Float> mask = S.indexInRange(o, w.width);
            final FloatVector scaled = FloatVector.fromArray(S, from, fromAt + o, mask);
            for (int k = a.starts()[row]; k < a.starts()[row + 1]; k++) {
                final int at = w.row(places[k]) + o;
                scaled.fma(FloatVector.broadcast(S, values[k]), FloatVector.fromArray(S, w.values, at, mask))
                        .intoArray(w.values, at, mask);
            }
        }
    }
}
