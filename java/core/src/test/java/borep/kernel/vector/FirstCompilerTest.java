package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * HotSpot compiles a hot method with C1, which measures it, before C2 makes it fast. C1 runs out of registers in long methods of vector
 * operations (20 masked stores are too many, 130 plain ones), and such a method then stays slow for as long as the process lives.
 * Which methods C1 sees depends on the run, so a JVM that has C1 alone compiles all of them here.
 */
class FirstCompilerTest {
    private static final int STEPS = 8;
    private static final Pattern COMPILED = Pattern.compile(" 3 +borep\\.kernel\\.vector\\.(\\w+::\\w+)");
    private static final Pattern REFUSED =
            Pattern.compile("(borep\\.kernel\\.vector\\.\\w+::\\w+).* out of virtual registers");

    @TempDir
    private Path folder;

    /** Every kernel, until C1 has taken notice. */
    static void main() {
        try (Device device = VectorDevice.withVectors(1)) {
            final Runnable step = AllocationTest.step(device, 48, 20);
            for (int i = 0; i < STEPS; i++) {
                step.run();
            }
        }
    }

    @Test
    void itCompilesEveryKernel() throws IOException, InterruptedException, URISyntaxException {
        final Path classes = Path.of(VectorDevice.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        final Path log = folder.resolve("log");
        final Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-XX:TieredStopAtLevel=3",
                        "-XX:CompileThresholdScaling=0.01",
                        "-XX:+PrintCompilation",
                        "-cp",
                        classes + File.pathSeparator + classes.resolveSibling("test-classes"),
                        FirstCompilerTest.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        final int exit = process.waitFor();
        final String text = Files.readString(log, StandardCharsets.UTF_8);
        assertEquals(0, exit, text);
        final Set<String> compiled = text.lines()
                .map(COMPILED::matcher)
                .filter(Matcher::find)
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
        assertTrue(compiled.contains("RegisterTiles::tile6") && compiled.contains("SimdLstm::backwardRow"), text);
        final List<String> refused = text.lines()
                .map(REFUSED::matcher)
                .filter(Matcher::find)
                .map(match -> match.group(1))
                .toList();
        assertEquals(List.of(), refused);
    }
}
