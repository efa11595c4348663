package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.DeviceUnavailable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** NVRTC through LWJGL: it compiles without a GPU, where libnvrtc is; what it says where something is missing. */
class NvrtcTest {
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

    private static byte[] compile(final int architecture, final String source, final String name) {
        try {
            return new Nvrtc().compile(architecture, source, name);
        } catch (IllegalStateException e) {
            throw new TestAbortedException(e.getMessage());
        }
    }

    @Test
    void theExampleCompilesForEveryArchitecture() {
        for (final int architecture : new int[] {75, 80, 90, 120}) {
            final byte[] code = compile(architecture, LogCosh.SOURCE, LogCosh.KERNEL);
            assertArrayEquals(ELF, Arrays.copyOf(code, 4), "a cubin is an ELF file");
            assertTrue(
                    new String(code, StandardCharsets.ISO_8859_1).contains(".text." + LogCosh.KERNEL),
                    "the kernel is in it by its name");
        }
    }

    @Test
    void whatTheCompilerSaysIsPassedOn() {
        compile(90, LogCosh.SOURCE, LogCosh.KERNEL);
        final String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new Nvrtc().compile(90, "extern \"C\" __global__ void f() { wrong; }", "f"))
                .getMessage();
        assertTrue(message.startsWith("kernel f: NVRTC_ERROR_COMPILATION\nf.cu(1): error: "), message);
        assertTrue(message.contains("\"wrong\" is undefined"), message);
        final String option = assertThrows(
                        IllegalArgumentException.class,
                        () -> new Nvrtc("--no-such-option").compile(90, LogCosh.SOURCE, LogCosh.KERNEL))
                .getMessage();
        assertTrue(option.contains("no-such-option"), option);
    }

    @Test
    void theExampleRunsWhereAGpuIs() {
        final CudaDevice device;
        try {
            device = (CudaDevice) new CudaProvider().open("cuda", 1);
        } catch (DeviceUnavailable e) {
            throw new TestAbortedException("no GPU: " + e.getMessage());
        }
        try (device) {
            compile(device.architecture(), LogCosh.SOURCE, LogCosh.KERNEL);
            final var solver = LogCosh.solver(new LogCosh(device, new Nvrtc(), 3, -2, 1));
            for (int k = 0; k < 300; k++) {
                solver.step();
            }
            for (final double x : solver.x().toDoubles()) {
                assertEquals(0, x, .1);
            }
        }
    }

    /** In a process of their own, because a library that could not be loaded stays so. */
    @Test
    void whatIsMissingIsNamed() throws IOException, InterruptedException {
        final String nvrtc = inAProcess(modulePath(), "-Dorg.lwjgl.cuda.nvrtc.libname=/nowhere/libnvrtc.so");
        assertEquals(
                "NVRTC: libnvrtc.so and libnvrtc-builtins.so cannot be loaded; install the CUDA toolkit, or name its folder with"
                        + " -Dorg.lwjgl.cuda.toolkit.path=FOLDER",
                nvrtc);
        final List<String> without =
                modulePath().stream().filter(path -> !path.contains("lwjgl")).toList();
        final String binding = inAProcess(without);
        assertEquals(
                "NVRTC: its binding is missing; add org.lwjgl:lwjgl-cuda and org.lwjgl:lwjgl with its natives (classifier"
                        + " natives-linux) to the module path",
                binding);
    }

    private static List<String> modulePath() {
        return Arrays.stream((System.getProperty("jdk.module.path", "") + ":" + System.getProperty("java.class.path"))
                        .split(":"))
                .filter(path -> !path.isEmpty())
                .toList();
    }

    private static String inAProcess(final List<String> path, final String... options)
            throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", "target/test-classes:" + String.join(":", path), "borep.cuda.NvrtcTest$Missing"));
        final Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), command + "\n" + output);
        return output;
    }

    /** Prints why nothing can be compiled. */
    static final class Missing {
        private Missing() {}

        public static void main(final String[] arguments) {
            try {
                new Nvrtc().compile(90, LogCosh.SOURCE, LogCosh.KERNEL);
                System.out.print("it compiles");
            } catch (IllegalStateException e) {
                System.out.print(e.getMessage());
            }
        }
    }
}
