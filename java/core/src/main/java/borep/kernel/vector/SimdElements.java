package borep.kernel.vector;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LE;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Element-wise loops with vectors, each with a scalar tail. Sums go through four vectors; their lanes are then added
 * one after the other, in float64, because the order inside {@code reduceLanes} is not fixed.
 */
final class SimdElements implements Elements {
    private static final VectorSpecies<Float> S = Species.FLOATS;
    private static final VectorSpecies<Integer> N = Species.INTS;
    private static final int L = S.length();

    @Override
    public void scale(final float factor, final float[] out, final int outAt, final int count) {
        final int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += L) {
            FloatVector.fromArray(S, out, outAt + i).mul(factor).intoArray(out, outAt + i);
        }
        for (int i = bound; i < count; i++) {
            out[outAt + i] *= factor;
        }
    }

    @Override
    public void axpy(
            final float factor, final float[] a, final int aAt, final float[] out, final int outAt, final int count) {
        final FloatVector f = FloatVector.broadcast(S, factor);
        final int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += L) {
            FloatVector.fromArray(S, a, aAt + i)
                    .fma(f, FloatVector.fromArray(S, out, outAt + i))
                    .intoArray(out, outAt + i);
        }
        for (int i = bound; i < count; i++) {
            out[outAt + i] = Math.fma(a[aAt + i], factor, out[outAt + i]);
        }
    }

    @Override
    public void average(
            final float keep, final float[] a, final int aAt, final float[] out, final int outAt, final int count) {
        final float take = 1 - keep;
        final FloatVector k = FloatVector.broadcast(S, keep);
        final FloatVector t = FloatVector.broadcast(S, take);
        final int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += L) {
            FloatVector.fromArray(S, a, aAt + i)
                    .mul(t)
                    .add(FloatVector.fromArray(S, out, outAt + i).mul(k))
                    .intoArray(out, outAt + i);
        }
        for (int i = bound; i < count; i++) {
            out[outAt + i] = take * a[aAt + i] + keep * out[outAt + i];
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
        final int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += L) {
            FloatVector.fromArray(S, a, aAt + i)
                    .mul(FloatVector.fromArray(S, b, bAt + i))
                    .intoArray(out, outAt + i);
        }
        for (int i = bound; i < count; i++) {
            out[outAt + i] = a[aAt + i] * b[bAt + i];
        }
    }

    @Override
    public double dot(final float[] a, final int aAt, final float[] b, final int bAt, final int count) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        final int bound = count - count % (4 * L);
        for (int i = 0; i < bound; i += 4 * L) {
            s0 = FloatVector.fromArray(S, a, aAt + i).fma(FloatVector.fromArray(S, b, bAt + i), s0);
            s1 = FloatVector.fromArray(S, a, aAt + i + L).fma(FloatVector.fromArray(S, b, bAt + i + L), s1);
            s2 = FloatVector.fromArray(S, a, aAt + i + 2 * L).fma(FloatVector.fromArray(S, b, bAt + i + 2 * L), s2);
            s3 = FloatVector.fromArray(S, a, aAt + i + 3 * L).fma(FloatVector.fromArray(S, b, bAt + i + 3 * L), s3);
        }
        final FloatVector sums = s0.add(s1).add(s2.add(s3));
        double sum = 0;
        for (int lane = 0; lane < L; lane++) {
            sum += sums.lane(lane);
        }
        for (int i = bound; i < count; i++) {
            sum += (double) a[aAt + i] * b[bAt + i];
        }
        return sum;
    }

    @Override
    public double distance(final float[] a, final int aAt, final float[] b, final int bAt, final int count) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        final int bound = count - count % (2 * L);
        for (int i = 0; i < bound; i += 2 * L) {
            final FloatVector d0 = FloatVector.fromArray(S, a, aAt + i).sub(FloatVector.fromArray(S, b, bAt + i));
            final FloatVector d1 =
                    FloatVector.fromArray(S, a, aAt + i + L).sub(FloatVector.fromArray(S, b, bAt + i + L));
            s0 = d0.fma(d0, s0);
            s1 = d1.fma(d1, s1);
        }
        final FloatVector sums = s0.add(s1);
        double sum = 0;
        for (int lane = 0; lane < L; lane++) {
            sum += sums.lane(lane);
        }
        for (int i = bound; i < count; i++) {
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
        final FloatVector f = FloatVector.broadcast(S, factor);
        final int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += L) {
            final FloatVector c = FloatVector.fromArray(S, centre, centreAt + i);
            FloatVector.fromArray(S, out, outAt + i).sub(c).fma(f, c).intoArray(out, outAt + i);
        }
        for (int i = bound; i < count; i++) {
            out[outAt + i] = Math.fma(out[outAt + i] - centre[centreAt + i], factor, centre[centreAt + i]);
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
        if (tanh) {
            SimdMath.tanh(values, at, bias, biasAt, values, at, L, count / L, 1, count);
            return;
        }
        for (int i = 0; i < count; i += L) {
            FloatVector.fromArray(S, values, at + i)
                    .add(FloatVector.fromArray(S, bias, biasAt + i))
                    .intoArray(values, at + i);
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
        final FloatVector one = FloatVector.broadcast(S, 1f);
        final int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += L) {
            final FloatVector t = FloatVector.fromArray(S, s, sAt + i);
            FloatVector.fromArray(S, values, at + i)
                    .add(FloatVector.fromArray(S, bias, biasAt + i))
                    .mul(one.sub(t.mul(t)))
                    .intoArray(values, at + i);
        }
        for (int i = bound; i < count; i++) {
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
        final FloatVector one = FloatVector.broadcast(S, 1f);
        final int bound = S.loopBound(count);
        for (int i = 0; i < bound; i += L) {
            final FloatVector t = FloatVector.fromArray(S, s, sAt + i);
            FloatVector.fromArray(S, cotangents, cotangentsAt + i)
                    .mul(one.sub(t.mul(t)))
                    .intoArray(out, outAt + i);
        }
        for (int i = bound; i < count; i++) {
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
        final FloatVector two = FloatVector.broadcast(S, 2f);
        final int end = at + S.loopBound(count);
        for (int i = at; i < end; i += L) {
            final FloatVector bend = two.mul(FloatVector.fromArray(S, s, i))
                    .mul(FloatVector.fromArray(S, moved, i))
                    .mul(FloatVector.fromArray(S, cotangents, i));
            FloatVector.fromArray(S, out, i).sub(bend).intoArray(out, i);
        }
        for (int i = end; i < at + count; i++) {
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
        final int bound = S.loopBound(count);
        final IntVector winner = IntVector.broadcast(N, row);
        for (int i = 0; i < bound; i += L) {
            final FloatVector v = FloatVector.fromArray(S, values, at + i);
            final FloatVector b = FloatVector.fromArray(S, best, bestAt + i);
            final VectorMask<Float> wins = v.compare(LE, b).not().and(b.compare(EQ, b)); // > or the first NaN
            b.blend(v, wins).intoArray(best, bestAt + i);
            IntVector.fromArray(N, winners, winnersAt + i)
                    .blend(winner, wins.cast(N))
                    .intoArray(winners, winnersAt + i);
        }
        for (int i = bound; i < count; i++) {
            if (values[at + i] > best[bestAt + i] || Float.isNaN(values[at + i]) && !Float.isNaN(best[bestAt + i])) {
                best[bestAt + i] = values[at + i];
                winners[winnersAt + i] = row;
            }
        }
    }

    @Override
    public void sumRows(final Matrix matrix, final int rows, final int from, final int to, final float[] sums) {
        final float[] values = matrix.values;
        final int bound = from + S.loopBound(to - from);
        Arrays.fill(sums, from, to, 0);
        for (int r = 0; r < rows; r++) {
            final int at = matrix.row(r);
            for (int c = from; c < bound; c += L) {
                FloatVector.fromArray(S, sums, c)
                        .add(FloatVector.fromArray(S, values, at + c))
                        .intoArray(sums, c);
            }
            for (int c = bound; c < to; c++) {
                sums[c] += values[at + c];
            }
        }
    }
}
