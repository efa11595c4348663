package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rows of an input are the same, and what is made of it. */
class DistinctRowsTest {
    private static final int WIDTH = 300;
    private static final int HIDDEN = 70;
    private static final int PIECES = 5;

    private final Random random = new Random(11);

    @Test
    void numbersRowsInTheOrderInWhichTheyAppear() {
        final RecurrentTape tape = found(rows(WIDTH, 0, 1, 0, 2, 1, 1, 3, 0, 3), WIDTH);
        final DistinctRows distinct = tape.distinct;
        assertTrue(distinct.pay());
        assertEquals(4, distinct.count());
        for (int d = 0; d < 4; d++) {
            final int first = new int[] {0, 1, 3, 6}[d];
            assertArrayEquals(row(tape.input, first, WIDTH), row(distinct.input, d, WIDTH));
        }
    }

    @Test
    void spreadsProductsAndSumsCotangents() {
        final int[] words = random.ints(90, 0, 20).toArray();
        final RecurrentTape tape = found(rows(WIDTH, words), WIDTH);
        final DistinctRows distinct = tape.distinct;
        final int width = distinct.gates.width;
        final Matrix cotangents = new Matrix(words.length, width);
        for (int i = 0; i < cotangents.values.length; i++) {
            cotangents.values[i] = random.nextInt(-50, 50); // whole numbers: sums are exact
        }
        pieces((piece, pieces) -> distinct.sum(cotangents, piece, pieces));
        final Matrix spread = new Matrix(words.length, width);
        pieces((piece, pieces) -> distinct.spread(spread, piece, pieces));
        for (int r = 0; r < words.length; r++) {
            final float[] expected = new float[width];
            for (int other = 0; other < words.length; other++) {
                for (int c = 0; c < width && words[other] == words[r]; c++) {
                    expected[c] += cotangents.values[cotangents.row(other) + c];
                }
            }
            assertArrayEquals(expected, row(spread, r, width), "row " + r);
        }
    }

    @Test
    void fewRepetitionsDoNotPay() {
        assertFalse(found(rows(WIDTH, 0, 1, 2, 3, 4, 5, 6, 7, 7), WIDTH).byDistinctRows()); // 8 of 9
        assertTrue(found(rows(WIDTH, 0, 1, 2, 3, 4, 5, 6, 6), WIDTH).byDistinctRows()); // 7 of 8
    }

    @Test
    void rowsAreComparedWhole() {
        final float[][] rows = rows(WIDTH, 0, 0, 1, 1, 1);
        rows[4][WIDTH - 1] += 1; // the key does not see it
        assertFalse(found(rows, WIDTH).byDistinctRows());
    }

    @ParameterizedTest
    @ValueSource(ints = {WIDTH, 28}) // some numbers of a wide row, all of a narrow one
    void zerosOfBothSignsAreNotTheSameAndWhatIsNotANumberIs(final int width) {
        final float[][] rows = new float[8][width];
        rows[1][width / 2] = -0f;
        rows[2][width / 2] = Float.NaN;
        rows[5] = rows[1];
        rows[6] = rows[2];
        final DistinctRows distinct = found(rows, width).distinct;
        assertTrue(distinct.pay());
        assertEquals(3, distinct.count());
        assertEquals(1 / -0f, 1 / distinct.input.values[distinct.input.row(1) + width / 2]);
    }

    @Test
    void oneHotRowsOfAnAlphabetAreToldApart() {
        final float[][] rows = new float[200][27];
        Arrays.stream(rows).forEach(row -> row[random.nextInt(27)] = 1);
        final DistinctRows distinct = found(rows, 27).distinct;
        assertTrue(distinct.pay());
        assertEquals(27, distinct.count());
    }

    @Test
    void smallLayersDoNotLook() {
        assertNull(tape(new Recurrent.Shape(Recurrent.Cell.TANH_RNN, 50, 20, false), 9).distinct);
    }

    /** The same texts, one by one so that no word comes again, and together. */
    @ParameterizedTest
    @EnumSource
    void repeatedWordsChangeNoBitOfTheStates(final Twin twin) {
        final int texts = 30;
        final Recurrent.Shape shape = new Recurrent.Shape(Recurrent.Cell.LSTM, WIDTH, HIDDEN, false);
        try (Device device = twin.open(2)) {
            final float[][] words = rows(WIDTH, 0, 1, 2, 3, 4);
            final Reals weights = device.reals(shape.parameters());
            weights.set(floats(shape.parameters()));
            final float[][] together = new float[2 * texts][];
            for (int i = 0; i < texts; i++) {
                together[i] = words[i % 5];
                together[texts + i] = words[(i + 1) % 5];
            }
            final float[] states = states(device, shape, weights, together, texts);
            for (int i = 0; i < texts; i++) {
                final float[] alone =
                        states(device, shape, weights, new float[][] {together[i], together[texts + i]}, 1);
                for (int step = 0; step < 2; step++) {
                    final int row = step * texts + i;
                    assertArrayEquals(
                            Arrays.copyOfRange(alone, step * HIDDEN, (step + 1) * HIDDEN),
                            Arrays.copyOfRange(states, row * HIDDEN, (row + 1) * HIDDEN),
                            "text " + i + ", step " + step);
                }
            }
        }
    }

    /** Two steps of so many texts. */
    private static float[] states(
            final Device device,
            final Recurrent.Shape shape,
            final Reals weights,
            final float[][] rows,
            final int texts) {
        final Rows input = Rows.of(device.reals(rows.length * WIDTH), WIDTH);
        input.values().set(flat(rows));
        final Rows output = Rows.of(device.reals(rows.length * HIDDEN), HIDDEN);
        final Recurrent recurrent = device.kernels().recurrent();
        recurrent.forward(recurrent.tape(shape, rows.length, texts), packing(device, 2, texts), weights, input, output);
        final double[] states = output.values().toDoubles();
        final float[] floats = new float[states.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) states[i];
        }
        return floats;
    }

    /** As many rows as words: word w is the same row wherever it comes. */
    private float[][] rows(final int width, final int... words) {
        final float[][] vectors = new float[words.length][];
        Arrays.setAll(vectors, i -> floats(width));
        return Arrays.stream(words).mapToObj(word -> vectors[word].clone()).toArray(float[][]::new);
    }

    private float[] floats(final int count) {
        final float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) random.nextGaussian() / 8;
        }
        return floats;
    }

    private static float[] flat(final float[][] rows) {
        final float[] flat = new float[rows.length * rows[0].length];
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(rows[r], 0, flat, r * rows[r].length, rows[r].length);
        }
        return flat;
    }

    private static float[] row(final Matrix matrix, final int row, final int width) {
        return Arrays.copyOfRange(matrix.values, matrix.row(row), matrix.row(row) + width);
    }

    /** A tape that has searched these rows, piece by piece. */
    private static RecurrentTape found(final float[][] rows, final int width) {
        final Recurrent.Shape shape = new Recurrent.Shape(Recurrent.Cell.LSTM, width, 160, false);
        final RecurrentTape tape = tape(shape, rows.length);
        final DistinctRows distinct = tape.distinct;
        tape.input.show(flat(rows), 0, width);
        pieces(distinct::key);
        distinct.group();
        if (distinct.areFew()) {
            pieces(distinct::gather);
        }
        return tape;
    }

    private static RecurrentTape tape(final Recurrent.Shape shape, final int rows) {
        final RecurrentTape tape = new RecurrentTape(new ScalarGemm(), shape, rows, 1, 1);
        try (Device device = VectorDevice.withScalars(1)) {
            tape.walk.follow(packing(device, rows, 1), 1);
        }
        return tape;
    }

    /** So many samples of this length. */
    private static Packing packing(final Device device, final int steps, final int samples) {
        final Packing packing = Packing.allocate(device, samples, steps);
        final int[] starts = new int[steps + 1];
        Arrays.setAll(starts, t -> t * samples);
        final int[] sizes = new int[steps];
        Arrays.fill(sizes, samples);
        packing.shape().set(new int[] {steps, steps * samples, samples});
        packing.stepStarts().set(starts);
        packing.stepSizes().set(sizes);
        return packing;
    }

    private interface Piece {
        void run(int piece, int pieces);
    }

    private static void pieces(final Piece work) {
        for (int piece = 0; piece < PIECES; piece++) {
            work.run(piece, PIECES);
        }
    }
}
