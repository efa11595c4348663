package borep.cuda;

import borep.device.Device;
import borep.device.DeviceProvider;
import java.util.Optional;

/**
 * Offers {@code cuda}, {@code cuda:N} and, for tests, {@code cuda-emulated}: the same kernels run on the host. {@link NativeLibrary}
 * tells where the libraries are looked for. {@code -Dborep.cuda.graphs} or {@code BOREP_CUDA_GRAPHS} choose the {@link GraphMode}.
 */
public final class CudaProvider implements DeviceProvider {
    private static final String CUDA = "cuda";
    private static final String EMULATED = "cuda-emulated";

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
                ? new CudaDevice(name, NativeLibrary.EMULATOR.load(), number)
                : new CudaDevice("cuda:" + number, NativeLibrary.CUDA.load(), number);
        try {
            device.setGraphs(graphs);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
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
}
