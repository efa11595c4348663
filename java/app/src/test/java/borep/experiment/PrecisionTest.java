package borep.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.cuda.CudaDevice;
import borep.device.Devices;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The golden oracle cases on the CUDA kernels in every precision. */
class PrecisionTest {
    private static List<Path> cases() throws java.io.IOException, URISyntaxException {
        final Path format =
                Path.of(PrecisionTest.class.getResource("/golden/FORMAT.md").toURI());
        try (Stream<Path> files = Files.list(format.getParent())) {
            return files.filter(file -> file.getFileName().toString().startsWith("oracle-"))
                    .sorted()
                    .toList();
        }
    }

    /** Largest relative error of a tensor: FORMAT.md's for float32, the option's own for the others. */
    private static double tolerance(final CudaDevice.Precision precision, final String tensor) {
        final boolean second = tensor.equals("g.hvp_yy") || tensor.equals("g.jvp_xy");
        return switch (precision) {
            case FP32, TF32_X3 -> second ? 5e-5 : 1e-5;
            case TF32 -> 2e-3;
            case BF16 -> 2e-2;
        };
    }

    @ParameterizedTest
    @EnumSource(CudaDevice.Precision.class)
    void everyResultIsWithinItsTolerance(final CudaDevice.Precision precision) throws Exception {
        Assumptions.assumeTrue(
                !System.getProperty("borep.cuda.emulator", "").isBlank(),
                "the native library is missing: './borep test' builds it where CMake and a C++ compiler are installed");
        double worst = 0;
        int compared = 0;
        try (CudaDevice device = (CudaDevice) Devices.choose("cuda-emulated", 1).device()) {
            device.setPrecision(precision);
            final Verification verification = new Verification(device);
            for (final Path file : cases()) {
                final Verification.Outcome outcome = verification.verify(file);
                assertEquals(Verification.Status.PASSED, outcome.status(), outcome.text());
                for (final Map.Entry<String, Double> error : outcome.errors().entrySet()) {
                    final double tolerance = tolerance(precision, error.getKey());
                    assertTrue(
                            error.getValue() <= tolerance,
                            file.getFileName() + ", " + error.getKey() + ": off by " + error.getValue() + ", allowed "
                                    + tolerance);
                    worst = Math.max(worst, error.getValue());
                    compared++;
                }
            }
        }
        assertEquals(8 * 13, compared);
        // an option that changed nothing would pass the looser bounds too
        assertTrue(precision.ordinal() < 2 || worst > 1e-5, "rounded operands must show: " + worst);
    }
}
