package borep.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.device.Ints;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Sequences;
import borep.model.NetworkShape;
import borep.model.TextSet;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A set that is no whole number of batches: the network, made for the first of them, runs over the smaller last one. */
class AccuracyTest {
    private static final NetworkShape SHAPE =
            new NetworkShape(Recurrent.Cell.LSTM, 1, false, 3, 5, Pooling.Mode.MAX, false, List.of(), false, 2);
    /** One batch of 256 and another of 44. */
    private static final int TEXTS = 300;

    private static final int WORDS = 20;
    private static final int LONGEST = 7;

    private static Ints ints(final Device device, final int size, final IntUnaryOperator at) {
        final int[] numbers = new int[size];
        for (int i = 0; i < size; i++) {
            numbers[i] = at.applyAsInt(i);
        }
        final Ints ints = device.ints(size);
        ints.set(numbers);
        return ints;
    }

    private static Reals normal(final Device device, final int size, final int purpose) {
        final double[] numbers = new double[size];
        for (int i = 0; i < size; i++) {
            numbers[i] = (float) Philox.normal(1, 0, purpose, i);
        }
        final Reals reals = device.reals(size);
        reals.set(numbers);
        return reals;
    }

    private static Accuracy measured(final Device device) {
        final Sequences texts = new Sequences(
                ints(device, TEXTS * LONGEST, i -> i * 13 % WORDS),
                ints(device, TEXTS, i -> i * LONGEST),
                ints(device, TEXTS, i -> 1 + i % LONGEST),
                normal(device, WORDS * SHAPE.input(), 1),
                SHAPE.input());
        final Accuracy accuracy =
                new Accuracy(device, SHAPE, new TextSet(texts, null, ints(device, TEXTS, i -> i % 2), 2));
        accuracy.measure(
                normal(device, SHAPE.encoderParameters().size(), 2),
                normal(device, SHAPE.headParameters().size(), 3));
        return accuracy;
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector", "scalar", "cuda-emulated"})
    void everyTextCountsOnce(final String name) {
        assumeTrue(
                !name.startsWith("cuda")
                        || !System.getProperty("borep.cuda.emulator", "").isBlank(),
                "the native library is missing: './borep test' builds it where CMake and a C++ compiler are installed");
        try (Device device = Devices.choose(name, 1).device();
                Device reference = Devices.choose("reference", 1).device()) {
            final Accuracy expected = measured(reference);
            final Accuracy actual = measured(device);
            assertTrue(expected.loss() > 0);
            assertEquals(expected.loss(), actual.loss(), 1e-5 * expected.loss());
            assertEquals(expected.accuracy(), actual.accuracy());
        }
    }
}
