package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Dense.Shape;
import borep.kernel.Rows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fully connected specification against its own derivatives and numbers worked out by hand. */
class ReferenceDenseTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);

    private static final Device DEVICE = new ReferenceDevice();

    private record Kernel(Dense.Tape tape, int rows) implements Layer.Kernel {
        static Layer layer(final Shape shape, final int rows) {
            final Kernel kernel = new Kernel(DEVICE.kernels().dense().tape(shape, rows), rows);
            return new Layer(DEVICE, kernel, shape.parameters(), rows, shape.input(), shape.output());
        }

        @Override
        public void forward(final Reals weights, final Rows input, final Rows output) {
            DEVICE.kernels().dense().forward(tape, rows, weights, input, output);
        }

        @Override
        public void backward(final Reals weights, final Rows cotangent, final Reals gradient, final Rows toInput) {
            DEVICE.kernels().dense().backward(tape, weights, cotangent, gradient, toInput);
        }

        @Override
        public void tangentForward(
                final Reals weights, final Reals direction, final Rows inputTangent, final Rows tangent) {
            DEVICE.kernels().dense().tangentForward(tape, weights, direction, inputTangent, tangent);
        }

        @Override
        public void tangentBackward(
                final Reals weights,
                final Reals direction,
                final Rows cotangentTangent,
                final Reals gradientTangent,
                final Rows toInput) {
            DEVICE.kernels()
                    .dense()
                    .tangentBackward(tape, weights, direction, cotangentTangent, gradientTangent, toInput);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everySweepIsADerivative(final boolean tanh) {
        int checked = 0;
        for (final int input : new int[] {1, 7, 16}) {
            for (final int output : new int[] {1, 2, 19}) {
                for (final int rows : new int[] {0, 1, 5}) {
                    final Shape shape = new Shape(input, output, tanh);
                    final String name = shape + " of " + rows + " rows, -Dborep.seed=" + SEED;
                    new SweepChecks(Kernel.layer(shape, rows), name, 1 / Math.sqrt(input), SEED).all();
                    checked++;
                }
            }
        }
        assertEquals(27, checked);
    }

    @Test
    void twoRowsByHand() {
        // W = (1 2; 3 4; 5 6), b = (0.5, −0.5, 1), x = (1, −1), (2, 0.5)
        final double[] point = {1, 2, 3, 4, 5, 6, 0.5, -0.5, 1, 1, -1, 2, 0.5};
        final double[] a = {-0.5, -1.5, 0, 3.5, 7.5, 14};
        assertArrayEquals(a, Kernel.layer(new Shape(2, 3, false), 2).forward(point));
        final double[] s = new double[6];
        java.util.Arrays.setAll(s, i -> Math.tanh(a[i]));
        assertArrayEquals(s, Kernel.layer(new Shape(2, 3, true), 2).forward(point));
    }

    @Test
    void wrongShapesAndOrdersAreRefused() {
        final Dense dense = DEVICE.kernels().dense();
        final Dense.Tape tape = dense.tape(new Shape(3, 4, true), 5);
        final Reals weights = DEVICE.reals(16);
        final Rows input = Rows.of(DEVICE.reals(15), 3);
        final Rows output = Rows.of(DEVICE.reals(20), 4);
        assertRefused(
                "output holds 3 rows of 4, the call needs 5 of 4",
                () -> dense.forward(tape, 5, weights, input, Rows.of(DEVICE.reals(12), 4)));
        assertRefused(
                "weights has 15 numbers, the call needs 16",
                () -> dense.forward(tape, 5, DEVICE.reals(15), input, output));
        assertRefused("rows 6: the tape was made for 0 to 5", () -> dense.forward(tape, 6, weights, input, output));
        dense.forward(tape, 5, weights, input, output);
        dense.tangentForward(tape, weights, null, null, output);
        assertEquals(
                "tangentBackward needs backward on this tape before",
                assertThrows(
                                IllegalStateException.class,
                                () -> dense.tangentBackward(tape, weights, null, output, null, null))
                        .getMessage());
    }

    private static void assertRefused(final String message, final Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
