package borep.kernel.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * tanh and the logistic function over vectors, at most 2.5 units in the last place off.
 *
 * <p>Both rest on e^s − 1 for s ≤ 0: s = n·ln 2 + r with |r| ≤ ln 2 / 2, then 2^n (r + r² q(r)) + (2^n − 1) with a
 * polynomial q of degree 4 (least maximum relative error, 1.3e-8). Written out of additions, products and shifts
 * alone, because these give the same bits in the interpreter and in compiled code; the Vector API's own tanh and exp
 * do not, and would make a run depend on when it was compiled. They are not faster either.
 */
final class SimdMath {
    private static final VectorSpecies<Float> S = Species.FLOATS;

    /** 1 / ln 2. */
    private static final float INVERSE_LN2 = 0x1.715476p0f;
    /** −ln 2 in two parts: the first has few digits, so that its products with n are exact. */
    private static final float MINUS_LN2_HIGH = -0.693359375f;

    private static final float MINUS_LN2_LOW = 0x1.bd0106p-13f;
    /** 1.5 · 2^23: added and taken away again it rounds to an integer, whose bits lie at the low end meanwhile. */
    private static final float ROUND = 12582912f;

    private static final int ONE_BITS = 0x3f800000;
    private static final int EXPONENT = 23;
    private static final float Q0 = 0x1.fffffep-2f;
    private static final float Q1 = 0x1.5554bp-3f;
    private static final float Q2 = 0x1.555674p-5f;
    private static final float Q3 = 0x1.1227bp-7f;
    private static final float Q4 = 0x1.6bebfep-10f;
    /** tanh is 1 in float32 from here on. */
    private static final float TANH_END = 9.5f;
    /** Below e^−87 a float32 has no exponent left. */
    private static final float EXP_END = 87f;

    private SimdMath() {}

    /**
     * out = tanh(in + bias) for {@code count} vectors of each row, which lie {@code step} floats apart in all three arrays; out
     * may be in. tanh a = −m / (2 + m) with m = e^(−2|a|) − 1, and the sign of a.
     *
     * @param rows   rows, one loop for all of them: a loop of few vectors costs more than they do
     * @param stride floats from one row of in and out to the next; the bias is the same for all
     */
    static void tanh(
            final float[] in,
            final int inAt,
            final float[] bias,
            final int biasAt,
            final float[] out,
            final int outAt,
            final int step,
            final int count,
            final int rows,
            final int stride) {
        final int end = count * step;
        for (int v = 0, first = 0, at = 0; v < rows * count; v++) {
            final FloatVector a =
                    FloatVector.fromArray(S, in, inAt + first + at).add(FloatVector.fromArray(S, bias, biasAt + at));
            final FloatVector s = a.abs().min(TANH_END).mul(-2f);
            final FloatVector z = s.fma(FloatVector.broadcast(S, INVERSE_LN2), FloatVector.broadcast(S, ROUND));
            final FloatVector n = z.sub(ROUND);
            final FloatVector power =
                    z.reinterpretAsInts().lanewise(LSHL, EXPONENT).add(ONE_BITS).reinterpretAsFloats();
            final FloatVector r =
                    n.fma(FloatVector.broadcast(S, MINUS_LN2_LOW), n.fma(FloatVector.broadcast(S, MINUS_LN2_HIGH), s));
            final FloatVector q = FloatVector.broadcast(S, Q4)
                    .fma(r, FloatVector.broadcast(S, Q3))
                    .fma(r, FloatVector.broadcast(S, Q2))
                    .fma(r, FloatVector.broadcast(S, Q1))
                    .fma(r, FloatVector.broadcast(S, Q0));
            final FloatVector m = q.fma(r.mul(r), r).fma(power, power.sub(1f));
            m.neg()
                    .div(m.add(2f))
                    .reinterpretAsInts()
                    .or(a.reinterpretAsInts().and(Integer.MIN_VALUE))
                    .reinterpretAsFloats()
                    .intoArray(out, outAt + first + at);
            at += step;
            if (at == end) {
                at = 0;
                first += stride;
            }
        }
    }

    /**
     * values = σ(values + bias) for {@code count} vectors of each row, which lie {@code step} floats apart in both arrays.
     * σ(a) = e / (1 + e) for a &lt; 0, else 1 / (1 + e), with e = e^(−|a|).
     *
     * @param rows   rows, one loop for all of them
     * @param stride floats from one row to the next; the bias is the same for all
     */
    static void sigmoid(
            final float[] values,
            final int valuesAt,
            final float[] bias,
            final int biasAt,
            final int step,
            final int count,
            final int rows,
            final int stride) {
        final FloatVector one = FloatVector.broadcast(S, 1f);
        final int end = count * step;
        for (int v = 0, first = 0, at = 0; v < rows * count; v++) {
            final FloatVector a = FloatVector.fromArray(S, values, valuesAt + first + at)
                    .add(FloatVector.fromArray(S, bias, biasAt + at));
            final FloatVector s = a.abs().min(EXP_END).neg();
            final FloatVector z = s.fma(FloatVector.broadcast(S, INVERSE_LN2), FloatVector.broadcast(S, ROUND));
            final FloatVector n = z.sub(ROUND);
            final FloatVector power =
                    z.reinterpretAsInts().lanewise(LSHL, EXPONENT).add(ONE_BITS).reinterpretAsFloats();
            final FloatVector r =
                    n.fma(FloatVector.broadcast(S, MINUS_LN2_LOW), n.fma(FloatVector.broadcast(S, MINUS_LN2_HIGH), s));
            final FloatVector q = FloatVector.broadcast(S, Q4)
                    .fma(r, FloatVector.broadcast(S, Q3))
                    .fma(r, FloatVector.broadcast(S, Q2))
                    .fma(r, FloatVector.broadcast(S, Q1))
                    .fma(r, FloatVector.broadcast(S, Q0));
            final FloatVector e = q.fma(r.mul(r), r).fma(power, power);
            one.blend(e, a.compare(LT, 0f)).div(e.add(1f)).intoArray(values, valuesAt + first + at);
            at += step;
            if (at == end) {
                at = 0;
                first += stride;
            }
        }
    }
}
