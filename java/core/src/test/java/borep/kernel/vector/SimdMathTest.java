package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** tanh and the logistic function against float64, over all magnitudes. */
class SimdMathTest {
    private static final int COUNT = 1 << 16;
    private static final float[] ZEROS = new float[COUNT];

    /** Both signs, magnitudes evenly spread in the exponent from 1e-8 to 100. */
    private static float[] arguments() {
        final float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            final double magnitude = Math.pow(10, -8 + 10 * (i / 2) / (COUNT / 2.0));
            values[i] = (float) (i % 2 == 0 ? magnitude : -magnitude);
        }
        return values;
    }

    private static void tanh(final float[] in, final float[] out) {
        SimdMath.tanh(in, 0, ZEROS, 0, out, 0, Species.FLOATS.length(), in.length / Species.FLOATS.length(), 1, 0);
    }

    private static void sigmoid(final float[] values) {
        SimdMath.sigmoid(values, 0, ZEROS, 0, Species.FLOATS.length(), values.length / Species.FLOATS.length(), 1, 0);
    }

    private static double worst(final float[] arguments, final float[] values, final DoubleUnaryOperator exact) {
        double worst = 0;
        for (int i = 0; i < values.length; i++) {
            final double expected = exact.applyAsDouble(arguments[i]);
            worst = Math.max(worst, Math.abs(values[i] - expected) / Math.ulp((float) expected));
        }
        return worst;
    }

    @Test
    void tanhIsWithinThreeUnits() {
        final float[] arguments = arguments();
        final float[] values = new float[COUNT];
        tanh(arguments, values);
        final double ulps = worst(arguments, values, Math::tanh);
        assertTrue(ulps <= 2.5, ulps + " units in the last place");
    }

    @Test
    void sigmoidIsWithinThreeUnitsWhereFloatsAreNormal() {
        final float[] arguments = arguments();
        for (int i = 0; i < COUNT; i++) {
            arguments[i] = Math.max(-87, arguments[i]);
        }
        final float[] values = arguments.clone();
        sigmoid(values);
        final double ulps = worst(arguments, values, a -> 1 / (1 + Math.exp(-a)));
        assertTrue(ulps <= 2.5, ulps + " units in the last place");
    }

    @Test
    void limitsAndNotANumber() {
        final float[] in = new float[16];
        in[0] = Float.POSITIVE_INFINITY;
        in[1] = Float.NEGATIVE_INFINITY;
        in[2] = Float.NaN;
        in[3] = -0f;
        final float[] out = new float[16];
        tanh(in, out);
        assertEquals(1f, out[0]);
        assertEquals(-1f, out[1]);
        assertEquals(Float.NaN, out[2]);
        assertEquals(-0f, out[3]);
        sigmoid(in);
        assertEquals(1f, in[0]);
        assertEquals(0f, in[1], 1e-37f);
        assertEquals(Float.NaN, in[2]);
        assertEquals(0.5f, in[3]);
    }
}
