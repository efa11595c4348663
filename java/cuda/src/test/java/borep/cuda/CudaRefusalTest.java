package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.DeviceUnavailable;
import borep.device.Devices;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why CUDA is not chosen: a sentence with cause and cure for each reason, and the vector units in its place. */
class CudaRefusalTest {
    private static final String PROPERTY = "borep.cuda.library";
    private static final String DRIVER = "BOREP_SIMT_DRIVER";

    private Ledger ledger;

    /** The host executor plays the library of a GPU. */
    @BeforeEach
    void play() {
        System.setProperty(PROPERTY, Emulated.library());
        ledger = Ledger.open();
    }

    @AfterEach
    void end() {
        System.clearProperty(PROPERTY);
        ledger.hasFailed();
        setDriver("");
    }

    /** Sets an environment variable for C, "": unsets it; Java's own view of them never changes. */
    @SuppressWarnings("restricted") // a test's bindings
    private static void setDriver(final String version) {
        final Linker linker = Linker.nativeLinker();
        try (Arena call = Arena.ofConfined()) {
            if (version.isEmpty()) {
                final int done = (int) linker.downcallHandle(
                                linker.defaultLookup().findOrThrow("unsetenv"),
                                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                        .invoke(call.allocateFrom(DRIVER));
                assertEquals(0, done);
                return;
            }
            final int done = (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("setenv"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.JAVA_INT))
                    .invoke(call.allocateFrom(DRIVER), call.allocateFrom(version), 1);
            assertEquals(0, done);
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /** Why the automatic choice passes CUDA over. */
    private static String refusal() {
        final Devices.Choice choice = Devices.choose(null, 1);
        try (Device device = choice.device()) {
            assertTrue(device.name().equals("vector") || device.name().equals("scalar"), device.name());
            assertEquals("cuda", choice.refusals().getFirst().name());
            return choice.refusals().getFirst().reason();
        }
    }

    @Test
    void nothingIsRefusedWhereEverythingWorks() {
        try (Device device = Devices.choose(null, 1).device()) {
            assertEquals("cuda:0", device.name());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            cudaGetDeviceCount | 35  | 0     | there is no NVIDIA driver: install one for CUDA 13.0 or newer
            cudaGetDeviceCount | 35  | 12020 | the NVIDIA driver is for CUDA 12.2, this library needs one for CUDA 13.0: update the driver
            cudaGetDeviceCount | 100 | ''    | the driver knows no CUDA device: see what nvidia-smi and CUDA_VISIBLE_DEVICES say
            cudaGetDeviceCount | 803 | ''    | ; the driver has been updated: restart the machine
            cudaGetDeviceCount | 34  | ''    | ; the toolkit's stub of libcuda.so.1 is in the way: take its folder out of LD_LIBRARY_PATH
            cudaSetDevice      | 46  | ''    | ; another program has the GPU for itself: wait for it or choose another one, cuda:N
            cudaSetDevice      | 2   | ''    | ; the GPU's memory is full: end other programs that use it, nvidia-smi lists them
            cudaMalloc         | 2   | ''    | out of device memory: 0 MiB more than the 0 MiB in use do not fit; take a smaller batch or network
            launch             | 209 | ''    | the library holds no code for CUDA kernels run on the host, sm_90: build it on this machine with 'borep build-native'
            launch             | 222 | ''    | ; it was compiled by a CUDA newer than the driver: update the driver
            """)
    void everyReasonHasItsSentence(final String function, final int error, final String driver, final String sentence) {
        setDriver(driver);
        ledger.fail(function, 0, error);
        final String reason = refusal();
        assertTrue(ledger.hasFailed(), function);
        if (sentence.startsWith(";")) {
            assertTrue(reason.endsWith(sentence), reason);
        } else {
            assertEquals(sentence, reason);
        }
    }

    /** Each of the self-test's kernels in turn does nothing and says nothing. */
    @Test
    void theSelfTestNoticesEveryKernelThatDoesNotRun() {
        int kernels = 0;
        while (true) {
            ledger.fail("launch", kernels, 0);
            final Devices.Choice choice = Devices.choose(null, 1);
            choice.device().close();
            if (!ledger.hasFailed()) {
                break;
            }
            kernels++;
            assertEquals(1, choice.refusals().size(), "the self-test passed without kernel " + kernels);
            final String reason = choice.refusals().getFirst().reason();
            assertTrue(reason.startsWith("its self-test gave "), reason);
            assertTrue(reason.endsWith("build it again with 'borep build-native'"), reason);
        }
        assertTrue(kernels >= 4, kernels + " kernels");
    }

    @Test
    void aDeviceAskedForByNameIsHadOrAnError() {
        final DeviceUnavailable refusal = assertThrows(DeviceUnavailable.class, () -> Devices.choose("cuda:3", 1));
        assertEquals("CUDA device 3: must be in [0, 1)", refusal.getMessage());
        final IllegalArgumentException malformed =
                assertThrows(IllegalArgumentException.class, () -> Devices.choose("cuda:x", 1));
        assertEquals("device 'cuda:x': write cuda or cuda:N, N = 0, 1, …", malformed.getMessage());
    }

    /** Files that are no library, lack something, or are of another version. */
    @Test
    void aUselessLibrarySaysWhy(@TempDir final Path folder) throws Exception {
        final HostCompiler compiler = new HostCompiler(folder);
        final Path missing = folder.resolve("missing.so");
        final Path text = Files.writeString(folder.resolve("text.so"), "not a library");
        final Path old = compiler.library("extern \"C\" int borep_abi_version() { return 1; }\n"
                + "extern \"C\" const char *borep_last_error() { return \"\"; }");
        final Path partial = compiler.library("extern \"C\" int borep_abi_version() { return "
                + CudaBindings.ABI_VERSION + "; }\nextern \"C\" const char *borep_last_error() { return \"\"; }");
        final Path needed = compiler.library("int helper() { return 1; }");
        final Path dependent = compiler.library("int helper(); int call() { return helper(); }", needed.toString());
        Files.delete(needed);
        assertEquals(
                "the library " + missing + " is not there: run 'borep build-native', or set BOREP_CUDA_LIBRARY",
                refusalOf(missing));
        for (final Path unloadable : new Path[] {text, dependent}) {
            final String reason = refusalOf(unloadable);
            assertTrue(reason.startsWith("the library " + unloadable + " cannot be loaded ("), reason);
            assertTrue(reason.endsWith("): build it with 'borep build-native'"), reason);
        }
        assertEquals(
                "the library " + old + " has ABI version 1, this borep needs version " + CudaBindings.ABI_VERSION
                        + ": build both from the same sources",
                refusalOf(old));
        assertEquals(
                "the library " + partial
                        + " has no function borep_device_count: it was built from other sources; build it"
                        + " again with 'borep build-native'",
                refusalOf(partial));
    }

    private static String refusalOf(final Path library) {
        System.setProperty(PROPERTY, library.toString());
        return refusal();
    }
}
