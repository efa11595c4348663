package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.DeviceUnavailable;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import borep.kernel.cases.Agreement;
import borep.kernel.cases.KernelCases;
import borep.kernel.cases.KernelCases.Case;
import borep.kernel.reference.ReferenceDevice;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kernel of the vector and scalar devices against the reference, in every width of vectors. */
class VectorKernelsTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);
    private static final int CASES = 102;
    private static final int SPLIT_CASES = 23;
    private static final List<Case> ALL = KernelCases.all(SEED);
    private static final Map<String, Map<String, double[]>> REFERENCE = reference();
    private static final Map<Twin, Map<String, Map<String, double[]>>> ONE_THREAD = new EnumMap<>(Twin.class);

    private static Map<String, Map<String, double[]>> reference() {
        final Map<String, Map<String, double[]>> results = new LinkedHashMap<>();
        try (Device device = new ReferenceDevice()) {
            ALL.forEach(c -> results.put(c.name(), c.run().apply(device)));
        }
        return results;
    }

    /** What one thread computes, kept for all tests that look at it. */
    private static Map<String, Map<String, double[]>> onOneThread(final Twin twin) {
        return ONE_THREAD.computeIfAbsent(twin, t -> run(t, 1, ALL));
    }

    private static Map<String, Map<String, double[]>> run(final Twin twin, final int threads, final List<Case> cases) {
        final Map<String, Map<String, double[]>> results = new LinkedHashMap<>();
        try (Device device = twin.open(threads)) {
            cases.forEach(c -> results.put(c.name(), c.run().apply(device)));
        }
        return results;
    }

    @ParameterizedTest
    @EnumSource
    void everyCaseAgreesWithTheReference(final Twin twin) {
        final Map<String, Map<String, double[]>> results = onOneThread(twin);
        int compared = 0;
        for (final Case c : ALL) {
            Agreement.check(c, REFERENCE.get(c.name()), results.get(c.name()));
            compared++;
        }
        assertEquals(CASES, compared);
    }

    @ParameterizedTest
    @EnumSource
    void repetitionChangesNoBit(final Twin twin) {
        assertSame(CASES, onOneThread(twin), run(twin, 1, ALL), "again");
    }

    @ParameterizedTest
    @EnumSource
    void threadsChangeNoBit(final Twin twin) {
        final List<Case> split =
                ALL.stream().filter(c -> c.name().contains("several cores")).toList();
        for (final int threads : new int[] {2, 3, 3}) {
            assertSame(SPLIT_CASES, onOneThread(twin), run(twin, threads, split), "on " + threads + " threads");
        }
    }

    private static void assertSame(
            final int count,
            final Map<String, Map<String, double[]>> expected,
            final Map<String, Map<String, double[]>> actual,
            final String when) {
        actual.forEach((name, outputs) -> outputs.forEach((output, values) -> assertArrayEquals(
                expected.get(name).get(output), values, name + ", " + output + " " + when + "; -Dborep.seed=" + SEED)));
        assertEquals(count, actual.size());
    }

    @Test
    void widthsOfVectorsChangeNoBitOfProducts() {
        final String name = "dense tanh: two blocks of depth, several cores";
        final Map<String, double[]> wide = onOneThread(Twin.VECTOR_512).get(name);
        final Map<String, double[]> narrow = onOneThread(Twin.VECTOR_128).get(name);
        wide.forEach((output, values) -> assertArrayEquals(values, narrow.get(output), output));
    }

    @Test
    void momentumZeroMovesNothing() {
        for (final Twin twin : Twin.values()) {
            try (Device device = twin.open(1)) {
                final Reals zero = device.reals(40);
                final Reals x = device.reals(40);
                device.kernels().update().fill(x, 2);
                final Reals step = device.reals(1);
                device.kernels().update().fill(step, 1);
                device.kernels().update().normalisedMomentum(0.5, zero, device.reals(40), step, 0, x, device.reals(1));
                assertEquals(2, x.get(17));
            }
        }
    }

    /** In whole vectors and in the tail; each column has its NaN in another of the three steps, the last one has none. */
    @ParameterizedTest
    @EnumSource
    void noMaximumHidesWhatIsNotANumber(final Twin twin) {
        final int width = 37;
        final double[] steps = new double[3 * width];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = i % width < width - 1 && i / width == i % width % 3 ? Double.NaN : -i;
        }
        try (Device device = twin.open(1)) {
            final Packing packing = Packing.allocate(device, 1, 3);
            packing.shape().set(new int[] {3, 3, 1});
            packing.lengths().set(new int[] {3});
            packing.stepSizes().set(new int[] {1, 1, 1});
            packing.stepStarts().set(new int[] {0, 1, 2, 3});
            final Rows rows = Rows.of(device.reals(3 * width), width);
            rows.values().set(steps);
            final Rows features = Rows.of(device.reals(width), width);
            final Pooling pooling = device.kernels().pooling();
            pooling.forward(pooling.tape(Pooling.Mode.MAX, width, 1), packing, rows, features);
            for (int c = 0; c < width - 1; c++) {
                assertEquals(Double.NaN, features.values().get(c), "column " + c);
            }
            assertEquals(-(width - 1), features.values().get(width - 1));
        }
    }

    @Test
    void describesItself() {
        try (Device device = Twin.VECTOR_256.open(2)) {
            assertEquals("vector", device.name());
            assertEquals("Vector API, 256-bit float lanes, 2 threads", device.description());
        }
        try (Device device = Twin.SCALAR.open(1)) {
            assertEquals("scalar", device.name());
            assertEquals("plain Java floats, 1 thread", device.description());
        }
    }

    @Test
    void refusesWithoutTheVectorApi() {
        final DeviceUnavailable refusal = assertThrows(DeviceUnavailable.class, Twin::withoutVectorApi);
        assertEquals(
                "the module jdk.incubator.vector is not part of this run: "
                        + "start java with --add-modules jdk.incubator.vector",
                refusal.getMessage());
    }

    @Test
    void refusesWrongShapes() {
        try (Device device = Twin.SCALAR.open(1)) {
            final Dense dense = device.kernels().dense();
            final Dense.Tape tape = dense.tape(new Dense.Shape(3, 4, true), 5);
            final Reals weights = device.reals(16);
            final Rows input = Rows.of(device.reals(15), 3);
            assertRefused(
                    "output holds 3 rows of 4, the call needs 5 of 4",
                    () -> dense.forward(tape, 5, weights, input, Rows.of(device.reals(12), 4)));
            assertRefused(
                    "weights has 15 numbers, the call needs 16",
                    () -> dense.forward(tape, 5, device.reals(15), input, Rows.of(device.reals(20), 4)));
            assertRefused(
                    "rows 6: the tape was made for 0 to 5",
                    () -> dense.forward(tape, 6, weights, input, Rows.of(device.reals(20), 4)));
        }
    }

    @Test
    void refusesSweepsOutOfOrder() {
        try (Device device = Twin.SCALAR.open(1)) {
            final Recurrent recurrent = device.kernels().recurrent();
            final Recurrent.Shape shape = new Recurrent.Shape(Recurrent.Cell.LSTM, 2, 3, false);
            final Recurrent.Tape tape = recurrent.tape(shape, 4, 2);
            final Reals weights = device.reals(shape.parameters());
            assertEquals(
                    "tangentBackward needs tangentForward on this tape before",
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> recurrent.tangentBackward(
                                            tape, weights, null, Rows.of(device.reals(12), 3), null, null))
                            .getMessage());
        }
    }

    private static void assertRefused(final String message, final Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
