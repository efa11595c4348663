package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Recurrent.Cell;
import borep.kernel.Recurrent.Shape;
import borep.kernel.Rows;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The recurrent specification against its own derivatives, against numbers worked out by hand, and against symmetry. */
class ReferenceRecurrentTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);
    private static final int RANDOM_SHAPES = 12;

    private static final Device DEVICE = new ReferenceDevice();

    /** One batch per line: T = 1, B = 1, ragged, with empty sequences, none but those, and no sequence at all. */
    private static final int[][] LENGTHS = {{1}, {1, 1, 1}, {4}, {3, 3}, {2, 5, 1, 0, 5, 3}, {0, 0}, {}};

    private record Kernel(Recurrent.Tape tape, Packing packing) implements Layer.Kernel {
        static Layer layer(final Shape shape, final Packed packed) {
            final int rows = packed.count();
            final Recurrent.Tape tape = recurrent().tape(shape, rows, packed.rows().length);
            return new Layer(
                    DEVICE,
                    new Kernel(tape, packed.packing()),
                    shape.parameters(),
                    rows,
                    shape.input(),
                    shape.hidden());
        }

        private static Recurrent recurrent() {
            return DEVICE.kernels().recurrent();
        }

        @Override
        public void forward(final Reals weights, final Rows input, final Rows output) {
            recurrent().forward(tape, packing, weights, input, output);
        }

        @Override
        public void backward(final Reals weights, final Rows cotangent, final Reals gradient, final Rows toInput) {
            recurrent().backward(tape, weights, cotangent, gradient, toInput);
        }

        @Override
        public void tangentForward(
                final Reals weights, final Reals direction, final Rows inputTangent, final Rows tangent) {
            recurrent().tangentForward(tape, weights, direction, inputTangent, tangent);
        }

        @Override
        public void tangentBackward(
                final Reals weights,
                final Reals direction,
                final Rows cotangentTangent,
                final Reals gradientTangent,
                final Rows toInput) {
            recurrent().tangentBackward(tape, weights, direction, cotangentTangent, gradientTangent, toInput);
        }
    }

    private static void check(final Shape shape, final int... lengths) {
        final String name = shape + " " + Arrays.toString(lengths) + ", -Dborep.seed=" + SEED;
        final Layer layer = Kernel.layer(shape, Packed.of(DEVICE, lengths));
        new SweepChecks(layer, name, 2 / Math.sqrt(shape.hidden() + shape.input()), SEED).all();
    }

    @ParameterizedTest
    @EnumSource
    void everySweepIsADerivative(final Cell cell) {
        int checked = 0;
        for (final boolean reverse : new boolean[] {false, true}) {
            for (final int[] lengths : LENGTHS) {
                check(new Shape(cell, 1, 1, reverse), lengths);
                check(new Shape(cell, 3, 7, reverse), lengths);
                checked += 2;
            }
            for (final int hidden : new int[] {16, 17, 19, 33}) {
                check(new Shape(cell, 2, hidden, reverse), 3, 1, 2);
                checked++;
            }
        }
        assertEquals(36, checked);
    }

    @ParameterizedTest
    @EnumSource
    void everySweepIsADerivativeForRandomShapes(final Cell cell) {
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < RANDOM_SHAPES; i++) {
            final Shape shape = new Shape(cell, random.nextInt(1, 9), random.nextInt(1, 13), random.nextBoolean());
            check(shape, random.ints(random.nextInt(1, 8), 0, 7).toArray());
        }
    }

    /** c_1 = σ(a_i) tanh(a_g), c_2 = σ(a_f) c_1 + σ(a_i) tanh(a_g), each gate's bias split over b_ih and b_hh. */
    @Test
    void twoStepsOfAnLstmByHand() {
        final Layer layer = Kernel.layer(new Shape(Cell.LSTM, 1, 1, false), Packed.of(DEVICE, 2));
        final double[] weightIh = {0.5, -0.25, 1.5, 0.75};
        final double[] weightHh = {-1, 2, 0.5, -0.5};
        final double[] biasIh = {0.1, 0.2, 0.3, 0.4};
        final double[] biasHh = {0.05, -0.3, 0.15, 0.25};
        final double[] x = {0.8, -1.2};
        final double[] point = new double[18];
        for (int gate = 0; gate < 4; gate++) {
            point[gate] = weightIh[gate];
            point[4 + gate] = weightHh[gate];
            point[8 + gate] = biasIh[gate];
            point[12 + gate] = biasHh[gate];
        }
        point[16] = x[0];
        point[17] = x[1];
        double h = 0;
        double c = 0;
        final double[] expected = new double[2];
        for (int t = 0; t < 2; t++) {
            final double[] a = new double[4];
            for (int gate = 0; gate < 4; gate++) {
                a[gate] = weightIh[gate] * x[t] + weightHh[gate] * h + biasIh[gate] + biasHh[gate];
            }
            // σ(a) = (1 + tanh(a / 2)) / 2
            c = (1 + Math.tanh(a[1] / 2)) / 2 * c + (1 + Math.tanh(a[0] / 2)) / 2 * Math.tanh(a[2]);
            h = (1 + Math.tanh(a[3] / 2)) / 2 * Math.tanh(c);
            expected[t] = h;
        }
        assertArrayEquals(expected, layer.forward(point), 1e-15);
    }

    @Test
    void twoStepsOfATanhRnnByHand() {
        final Layer layer = Kernel.layer(new Shape(Cell.TANH_RNN, 1, 1, false), Packed.of(DEVICE, 2));
        final double first = Math.tanh(0.5 * 0.8 + 0.1 + 0.05);
        final double second = Math.tanh(0.5 * -1.2 - 2 * first + 0.1 + 0.05);
        final double[] point = {0.5, -2, 0.1, 0.05, 0.8, -1.2};
        assertArrayEquals(new double[] {first, second}, layer.forward(point), 1e-15);
    }

    /** No sample sees another: each alone gives the same bits, whichever place it has in a batch. */
    @ParameterizedTest
    @EnumSource
    void samplesDoNotMix(final Cell cell) {
        final int[] lengths = {2, 5, 1, 0, 5, 3};
        for (final boolean reverse : new boolean[] {false, true}) {
            final Shape shape = new Shape(cell, 3, 5, reverse);
            final Packed packed = Packed.of(DEVICE, lengths);
            final Layer together = Kernel.layer(shape, packed);
            final double[] point = SweepChecks.random(new SplittableRandom(SEED), together.pointSize(), 1);
            final double[] outputs = together.forward(point);
            for (int sample = 0; sample < lengths.length; sample++) {
                final int[] rows = packed.rows()[sample];
                final Layer alone = Kernel.layer(shape, Packed.of(DEVICE, lengths[sample]));
                final double[] expected = alone.forward(joined(point, shape, rows));
                for (int step = 0; step < rows.length; step++) {
                    assertArrayEquals(
                            Arrays.copyOfRange(expected, step * 5, step * 5 + 5),
                            Arrays.copyOfRange(outputs, rows[step] * 5, rows[step] * 5 + 5),
                            "sample " + sample + ", step " + step + ", -Dborep.seed=" + SEED);
                }
            }
        }
    }

    /** A reversed layer is the layer over the reversed sequence, read from its end. */
    @ParameterizedTest
    @EnumSource
    void reversedIsForwardOverTheReversedSequence(final Cell cell) {
        final int steps = 4;
        final Shape shape = new Shape(cell, 3, 5, false);
        final Layer forward = Kernel.layer(shape, Packed.of(DEVICE, steps));
        final Layer reversed = Kernel.layer(new Shape(cell, 3, 5, true), Packed.of(DEVICE, steps));
        final double[] point = SweepChecks.random(new SplittableRandom(SEED), forward.pointSize(), 1);
        final double[] expected = forward.forward(joined(point, shape, 3, 2, 1, 0));
        final double[] outputs = reversed.forward(point);
        for (int step = 0; step < steps; step++) {
            assertArrayEquals(
                    Arrays.copyOfRange(expected, (steps - 1 - step) * 5, (steps - step) * 5),
                    Arrays.copyOfRange(outputs, step * 5, step * 5 + 5),
                    "step " + step + ", -Dborep.seed=" + SEED);
        }
    }

    /** The parameters of a point with these of its input rows. */
    private static double[] joined(final double[] point, final Shape shape, final int... rows) {
        final double[] joined = Arrays.copyOf(point, shape.parameters() + rows.length * shape.input());
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(
                    point,
                    shape.parameters() + rows[i] * shape.input(),
                    joined,
                    shape.parameters() + i * shape.input(),
                    shape.input());
        }
        return joined;
    }

    /** A tape serves batches of any size up to its own, and remembers nothing of the one before. */
    @ParameterizedTest
    @EnumSource
    void aTapeForgetsTheBatchBefore(final Cell cell) {
        final Shape shape = new Shape(cell, 2, 3, true);
        final Recurrent.Tape tape = DEVICE.kernels().recurrent().tape(shape, 12, 4);
        final Packed small = Packed.of(DEVICE, 2, 1);
        final Packed large = Packed.of(DEVICE, 4, 1, 4, 3);
        final Layer used = new Layer(DEVICE, new Kernel(tape, small.packing()), shape.parameters(), 3, 2, 3);
        final Layer before = new Layer(DEVICE, new Kernel(tape, large.packing()), shape.parameters(), 12, 2, 3);
        final Layer fresh = Kernel.layer(shape, small);
        final SplittableRandom random = new SplittableRandom(SEED);
        before.forward(SweepChecks.random(random, before.pointSize(), 1));
        before.tangentForward(SweepChecks.random(random, before.pointSize(), 1));
        before.backward(SweepChecks.random(random, before.outputSize(), 1));
        before.tangentBackward(SweepChecks.random(random, before.outputSize(), 1));
        final double[] point = SweepChecks.random(random, used.pointSize(), 1);
        final double[] cotangent = SweepChecks.random(random, used.outputSize(), 1);
        for (final Layer layer : new Layer[] {used, fresh}) {
            layer.forward(point);
            layer.tangentForward(point);
            layer.backward(cotangent);
        }
        assertArrayEquals(fresh.backward(cotangent), used.backward(cotangent));
        assertArrayEquals(fresh.tangentBackward(cotangent), used.tangentBackward(cotangent));
    }

    @Test
    void wrongShapesAndOrdersAreRefused() {
        final Recurrent recurrent = DEVICE.kernels().recurrent();
        final Shape shape = new Shape(Cell.LSTM, 2, 3, false);
        final Recurrent.Tape tape = recurrent.tape(shape, 5, 2);
        final Reals weights = DEVICE.reals(shape.parameters());
        final Rows input = Rows.of(DEVICE.reals(10), 2);
        final Rows output = Rows.of(DEVICE.reals(15), 3);
        final Packing packing = Packed.of(DEVICE, 3, 2).packing();
        assertRefused(
                "a batch of 3 samples and 3 rows: the tape was made for 2 and 5",
                () -> recurrent.forward(tape, Packed.of(DEVICE, 1, 1, 1).packing(), weights, input, output));
        assertRefused(
                "weights has 7 numbers, the call needs 84",
                () -> recurrent.forward(tape, packing, DEVICE.reals(7), input, output));
        assertRefused(
                "input holds 5 rows of 2, the call needs 5 of 3",
                () -> recurrent.forward(
                        recurrent.tape(new Shape(Cell.TANH_RNN, 3, 3, false), 5, 2),
                        packing,
                        DEVICE.reals(24),
                        input,
                        output));
        recurrent.forward(tape, packing, weights, input, output);
        assertOutOfOrder("tangentBackward needs backward on this tape before", tape, weights, output);
        recurrent.backward(tape, weights, output, null, null);
        assertOutOfOrder("tangentBackward needs tangentForward on this tape before", tape, weights, output);
        assertRefused(
                "direction has 3 numbers, the call needs 84",
                () -> recurrent.tangentForward(tape, weights, DEVICE.reals(3), null, output));
        assertRefused(
                "inputCotangent holds 3 rows of 2, the call needs 5 of 2",
                () -> recurrent.backward(tape, weights, output, null, Rows.of(DEVICE.reals(6), 2)));
    }

    private static void assertRefused(final String message, final Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }

    private static void assertOutOfOrder(
            final String message, final Recurrent.Tape tape, final Reals weights, final Rows output) {
        final Recurrent recurrent = DEVICE.kernels().recurrent();
        assertEquals(
                message,
                assertThrows(
                                IllegalStateException.class,
                                () -> recurrent.tangentBackward(tape, weights, null, output, null, null))
                        .getMessage());
    }
}
