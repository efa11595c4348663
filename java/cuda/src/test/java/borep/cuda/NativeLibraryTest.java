package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.DeviceUnavailable;
import borep.device.Reals;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the native library is looked for, and how it comes out of a jar. */
class NativeLibraryTest {
    private static final Map<String, String> NOWHERE = Map.of();

    @TempDir
    private Path folder;

    /** A loader that sees one jar with this as the library. */
    private URLClassLoader jar(final byte[] library) throws IOException {
        final Path jar = folder.resolve("natives" + library.length + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out)) {
            entries.putNextEntry(new JarEntry(NativeLibrary.EMULATOR.resource()));
            entries.write(library);
            entries.closeEntry();
        }
        return new URLClassLoader(new URL[] {jar.toUri().toURL()}, null);
    }

    private static URLClassLoader noJar() {
        return new URLClassLoader(new URL[0], null);
    }

    private static long leftovers() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> Files.exists(file.resolve(System.mapLibraryName("borep_simt"))))
                    .count();
        }
    }

    @Test
    void theLibraryOfAJarComputesAndLeavesNoFile() throws IOException {
        final byte[] library = Files.readAllBytes(Path.of(Emulated.library()));
        final long before = leftovers();
        try (URLClassLoader jar = jar(library)) {
            final CudaBindings bindings = NativeLibrary.EMULATOR.load(NOWHERE::get, NOWHERE::get, jar);
            assertEquals(before, leftovers());
            assertSame(
                    bindings, NativeLibrary.EMULATOR.load(NOWHERE::get, NOWHERE::get, jar), "a library is loaded once");
            try (CudaDevice device = new CudaDevice("cuda-emulated", bindings, 0)) {
                final Reals reals = device.reals(3);
                device.kernels().update().fill(reals, 4);
                assertEquals(4, reals.get(2));
            }
        }
    }

    @Test
    void aBrokenJarSaysSo() throws IOException {
        final long before = leftovers();
        try (URLClassLoader jar = jar("no library".getBytes(StandardCharsets.UTF_8))) {
            final DeviceUnavailable refusal = assertThrows(
                    DeviceUnavailable.class, () -> NativeLibrary.EMULATOR.load(NOWHERE::get, NOWHERE::get, jar));
            assertTrue(refusal.getMessage().contains("cannot be loaded ("), refusal.getMessage());
            assertEquals(before, leftovers());
        }
    }

    /** Property before environment before jar; what is named and missing is an error, not a reason to look further. */
    @Test
    void theFirstPlaceThatNamesALibraryDecides() throws IOException {
        final Map<String, String> property = Map.of("borep.cuda.emulator", "/nowhere/property.so");
        final Map<String, String> variable = Map.of("BOREP_CUDA_EMULATOR", "/nowhere/variable.so");
        try (URLClassLoader jar = jar(new byte[] {1, 2, 3})) {
            assertTrue(refusal(property, variable, jar).startsWith("the library /nowhere/property.so is not there: "));
            assertTrue(refusal(NOWHERE, variable, jar).startsWith("the library /nowhere/variable.so is not there: "));
            assertTrue(
                    refusal(Map.of("borep.cuda.emulator", " "), NOWHERE, jar).contains("cannot be loaded"),
                    "a blank property names nothing");
        }
        try (URLClassLoader none = noJar()) {
            assertEquals(
                    "the native library is not built: run 'borep build-native' (needs CMake and the CUDA toolkit), put the jar of"
                            + " borep-cuda with the classifier natives-" + NativeLibrary.platform()
                            + " on the class path, or set BOREP_CUDA_EMULATOR to the path of the library",
                    refusal(NOWHERE, NOWHERE, none));
        }
    }

    private static String refusal(
            final Map<String, String> properties, final Map<String, String> environment, final ClassLoader jars) {
        return assertThrows(
                        DeviceUnavailable.class,
                        () -> NativeLibrary.EMULATOR.load(properties::get, environment::get, jars))
                .getMessage();
    }
}
