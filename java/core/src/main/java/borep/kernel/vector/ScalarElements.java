package borep.kernel.vector;

import java.util.Arrays;

/** Element-wise loops, number by number; reductions in float64. */
final class ScalarElements implements Elements {
    @Override
    public void scale(final float factor, final float[] out, final int outAt, final int count) {
        for (int i = 0; i < count; i++) {
            out[outAt + i] *= factor;
        }
    }

    @Override
    public void axpy(
            final float factor, final float[] a, final int aAt, final float[] out, final int outAt, final int count) {
        for (int i = 0; i < count; i++) {
            out[outAt + i] += factor * a[aAt + i];
        }
    }

    @Override
    public void average(
            final float keep, final float[] a, final int aAt, final float[] out, final int outAt, final int count) {
        for (int i = 0; i < count; i++) {
            out[outAt + i] = keep * out[outAt + i] + (1 - keep) * a[aAt + i];
        }
    }

    @Override
    public void multiply(
            final float[] a,
            final int aAt,
            final float[] b,
            final int bAt,
            final float[] out,
            final int outAt,
            final int count) {
        for (int i = 0; i < count; i++) {
            out[outAt + i] = a[aAt + i] * b[bAt + i];
        }
    }

    @Override
    public double dot(final float[] a, final int aAt, final float[] b, final int bAt, final int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[aAt + i] * b[bAt + i];
        }
        return sum;
    }

    @Override
    public double distance(final float[] a, final int aAt, final float[] b, final int bAt, final int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            final double d = (double) a[aAt + i] - b[bAt + i];
            sum += d * d;
        }
        return sum;
    }

    @Override
    public void shrink(
            final float factor,
            final float[] centre,
            final int centreAt,
            final float[] out,
            final int outAt,
            final int count) {
        for (int i = 0; i < count; i++) {
            out[outAt + i] = centre[centreAt + i] + factor * (out[outAt + i] - centre[centreAt + i]);
        }
    }

    @Override
    public void activate(
            final boolean tanh,
            final float[] bias,
            final int biasAt,
            final float[] values,
            final int at,
            final int count) {
        for (int i = 0; i < count; i++) {
            final float a = values[at + i] + bias[biasAt + i];
            values[at + i] = tanh ? (float) Math.tanh(a) : a;
        }
    }

    @Override
    public void tangent(
            final float[] s,
            final int sAt,
            final float[] bias,
            final int biasAt,
            final float[] values,
            final int at,
            final int count) {
        for (int i = 0; i < count; i++) {
            values[at + i] = (values[at + i] + bias[biasAt + i]) * (1 - s[sAt + i] * s[sAt + i]);
        }
    }

    @Override
    public void cotangent(
            final float[] s,
            final int sAt,
            final float[] cotangents,
            final int cotangentsAt,
            final float[] out,
            final int outAt,
            final int count) {
        for (int i = 0; i < count; i++) {
            out[outAt + i] = cotangents[cotangentsAt + i] * (1 - s[sAt + i] * s[sAt + i]);
        }
    }

    @Override
    public void curvature(
            final float[] s,
            final float[] moved,
            final float[] cotangents,
            final float[] out,
            final int at,
            final int count) {
        for (int i = at; i < at + count; i++) {
            out[i] -= 2 * s[i] * moved[i] * cotangents[i];
        }
    }

    @Override
    public void maximum(
            final float[] values,
            final int at,
            final int row,
            final float[] best,
            final int bestAt,
            final int[] winners,
            final int winnersAt,
            final int count) {
        for (int i = 0; i < count; i++) {
            if (values[at + i] > best[bestAt + i] || Float.isNaN(values[at + i]) && !Float.isNaN(best[bestAt + i])) {
                best[bestAt + i] = values[at + i];
                winners[winnersAt + i] = row;
            }
        }
    }

    @Override
    public void sumRows(final Matrix matrix, final int rows, final int from, final int to, final float[] sums) {
        Arrays.fill(sums, from, to, 0);
        for (int r = 0; r < rows; r++) {
            final int at = matrix.row(r);
            for (int c = from; c < to; c++) {
                sums[c] += matrix.values[at + c];
            }
        }
    }
}
