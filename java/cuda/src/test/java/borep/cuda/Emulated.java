package borep.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import borep.device.DeviceProvider;

/** Opens the device {@code cuda-emulated}: the CUDA kernels, run on the host. */
final class Emulated {
    private Emulated() {}

    static CudaDevice open() {
        final String library = System.getProperty("borep.cuda.emulator", "");
        assumeTrue(
                !library.isBlank(),
                "the native library is missing: './borep test' builds it where CMake and a C++ compiler are installed");
        final DeviceProvider provider = new CudaProvider();
        return (CudaDevice) provider.open("cuda-emulated", 1);
    }
}
