package borep.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Opens the device {@code cuda-emulated}: the CUDA kernels, run on the host. */
final class Emulated {
    private Emulated() {}

    static CudaDevice open() {
        library();
        return (CudaDevice) new CudaProvider().open("cuda-emulated", 1);
    }

    /** Path of the library; tests are left out where there is none. */
    static String library() {
        final String library = System.getProperty("borep.cuda.emulator", "");
        assumeTrue(
                !library.isBlank(),
                "the native library is missing: './borep test' builds it where CMake and a C++ compiler are installed");
        return library;
    }
}
