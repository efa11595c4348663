package borep.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.cuda.CudaDevice;
import borep.data.DataException;
import borep.data.Safetensors;
import borep.device.Device;
import borep.device.Devices;
import borep.kernel.reference.ReferenceDevice;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden cases: those that come with the project, and all of them where they lie beside the checkout. */
class VerificationTest {
    @TempDir
    private Path folder;

    private static List<Path> own() throws IOException, URISyntaxException {
        final Path first =
                Path.of(VerificationTest.class.getResource("/golden/FORMAT.md").toURI());
        try (Stream<Path> files = Files.list(first.getParent())) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .toList();
        }
    }

    private static void requireBuilt(final String device) {
        Assumptions.assumeTrue(
                !device.startsWith("cuda")
                        || !System.getProperty("borep.cuda.emulator", "").isBlank(),
                "the native library is missing: './borep test' builds it where CMake and a C++ compiler are installed");
    }

    private static int check(final Device device, final List<Path> files) {
        final Verification verification = new Verification(device);
        int compared = 0;
        for (final Path file : files) {
            final Verification.Outcome outcome = verification.verify(file);
            assertTrue(outcome.status() != Verification.Status.FAILED, outcome.text());
            compared += outcome.status() == Verification.Status.PASSED ? 1 : 0;
        }
        return compared;
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "scalar", "cuda-emulated"})
    void ownCasesPass(final String name) throws Exception {
        requireBuilt(name);
        try (Device device = Devices.choose(name, 2).device()) {
            assertEquals(own().size(), check(device, own()));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STEPWISE", "PERSISTENT", "CLUSTERED"})
    void ownCasesPassInEveryWayOfRecurrentSweeps(final CudaDevice.Sweeps sweeps) throws Exception {
        requireBuilt("cuda-emulated");
        try (Device device = Devices.choose("cuda-emulated", 1).device()) {
            ((CudaDevice) device).setSweeps(sweeps);
            assertEquals(own().size(), check(device, own()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector", "cuda-emulated"})
    void allCasesPass(final String name) throws Exception {
        requireBuilt(name);
        Path golden = null;
        for (Path at = Path.of("").toAbsolutePath(); at != null && golden == null; at = at.getParent()) {
            golden = Files.isDirectory(at.resolve("shared/golden")) ? at.resolve("shared/golden") : null;
        }
        Assumptions.assumeTrue(golden != null, "the folder shared/golden is not beside the checkout");
        try (Device device = Devices.choose(name, 2).device();
                Stream<Path> files = Files.list(golden)) {
            final List<Path> cases = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .toList();
            assertEquals(cases.size(), check(device, cases));
        }
    }

    @Test
    void aChangedNumberFails() throws Exception {
        final Path original = own().stream()
                .filter(file -> file.toString().contains("hyper_cleaning"))
                .findFirst()
                .orElseThrow();
        final Safetensors file = Safetensors.read(original);
        final Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>(file.tensors());
        final Safetensors.Tensor product = tensors.get("g.hvp_yy");
        final double[] values = product.toDoubles();
        values[0] += 1e-3;
        tensors.put("g.hvp_yy", Safetensors.Tensor.of(values, product.shape(), false));
        final Path changed = folder.resolve("changed.safetensors");
        Safetensors.write(changed, file.metadata(), tensors);
        final Verification.Outcome outcome = new Verification(new ReferenceDevice()).verify(changed);
        assertEquals(Verification.Status.FAILED, outcome.status(), outcome.text());
        assertTrue(outcome.text().startsWith("FAILED changed.safetensors"), outcome.text());
    }

    @Test
    void aSolverThatDoesNotExistIsNoPass() throws Exception {
        final Path slip = own().stream()
                .filter(file -> file.toString().contains("slip"))
                .findFirst()
                .orElseThrow();
        final Safetensors file = Safetensors.read(slip);
        final Map<String, String> metadata = new LinkedHashMap<>(file.metadata());
        metadata.put("algorithm", "oracle");
        final Path foreign = folder.resolve("foreign.safetensors");
        Safetensors.write(foreign, metadata, file.tensors());
        final Verification.Outcome outcome = new Verification(new ReferenceDevice()).verify(foreign);
        assertEquals(Verification.Status.NO_SOLVER, outcome.status());
        assertEquals(
                "no solver foreign.safetensors  algorithm 'oracle' does not exist yet: not compared", outcome.text());
    }

    @Test
    void brokenFilesAreNamed() throws Exception {
        final Verification verification = new Verification(new ReferenceDevice());
        final Path missing = folder.resolve("missing.safetensors");
        assertEquals(missing + ": no such file", message(verification, missing));
        final Path whole = own().getFirst();
        final byte[] bytes = Files.readAllBytes(whole);
        final Path cut = folder.resolve("cut.safetensors");
        Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length - 8));
        assertTrue(message(verification, cut).endsWith(": truncated, copy it again"), message(verification, cut));
        final Path foreign = folder.resolve("foreign.safetensors");
        Safetensors.write(foreign, Map.of("format", "pt"), Map.of());
        assertEquals(
                foreign + ": metadata 'format' is pt: must be borep-golden-oracle/1 or borep-golden-trajectory/1",
                message(verification, foreign));
    }

    private static String message(final Verification verification, final Path file) {
        return assertThrows(DataException.class, () -> verification.verify(file))
                .getMessage();
    }
}
