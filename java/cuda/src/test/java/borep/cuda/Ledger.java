package borep.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the host executor has handed out and not got back, and failures on demand ({@code native/src/simt/ledger.h}). */
@SuppressWarnings("restricted") // a test's bindings
final class Ledger {
    private static final List<String> KINDS =
            List.of("memory", "pinned", "stream", "event", "graph", "executable", "library");

    private final MethodHandle live;
    private final MethodHandle fail;
    private final MethodHandle recover;

    private Ledger(final SymbolLookup library) {
        final Linker linker = Linker.nativeLinker();
        live = linker.downcallHandle(
                library.findOrThrow("borep_simt_live"), FunctionDescriptor.of(JAVA_LONG, JAVA_INT));
        fail = linker.downcallHandle(
                library.findOrThrow("borep_simt_fail"), FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_INT));
        recover = linker.downcallHandle(library.findOrThrow("borep_simt_recover"), FunctionDescriptor.of(JAVA_INT));
    }

    /** Of the library that the tests run on. */
    static Ledger open() {
        return new Ledger(SymbolLookup.libraryLookup(Path.of(Emulated.library()), Arena.global()));
    }

    /** Number of live things by kind, those that there are. */
    Map<String, Long> live() {
        final Map<String, Long> counts = new LinkedHashMap<>();
        for (int kind = 0; kind < KINDS.size(); kind++) {
            final long count;
            try {
                count = (long) live.invokeExact(kind);
            } catch (Throwable e) {
                throw CudaBindings.failure(e);
            }
            if (count != 0) {
                counts.put(KINDS.get(kind), count);
            }
        }
        return counts;
    }

    /**
     * Lets one call of the CUDA runtime fail.
     *
     * @param function null: of any function
     * @param after    so many calls that still succeed
     * @param error    what it reports, a {@code cudaError_t}
     */
    void fail(final String function, final long after, final int error) {
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment name = function == null ? MemorySegment.NULL : call.allocateFrom(function);
            fail.invokeExact(name, after, error);
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /** Lets nothing fail any more; whether the failure has come. */
    boolean hasFailed() {
        try {
            return (int) recover.invokeExact() == 0;
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }
}
