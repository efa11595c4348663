package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Pooling;
import borep.kernel.Pooling.Mode;
import borep.kernel.Pooling.Pair;
import borep.kernel.Rows;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pooling by hand where maxima tie, vanish or are not numbers; as a linear map; and pairs against differences. */
class ReferencePoolingTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);
    private static final double STEP = 1e-5;

    private static final Device DEVICE = new ReferenceDevice();
    private static final Pooling POOLING = DEVICE.kernels().pooling();

    /** Sequences of one feature, pooled. */
    private static double[] pool(final Mode mode, final double[]... sequences) {
        return sweep(mode, null, sequences);
    }

    /** Pools the sequences, then (if there are any) their tangents with the same winners. */
    private static double[] sweep(final Mode mode, final double[][] tangents, final double[]... sequences) {
        final Packed packed = packed(sequences);
        final Rows features = Rows.of(DEVICE.reals(sequences.length), 1);
        features.values().set(filled(sequences.length, Double.NaN));
        final Pooling.Tape tape = POOLING.tape(mode, 1, sequences.length);
        POOLING.forward(tape, packed.packing(), rows(packed, sequences), features);
        if (tangents != null) {
            POOLING.tangentForward(tape, rows(packed, tangents), features);
        }
        return features.values().toDoubles();
    }

    /** The cotangents of each step of the only sequence, of which another one has {@code padding} steps more. */
    private static double[] cotangents(final Mode mode, final int padding, final double... sequence) {
        final double[] longer = filled(sequence.length + padding, -1);
        final Packed packed = packed(sequence, longer);
        final Pooling.Tape tape = POOLING.tape(mode, 1, 2);
        final Rows cotangents = Rows.of(DEVICE.reals(packed.count()), 1);
        POOLING.forward(
                tape, packed.packing(), rows(packed, new double[][] {sequence, longer}), Rows.of(DEVICE.reals(2), 1));
        POOLING.backward(tape, Rows.of(vector(1, 0), 1), cotangents);
        final double[] steps = new double[sequence.length];
        for (int t = 0; t < steps.length; t++) {
            steps[t] = cotangents.values().get(packed.rows()[0][t]);
        }
        return steps;
    }

    private static Packed packed(final double[]... sequences) {
        final int[] lengths = new int[sequences.length];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = sequences[i].length;
        }
        return Packed.of(DEVICE, lengths);
    }

    private static Rows rows(final Packed packed, final double[]... sequences) {
        final double[] values = new double[packed.count()];
        for (int i = 0; i < sequences.length; i++) {
            for (int t = 0; t < sequences[i].length; t++) {
                values[packed.rows()[i][t]] = sequences[i][t];
            }
        }
        return Rows.of(vector(values), 1);
    }

    private static double[] filled(final int size, final double value) {
        final double[] values = new double[size];
        java.util.Arrays.fill(values, value);
        return values;
    }

    private static Reals vector(final double... values) {
        final Reals reals = DEVICE.reals(values.length);
        reals.set(values);
        return reals;
    }

    @Test
    void everyModeByHand() {
        final double[] first = {-3, -1, -2};
        final double[] second = {5};
        final double[] third = {};
        final double[] fourth = {-4, -6};
        assertArrayEquals(new double[] {-1, 5, 0, -4}, pool(Mode.MAX, first, second, third, fourth));
        assertArrayEquals(new double[] {-1, 5, 0, 0}, pool(Mode.MAX_PADDED, first, second, third, fourth));
        assertArrayEquals(new double[] {-2, 5, 0, -5}, pool(Mode.MEAN, first, second, third, fourth));
        assertArrayEquals(new double[] {-2, 5, 0, -6}, pool(Mode.LAST, first, second, third, fourth));
    }

    @Test
    void tangentsFollowTheWinners() {
        final double[][] sequences = {{1, 3, 2}, {-1, -2}, {}};
        final double[][] tangents = {{10, 20, 30}, {40, 50}, {}};
        assertArrayEquals(new double[] {20, 40, 0}, sweep(Mode.MAX, tangents, sequences));
        assertArrayEquals(new double[] {20, 0, 0}, sweep(Mode.MAX_PADDED, tangents, sequences));
        assertArrayEquals(new double[] {20, 45, 0}, sweep(Mode.MEAN, tangents, sequences));
        assertArrayEquals(new double[] {30, 50, 0}, sweep(Mode.LAST, tangents, sequences));
    }

    @Test
    void theEarliestStepWinsATie() {
        assertArrayEquals(new double[] {0, 1, 0, 0}, cotangents(Mode.MAX, 0, 1, 4, 4, 2));
        assertArrayEquals(new double[] {1, 0}, cotangents(Mode.MAX, 3, 4, 4));
    }

    /** A padded zero lies behind the sequence's own steps, so it only wins against negative numbers. */
    @Test
    void aPaddedZeroWinsAgainstNegativeNumbersOnly() {
        assertArrayEquals(new double[] {0, 0}, cotangents(Mode.MAX_PADDED, 1, -1, -2));
        assertArrayEquals(new double[] {0, 1}, cotangents(Mode.MAX_PADDED, 1, -1, 0));
        assertArrayEquals(new double[] {0, 1}, cotangents(Mode.MAX_PADDED, 1, -1, 1));
        assertArrayEquals(new double[] {1, 0}, cotangents(Mode.MAX_PADDED, 0, -1, -2)); // as long as the longest
    }

    @ParameterizedTest
    @EnumSource(names = {"MAX", "MAX_PADDED"})
    void noMaximumHidesWhatIsNotANumber(final Mode mode) {
        final double[] longest = {1, 1, 1, 1};
        assertArrayEquals(
                new double[] {Double.NaN, Double.NaN, Double.NaN, 1},
                pool(
                        mode,
                        new double[] {Double.NaN, 2},
                        new double[] {2, Double.NaN, 3},
                        new double[] {Double.NaN},
                        longest));
        assertArrayEquals(new double[] {0, 1, 0}, cotangents(mode, 1, 2, Double.NaN, Double.NaN));
    }

    /** ⟨P ẏ, s̄⟩ = ⟨ẏ, Pᵀ s̄⟩ for the map P left by forward, over features of several columns. */
    @ParameterizedTest
    @EnumSource
    void backwardIsTheTransposeOfTangentForward(final Mode mode) {
        final SplittableRandom random = new SplittableRandom(SEED);
        for (int trial = 0; trial < 20; trial++) {
            final int[] lengths = random.ints(random.nextInt(1, 7), 0, 6).toArray();
            final int width = random.nextInt(1, 5);
            final Packed packed = Packed.of(DEVICE, lengths);
            final int batch = lengths.length;
            final Pooling.Tape tape = POOLING.tape(mode, width, batch);
            final double[] tangents = SweepChecks.random(random, packed.count() * width, 1);
            final double[] cotangents = SweepChecks.random(random, batch * width, 1);
            final Rows features = Rows.of(DEVICE.reals(batch * width), width);
            final double[] start = SweepChecks.random(random, packed.count() * width, 1);
            final Rows back = Rows.of(vector(start), width);
            POOLING.forward(
                    tape,
                    packed.packing(),
                    Rows.of(vector(SweepChecks.random(random, packed.count() * width, 1)), width),
                    features);
            POOLING.tangentForward(tape, Rows.of(vector(tangents), width), features);
            POOLING.backward(tape, Rows.of(vector(cotangents), width), back);
            double there = 0;
            final double[] pooled = features.values().toDoubles();
            for (int i = 0; i < pooled.length; i++) {
                there += pooled[i] * cotangents[i];
            }
            double backAgain = 0;
            final double[] accumulated = back.values().toDoubles();
            for (int i = 0; i < accumulated.length; i++) {
                backAgain += (accumulated[i] - start[i]) * tangents[i];
            }
            assertEquals(there, backAgain, 1e-12, mode + ", trial " + trial + ", -Dborep.seed=" + SEED);
        }
    }

    private static Pair pair(final double[] u, final double[] v, final int width) {
        return new Pair(Rows.of(vector(u), width), Rows.of(vector(v), width));
    }

    @Test
    void pairsByHand() {
        final Rows features = Rows.of(DEVICE.reals(16), 8);
        POOLING.pairForward(2, pair(new double[] {1, 2, 3, 4}, new double[] {5, -2, 3, 0}, 2), features);
        assertArrayEquals(
                new double[] {1, 2, 5, -2, 4, 4, 5, -4, 3, 4, 3, 0, 0, 4, 9, 0},
                features.values().toDoubles());
    }

    @Test
    void equalHalvesGetNothingFromTheirDistance() {
        final Pair cotangents = pair(new double[1], new double[1], 1);
        final Rows features = Rows.of(vector(0, 0, 1, 0), 4);
        POOLING.pairBackward(1, pair(new double[] {2}, new double[] {2}, 1), features, cotangents);
        assertEquals(0, cotangents.u().values().get(0));
        assertEquals(0, cotangents.v().values().get(0));
    }

    @Test
    void pairSweepsAreDerivatives() {
        final int rows = 3;
        final int width = 4;
        final int size = rows * width;
        final SplittableRandom random = new SplittableRandom(SEED);
        final double[][] values = {SweepChecks.random(random, size, 1), SweepChecks.random(random, size, 1)};
        final double[][] along = {SweepChecks.random(random, size, 1), SweepChecks.random(random, size, 1)};
        final double[] cotangent = SweepChecks.random(random, 4 * size, 1);
        final double[] cotangentTangent = SweepChecks.random(random, 4 * size, 1);
        final Pair point = pair(values[0], values[1], width);
        final Pair direction = pair(along[0], along[1], width);

        final Rows tangent = Rows.of(DEVICE.reals(4 * size), 4 * width);
        POOLING.pairTangentForward(rows, point, direction, tangent);
        final double[] above = features(moved(values, along, STEP), rows, width);
        final double[] below = features(moved(values, along, -STEP), rows, width);
        final double[] tangents = tangent.values().toDoubles();
        double there = 0;
        for (int i = 0; i < tangents.length; i++) {
            assertEquals((above[i] - below[i]) / (2 * STEP), tangents[i], 1e-9, "-Dborep.seed=" + SEED);
            there += tangents[i] * cotangent[i];
        }

        final double[] back = cotangents(values, cotangent, rows, width);
        double backAgain = 0;
        for (int i = 0; i < size; i++) {
            backAgain += back[i] * along[0][i] + back[size + i] * along[1][i];
        }
        assertEquals(there, backAgain, 1e-12, "-Dborep.seed=" + SEED);

        final Pair second = pair(new double[size], new double[size], width);
        POOLING.pairTangentBackward(
                rows,
                point,
                direction,
                Rows.of(vector(cotangent), 4 * width),
                Rows.of(vector(cotangentTangent), 4 * width),
                second);
        final double[][] fixed = {cotangent};
        final double[][] moving = {cotangentTangent};
        final double[] aboveBack = cotangents(moved(values, along, STEP), moved(fixed, moving, STEP)[0], rows, width);
        final double[] belowBack = cotangents(moved(values, along, -STEP), moved(fixed, moving, -STEP)[0], rows, width);
        for (int i = 0; i < size; i++) {
            assertEquals(
                    (aboveBack[i] - belowBack[i]) / (2 * STEP),
                    second.u().values().get(i),
                    1e-9);
            assertEquals(
                    (aboveBack[size + i] - belowBack[size + i]) / (2 * STEP),
                    second.v().values().get(i),
                    1e-9);
        }
    }

    private static double[][] moved(final double[][] values, final double[][] along, final double t) {
        final double[][] moved = new double[values.length][values[0].length];
        for (int n = 0; n < values.length; n++) {
            for (int i = 0; i < values[n].length; i++) {
                moved[n][i] = values[n][i] + t * along[n][i];
            }
        }
        return moved;
    }

    private static double[] features(final double[][] values, final int rows, final int width) {
        final Rows features = Rows.of(DEVICE.reals(4 * rows * width), 4 * width);
        POOLING.pairForward(rows, pair(values[0], values[1], width), features);
        return features.values().toDoubles();
    }

    private static double[] cotangents(
            final double[][] values, final double[] cotangent, final int rows, final int width) {
        final Pair cotangents = pair(new double[rows * width], new double[rows * width], width);
        POOLING.pairBackward(
                rows, pair(values[0], values[1], width), Rows.of(vector(cotangent), 4 * width), cotangents);
        final double[] both = java.util.Arrays.copyOf(cotangents.u().values().toDoubles(), 2 * rows * width);
        System.arraycopy(cotangents.v().values().toDoubles(), 0, both, rows * width, rows * width);
        return both;
    }

    @Test
    void wrongShapesAreRefused() {
        final Packed packed = Packed.of(DEVICE, 2, 1, 1);
        final Rows four = Rows.of(DEVICE.reals(8), 2);
        assertRefused(
                "samples 3: the tape was made for 0 to 2",
                () -> POOLING.forward(POOLING.tape(Mode.MEAN, 2, 2), packed.packing(), four, four));
        assertRefused(
                "features holds 2 rows of 2, the call needs 3 of 2",
                () -> POOLING.forward(
                        POOLING.tape(Mode.MEAN, 2, 3), packed.packing(), four, Rows.of(DEVICE.reals(4), 2)));
        assertRefused(
                "features holds 4 rows of 2, the call needs 4 of 8",
                () -> POOLING.pairForward(4, new Pair(four, four), four));
    }

    private static void assertRefused(final String message, final Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
