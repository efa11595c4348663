package borep.cuda;

import borep.device.DeviceUnavailable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Finds and loads a native library. The first place that names one decides, so what is asked for is had or the reason why not is told:
 *
 * <ol>
 *   <li>the system property ({@code -Dborep.cuda.library});
 *   <li>the environment variable ({@code BOREP_CUDA_LIBRARY}), which the launcher sets to what {@code borep build-native} has made;
 *   <li>a jar on the class or module path that holds {@code META-INF/native/linux-x86_64/libborep_cuda.so}: the artifact
 *       {@code borep-cuda} with the classifier {@code natives-linux-x86_64}.
 * </ol>
 */
final class NativeLibrary {
    /** The kernels, for GPUs. */
    static final NativeLibrary CUDA = new NativeLibrary("borep_cuda", "borep.cuda.library", "BOREP_CUDA_LIBRARY");
    /** The same kernels, run on the host. */
    static final NativeLibrary EMULATOR = new NativeLibrary("borep_simt", "borep.cuda.emulator", "BOREP_CUDA_EMULATOR");

    private final String name;
    private final String property;
    private final String variable;
    /** Each file is loaded once; what cannot be loaded is tried again, since people repair it. */
    private final Map<String, CudaBindings> loaded = new HashMap<>();

    private NativeLibrary(final String name, final String property, final String variable) {
        this.name = name;
        this.property = property;
        this.variable = variable;
    }

    /**
     * The library of this process.
     *
     * @throws DeviceUnavailable if it is nowhere or cannot be loaded
     */
    CudaBindings load() {
        return load(System::getProperty, System::getenv, NativeLibrary.class.getClassLoader());
    }

    /** As {@link #load()}, for tests: with other properties, another environment and other jars. */
    synchronized CudaBindings load(
            final UnaryOperator<String> properties, final UnaryOperator<String> environment, final ClassLoader jars) {
        final Optional<String> named = set(properties.apply(property)).or(() -> set(environment.apply(variable)));
        if (named.isPresent()) {
            return loadFile(Path.of(named.get()).toAbsolutePath());
        }
        final URL packed = jars.getResource(resource());
        if (packed != null) {
            return loaded.computeIfAbsent(packed.toString(), _ -> loadPacked(packed));
        }
        throw new DeviceUnavailable(
                "the native library is not built: run 'borep build-native' (needs CMake and the CUDA toolkit), put"
                        + " the jar of borep-cuda with the classifier natives-" + platform()
                        + " on the class path, or set " + variable
                        + " to the path of the library");
    }

    private static Optional<String> set(final String text) {
        return Optional.ofNullable(text).filter(value -> !value.isBlank());
    }

    private CudaBindings loadFile(final Path path) {
        if (!Files.isReadable(path)) {
            throw new DeviceUnavailable(
                    "the library " + path + " is not there: run 'borep build-native', or set " + variable);
        }
        return loaded.computeIfAbsent(path.toString(), _ -> new CudaBindings(path));
    }

    /** The system loads files alone: copies the library into a folder that nobody else can read, and removes it once it is loaded. */
    private CudaBindings loadPacked(final URL packed) {
        try {
            final Path folder = Files.createTempDirectory("borep"); // its owner's alone
            final Path copy = folder.resolve(System.mapLibraryName(name));
            try (InputStream from = packed.openStream()) {
                Files.copy(from, copy);
                return new CudaBindings(copy);
            } finally {
                Files.deleteIfExists(copy);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new DeviceUnavailable("the library " + packed + " cannot be unpacked (" + e.getMessage()
                    + "): choose a folder with room for it by -Djava.io.tmpdir=FOLDER");
        }
    }

    /** Where the library lies in its jar. */
    String resource() {
        return "META-INF/native/" + platform() + "/" + System.mapLibraryName(name);
    }

    /** For example {@code linux-x86_64}. */
    static String platform() {
        final String system =
                System.getProperty("os.name").toLowerCase(Locale.ROOT).split(" ", 2)[0];
        final String architecture = System.getProperty("os.arch");
        return system + "-" + (architecture.equals("amd64") ? "x86_64" : architecture);
    }
}
