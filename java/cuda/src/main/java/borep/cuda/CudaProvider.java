package borep.cuda;

import borep.device.Device;
import borep.device.DeviceProvider;
import borep.device.DeviceUnavailable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Offers {@code cuda}, {@code cuda:N} and, for tests, {@code cuda-emulated}: the same kernels run on the host. The libraries are
 * where {@code -Dborep.cuda.library} or {@code BOREP_CUDA_LIBRARY} say ({@code -Dborep.cuda.emulator} and {@code
 * BOREP_CUDA_EMULATOR} for the other one). {@code -Dborep.cuda.graphs} or {@code BOREP_CUDA_GRAPHS} choose the {@link GraphMode}.
 */
public final class CudaProvider implements DeviceProvider {
    private static final String CUDA = "cuda";
    private static final String EMULATED = "cuda-emulated";

    /** A library is loaded once; what cannot be loaded is tried again, since people repair it. */
    private static final Map<Path, CudaBindings> LOADED = new HashMap<>();

    /** For {@link java.util.ServiceLoader}. */
    public CudaProvider() {}

    @Override
    public boolean offers(final String name) {
        return name.equals(CUDA) || name.startsWith(CUDA + ":") || name.equals(EMULATED);
    }

    @Override
    public Device open(final String name, final int threads) {
        final boolean emulated = name.equals(EMULATED);
        final int number = emulated ? 0 : number(name);
        final GraphMode graphs = option("borep.cuda.graphs", "BOREP_CUDA_GRAPHS")
                .map(GraphMode::parse)
                .orElse(GraphMode.PHASE);
        final CudaDevice device = emulated
                ? new CudaDevice(name, load("borep.cuda.emulator", "BOREP_CUDA_EMULATOR"), number)
                : new CudaDevice("cuda:" + number, load("borep.cuda.library", "BOREP_CUDA_LIBRARY"), number);
        device.setGraphs(graphs);
        return device;
    }

    private static Optional<String> option(final String property, final String variable) {
        return Optional.ofNullable(System.getProperty(property))
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .filter(text -> !text.isBlank());
    }

    private static int number(final String name) {
        if (name.equals(CUDA)) {
            return 0;
        }
        try {
            return Integer.parseUnsignedInt(name.substring(CUDA.length() + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("device '" + name + "': write cuda or cuda:N, N = 0, 1, …");
        }
    }

    private static CudaBindings load(final String property, final String variable) {
        final String text = option(property, variable)
                .orElseThrow(() -> new DeviceUnavailable(
                        "the native library is not built: run 'borep build-native' (needs CMake and the "
                                + "CUDA toolkit), or set " + variable + " to the path of the library"));
        final Path path = Path.of(text).toAbsolutePath();
        if (!Files.isReadable(path)) {
            throw new DeviceUnavailable(
                    "the library " + path + " is not there: run 'borep build-native', or set " + variable);
        }
        synchronized (LOADED) {
            return LOADED.computeIfAbsent(path, CudaBindings::new);
        }
    }
}
