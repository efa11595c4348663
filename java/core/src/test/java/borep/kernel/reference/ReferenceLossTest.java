package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Loss.Regulariser;
import borep.kernel.Rows;
import borep.kernel.Store;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cross-entropy, sample weights and regularisers against differences, by hand, and where numbers become extreme. */
class ReferenceLossTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);
    private static final double STEP = 1e-5;

    private static final Device DEVICE = new ReferenceDevice();
    private static final Loss LOSS = DEVICE.kernels().loss();

    private static Reals vector(final double... values) {
        final Reals reals = DEVICE.reals(values.length);
        reals.set(values);
        return reals;
    }

    private static double[] moved(final double[] a, final double t, final double[] b) {
        final double[] sum = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = a[i] + t * b[i];
        }
        return sum;
    }

    private static double dot(final double[] a, final double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** A batch whose logits can be moved. */
    private static final class Softmax {
        final int classes;
        final Ints labels;
        final Reals losses;
        final Rows matrix;
        final Loss.Tape tape;

        Softmax(final int classes, final int... labels) {
            this.classes = classes;
            this.labels = Packed.ints(DEVICE, labels);
            losses = DEVICE.reals(labels.length);
            matrix = Rows.of(DEVICE.reals(labels.length * classes), classes);
            tape = LOSS.tape(labels.length, classes);
        }

        double[] losses(final double... logits) {
            LOSS.forward(tape, labels.size(), Rows.of(vector(logits), classes), labels, losses);
            return losses.toDoubles();
        }

        double[] cotangents(final double[] weights, final double... logits) {
            losses(logits);
            LOSS.backward(tape, vector(weights), matrix);
            return matrix.values().toDoubles();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 17})
    void everySweepIsADerivative(final int classes) {
        final SplittableRandom random = new SplittableRandom(SEED);
        final int[] labels = random.ints(6, 0, classes).toArray();
        final Softmax softmax = new Softmax(classes, labels);
        final double[] z = SweepChecks.random(random, 6 * classes, 2);
        final double[] along = SweepChecks.random(random, 6 * classes, 1);
        final double[] weights = SweepChecks.random(random, 6, 1);
        final String seed = "-Dborep.seed=" + SEED;

        final double[] above = softmax.losses(moved(z, STEP, along));
        final double[] below = softmax.losses(moved(z, -STEP, along));
        softmax.losses(z);
        final Reals tangents = DEVICE.reals(6);
        LOSS.tangentForward(softmax.tape, Rows.of(vector(along), classes), tangents);
        for (int i = 0; i < 6; i++) {
            assertEquals((above[i] - below[i]) / (2 * STEP), tangents.get(i), 1e-8, seed);
        }

        final double[] cotangents = softmax.cotangents(weights, z);
        assertEquals(dot(tangents.toDoubles(), weights), dot(cotangents, along), 1e-12, seed);

        final double[] aboveBack = softmax.cotangents(weights, moved(z, STEP, along));
        final double[] belowBack = softmax.cotangents(weights, moved(z, -STEP, along));
        softmax.losses(z);
        LOSS.tangentBackward(softmax.tape, vector(weights), Rows.of(vector(along), classes), softmax.matrix);
        final double[] second = softmax.matrix.values().toDoubles();
        for (int i = 0; i < second.length; i++) {
            assertEquals((aboveBack[i] - belowBack[i]) / (2 * STEP), second[i], 1e-8, seed);
        }
    }

    @Test
    void hugeLogitsNeitherOverflowNorLoseDigits() {
        final Softmax softmax = new Softmax(2, 0, 1, 0);
        assertArrayEquals(
                new double[] {Math.log1p(Math.exp(-1)), 2e300, 0},
                softmax.losses(1e8, 1e8 - 1, 1e300, -1e300, 800, -800));
        assertArrayEquals(
                new double[] {0, 0, 1, -1, 0, 0},
                softmax.cotangents(new double[] {0, 1, 1}, 1e8, 1e8 - 1, 1e300, -1e300, 800, -800),
                Double.MIN_VALUE); // −0 is 0
    }

    @Test
    void equalLogitsByHand() {
        final Softmax softmax = new Softmax(4, 2);
        assertEquals(Math.log(4), softmax.losses(7, 7, 7, 7)[0], 1e-15);
        assertArrayEquals(new double[] {0.5, 0.5, -1.5, 0.5}, softmax.cotangents(new double[] {2}, 7, 7, 7, 7), 1e-15);
    }

    @Test
    void theFirstOfEqualClassesIsPredicted() {
        final Ints predictions = DEVICE.ints(4);
        LOSS.predict(4, Rows.of(vector(1, 3, 3, 2, 2, 2, -5, -4, -4, 0, -1, 1), 3), predictions);
        assertArrayEquals(new int[] {1, 0, 1, 2}, predictions.toArray());
    }

    @Test
    void aLabelOutOfRangeIsRefused() {
        for (final int label : new int[] {-1, 3}) {
            final IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class, () -> new Softmax(3, 0, label).losses(1, 2, 3, 4, 5, 6));
            assertEquals("label " + label + " of sample 1: must be in [0, 3)", e.getMessage());
        }
    }

    /** w = s σ(x) and ⟨w̄, ẇ⟩ = ⟨x̄, ẋ⟩, samples that come twice counted twice. */
    @Test
    void sampleWeightsAndTheirDerivative() {
        final double[] x = {0.3, -1.2, 800, -800};
        final Ints indices = Packed.ints(DEVICE, 2, 0, 3, 0);
        final Reals weights = DEVICE.reals(4);
        LOSS.sampleWeights(vector(x), indices, 0.25, weights);
        final double sigma = 1 / (1 + Math.exp(-0.3));
        assertArrayEquals(new double[] {0.25, 0.25 * sigma, 0, 0.25 * sigma}, weights.toDoubles(), 1e-16);

        final Reals gradient = vector(1, 2, 3, 4);
        LOSS.sampleWeightsBackward(vector(x), indices, 0.25, vector(5, 6, 7, 8), gradient);
        assertArrayEquals(new double[] {1 + 0.25 * sigma * (1 - sigma) * 14, 2, 3, 4}, gradient.toDoubles(), 1e-15);
        final Reals above = DEVICE.reals(4);
        final Reals below = DEVICE.reals(4);
        LOSS.sampleWeights(vector(0.3 + STEP, x[1], x[2], x[3]), indices, 0.25, above);
        LOSS.sampleWeights(vector(0.3 - STEP, x[1], x[2], x[3]), indices, 0.25, below);
        final double slope =
                (dot(above.toDoubles(), new double[] {5, 6, 7, 8}) - dot(below.toDoubles(), new double[] {5, 6, 7, 8}))
                        / (2 * STEP);
        assertEquals(slope, gradient.get(0) - 1, 1e-9);
    }

    @Test
    void aSampleOutOfRangeIsRefused() {
        final IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> LOSS.sampleWeights(vector(1, 2), Packed.ints(DEVICE, 0, 2), 1, DEVICE.reals(2)));
        assertEquals("sample 2 at place 1: must be in [0, 2)", e.getMessage());
    }

    private static final double FACTOR = 0.3;
    private static final double COEFFICIENT = 0.7;

    private static double value(final Regulariser kind, final double... y) {
        final Reals value = vector(2);
        LOSS.regularise(kind, FACTOR, vector(COEFFICIENT), vector(y), value);
        return value.get(0) - 2;
    }

    private static double[] gradient(final Regulariser kind, final double... y) {
        final Reals gradient = DEVICE.reals(y.length);
        LOSS.regulariserGradient(kind, FACTOR, vector(COEFFICIENT), vector(y), gradient, Store.ADD);
        return gradient.toDoubles();
    }

    private static double[] product(final Regulariser kind, final double[] z, final double... y) {
        final Reals product = DEVICE.reals(y.length);
        LOSS.regulariserHessianVector(kind, FACTOR, vector(COEFFICIENT), vector(y), vector(z), product, Store.ADD);
        return product.toDoubles();
    }

    @ParameterizedTest
    @EnumSource
    void derivativesAreWrittenOverWhatIsThereOrAddedToIt(final Regulariser kind) {
        final double[] y = {1, -2, 3};
        final double[] z = {2, 1, -1};
        final double[] start = {5, 6, 7};
        final Reals written = vector(Double.NaN, Double.NaN, Double.NaN);
        final Reals added = vector(start);
        LOSS.regulariserGradient(kind, FACTOR, vector(COEFFICIENT), vector(y), written, Store.WRITE);
        LOSS.regulariserGradient(kind, FACTOR, vector(COEFFICIENT), vector(y), added, Store.ADD);
        assertArrayEquals(gradient(kind, y), written.toDoubles());
        assertArrayEquals(moved(start, 1, gradient(kind, y)), added.toDoubles());
        LOSS.regulariserHessianVector(kind, FACTOR, vector(COEFFICIENT), vector(y), vector(z), written, Store.WRITE);
        assertArrayEquals(product(kind, z, y), written.toDoubles());
    }

    @ParameterizedTest
    @EnumSource
    void everyRegulariserIsDifferentiatedTwice(final Regulariser kind) {
        final SplittableRandom random = new SplittableRandom(SEED);
        final double[] y = SweepChecks.random(random, 9, 1);
        final double[] z = SweepChecks.random(random, 9, 1);
        final double slope = (value(kind, moved(y, STEP, z)) - value(kind, moved(y, -STEP, z))) / (2 * STEP);
        assertEquals(slope, dot(gradient(kind, y), z), 1e-9, "-Dborep.seed=" + SEED);
        final double[] above = gradient(kind, moved(y, STEP, z));
        final double[] below = gradient(kind, moved(y, -STEP, z));
        final double[] product = product(kind, z, y);
        for (int i = 0; i < 9; i++) {
            assertEquals((above[i] - below[i]) / (2 * STEP), product[i], 1e-9, "-Dborep.seed=" + SEED);
        }
        final Reals mixed = vector(2);
        LOSS.regulariserMixed(kind, FACTOR, vector(y), vector(z), mixed);
        assertEquals(dot(gradient(kind, y), z) / COEFFICIENT, mixed.get(0) - 2, 1e-12, "-Dborep.seed=" + SEED);
    }

    @Test
    void regularisersByHand() {
        assertEquals(0.21 * 12.5, value(Regulariser.SQUARED, 3, 4), 1e-15);
        assertEquals(0.21 * 5, value(Regulariser.NORM, 3, 4), 1e-15);
        assertArrayEquals(new double[] {0.21 * 0.6, 0.21 * 0.8}, gradient(Regulariser.NORM, 3, 4), 1e-15);
        // across y the norm is curved by 1 / ‖y‖, along y it is not
        assertArrayEquals(
                new double[] {0.21 * -4 / 5, 0.21 * 3 / 5},
                product(Regulariser.NORM, new double[] {-4, 3}, 3, 4),
                1e-15);
        assertArrayEquals(new double[2], product(Regulariser.NORM, new double[] {3, 4}, 3, 4), 1e-15);
    }

    @Test
    void theNormHasNoDerivativesAtZero() {
        assertEquals(0, value(Regulariser.NORM, 0, 0));
        assertArrayEquals(new double[2], gradient(Regulariser.NORM, 0, 0));
        assertArrayEquals(new double[2], product(Regulariser.NORM, new double[] {1, 2}, 0, 0));
        final Reals mixed = vector(2);
        LOSS.regulariserMixed(Regulariser.NORM, FACTOR, vector(0, 0), vector(1, 2), mixed);
        assertEquals(2, mixed.get(0));
    }

    /** 1 / ‖y‖³ alone would be infinite here. */
    @Test
    void theNormIsCurvedCloseToZero() {
        final double[] product = product(Regulariser.NORM, new double[] {-4, 3}, 3e-120, 4e-120);
        assertArrayEquals(new double[] {0.21 * -0.8e120, 0.21 * 0.6e120}, product, 1e106);
    }
}
