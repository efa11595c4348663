package borep.kernel.vector;

import borep.kernel.SparseRows;

/** Number by number: sums in float64, rounded once. */
final class ScalarCombinations implements Combinations {
    @Override
    public void gather(
            final SparseRows a,
            final int row,
            final Matrix w,
            final float[] out,
            final int outAt,
            final boolean isAdded) {
        for (int o = 0; o < w.width; o++) {
            final double sum = sum(a, row, w, o);
            out[outAt + o] = (float) (isAdded ? out[outAt + o] + sum : sum);
        }
    }

    /** Σ_k values[k] · w[places[k], o] in four interleaved sums: one alone would wait for each addition. */
    static double sum(final SparseRows a, final int row, final Matrix w, final int o) {
        final float[] values = a.values();
        final int[] places = a.places();
        final int end = a.starts()[row + 1];
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int k = a.starts()[row];
        for (; k + 3 < end; k += 4) {
            s0 += (double) values[k] * w.values[w.row(places[k]) + o];
            s1 += (double) values[k + 1] * w.values[w.row(places[k + 1]) + o];
            s2 += (double) values[k + 2] * w.values[w.row(places[k + 2]) + o];
            s3 += (double) values[k + 3] * w.values[w.row(places[k + 3]) + o];
        }
        for (; k < end; k++) {
            s0 += (double) values[k] * w.values[w.row(places[k]) + o];
        }
        return s0 + s1 + (s2 + s3);
    }

    @Override
    public void scatter(final SparseRows a, final int row, final float[] from, final int fromAt, final Matrix w) {
        final float[] values = a.values();
        final int[] places = a.places();
        for (int k = a.starts()[row]; k < a.starts()[row + 1]; k++) {
            final int at = w.row(places[k]);
            for (int o = 0; o < w.width; o++) {
                w.values[at + o] += values[k] * from[fromAt + o];
            }
        }
    }
}
