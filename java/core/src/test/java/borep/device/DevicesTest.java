package borep.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.kernel.reference.ReferenceDevice;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which device runs, and the texts that say why. */
class DevicesTest {
    private static final String NO_CUDA =
            "the module borep.cuda is not on the module path: add the directory that holds it";

    private static Devices in(final Map<String, String> properties, final Map<String, String> environment) {
        return new Devices(properties::get, environment::get, List.of());
    }

    @Test
    void automaticallyTheFastestThatCanBeHad() {
        final Devices.Choice choice = in(Map.of(), Map.of()).pick(null, 2);
        try (Device device = choice.device()) {
            assertEquals("vector", device.name());
            assertNull(choice.asked());
            assertEquals(List.of(new Devices.Refusal("cuda", NO_CUDA)), choice.refusals());
            assertEquals("vector: " + device.description() + "; not cuda: " + NO_CUDA, choice.line());
        }
    }

    @Test
    void aProviderComesFirst() {
        final DeviceProvider provider = new DeviceProvider() {
            @Override
            public boolean offers(final String name) {
                return name.equals("cuda");
            }

            @Override
            public Device open(final String name, final int threads) {
                return new ReferenceDevice();
            }
        };
        final Devices devices = new Devices(name -> null, name -> null, List.of(provider));
        try (Device device = devices.pick(null, 1).device()) {
            assertEquals("reference", device.name());
        }
    }

    @Test
    void theNameGivenGoesBeforeThePropertyBeforeTheVariable() {
        final Devices devices = in(Map.of("borep.device", "scalar"), Map.of("BOREP_DEVICE", "reference"));
        try (Device device = devices.pick("vector", 1).device()) {
            assertEquals("vector", device.name());
        }
        final Devices.Choice byProperty = devices.pick(null, 1);
        try (Device device = byProperty.device()) {
            assertEquals("scalar", device.name());
            assertEquals("scalar: plain Java floats, 1 thread, asked for by -Dborep.device", byProperty.line());
        }
        final Devices.Choice byVariable =
                in(Map.of(), Map.of("BOREP_DEVICE", "reference")).pick(null, 1);
        try (Device device = byVariable.device()) {
            assertEquals("reference", device.name());
            assertEquals("BOREP_DEVICE", byVariable.asked());
        }
    }

    @Test
    void whatIsAskedForIsHadOrAnError() {
        assertEquals(
                NO_CUDA,
                assertThrows(
                                DeviceUnavailable.class,
                                () -> in(Map.of(), Map.of()).pick("cuda:0", 1))
                        .getMessage());
        assertEquals(
                "device 'gpu': must be one of cuda, vector, scalar, reference",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> in(Map.of(), Map.of()).pick("gpu", 1))
                        .getMessage());
        assertEquals(
                "BOREP_DEVICE 'gpu': must be one of cuda, vector, scalar, reference",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> in(Map.of(), Map.of("BOREP_DEVICE", "gpu"))
                                        .pick(null, 1))
                        .getMessage());
    }

    @Test
    void threadsAreCountedOrGiven() {
        assertEquals(
                Runtime.getRuntime().availableProcessors(),
                in(Map.of(), Map.of()).threadCount());
        assertEquals(3, in(Map.of(), Map.of("BOREP_THREADS", " 3 ")).threadCount());
        for (final String text : List.of("0", "-1", "many", "1.5")) {
            assertEquals(
                    "BOREP_THREADS '" + text + "': must be a whole number of at least 1",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> in(Map.of(), Map.of("BOREP_THREADS", text))
                                            .threadCount())
                            .getMessage());
        }
    }

    @Test
    void everyCandidateIsExplained() {
        final List<String> lines = in(Map.of(), Map.of()).explanation(2);
        assertEquals(4, lines.size());
        assertEquals("  cuda: not available, " + NO_CUDA, lines.get(0));
        assertTrue(lines.get(1).startsWith("* vector: Vector API, "), lines.get(1));
        assertEquals("  scalar: plain Java floats, 2 threads", lines.get(2));
        assertEquals("  reference: plain loops in float64 on one thread", lines.get(3));
    }
}
