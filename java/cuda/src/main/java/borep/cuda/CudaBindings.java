package borep.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import borep.device.DeviceUnavailable;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * Every function of the C ABI ({@code native/include/borep.h}), one line each, in the header's order. Pointers and device
 * addresses are plain longs, so that a call makes no objects. Statuses become exceptions in {@link #check}.
 */
@SuppressWarnings("restricted") // the one place that binds native code
final class CudaBindings {
    /** BOREP_ABI_VERSION of the header that these lines were written from. */
    static final int ABI_VERSION = 8;

    private static final Linker LINKER = Linker.nativeLinker();

    private static final MemoryLayout P = JAVA_LONG;
    private static final MemoryLayout I = JAVA_INT;
    private static final MemoryLayout D = JAVA_DOUBLE;

    private final Path path;
    private final SymbolLookup symbols;
    private final MethodHandle lastError;
    /** What was bound, for the test that compares it with the header. */
    private final Map<String, FunctionDescriptor> bound = new HashMap<>();

    final MethodHandle deviceCount;
    final MethodHandle contextCreate;
    final MethodHandle contextDestroy;
    final MethodHandle contextArchitecture;
    final MethodHandle contextDescribe;
    final MethodHandle contextStream;
    final MethodHandle contextUseStream;
    final MethodHandle contextWaitEvent;
    final MethodHandle contextRecordEvent;
    final MethodHandle contextSetPrecision;
    final MethodHandle contextPrecision;
    final MethodHandle contextSetGemm;
    final MethodHandle contextSetSweeps;
    final MethodHandle contextSynchronise;
    final MethodHandle contextStatistics;

    final MethodHandle memoryAllocate;
    final MethodHandle memoryFree;
    final MethodHandle memoryWrite;
    final MethodHandle memoryRead;

    final MethodHandle programBegin;
    final MethodHandle programEnd;
    final MethodHandle programAbandon;
    final MethodHandle programRun;
    final MethodHandle contextGather;
    final MethodHandle contextFlush;

    final MethodHandle ringCreate;
    final MethodHandle ringAppend;
    final MethodHandle ringMemory;

    final MethodHandle guardCreate;
    final MethodHandle guardBegin;
    final MethodHandle guardEnd;

    final MethodHandle kernelLoad;
    final MethodHandle kernelLaunch;
    final MethodHandle multiply;

    final MethodHandle recurrentTapeCreate;
    final MethodHandle recurrentForward;
    final MethodHandle recurrentBackward;
    final MethodHandle recurrentTangentForward;
    final MethodHandle recurrentTangentBackward;
    final MethodHandle recurrentForwardAlong;
    final MethodHandle recurrentBackwardAlong;
    final MethodHandle recurrentDescribe;

    final MethodHandle denseTapeCreate;
    final MethodHandle denseForward;
    final MethodHandle denseBackward;
    final MethodHandle denseTangentForward;
    final MethodHandle denseTangentBackward;

    final MethodHandle poolingTapeCreate;
    final MethodHandle poolingForward;
    final MethodHandle poolingBackward;
    final MethodHandle poolingTangentForward;
    final MethodHandle poolingPairForward;
    final MethodHandle poolingPairBackward;
    final MethodHandle poolingPairTangentForward;
    final MethodHandle poolingPairTangentBackward;

    final MethodHandle lossTapeCreate;
    final MethodHandle lossForward;
    final MethodHandle lossBackward;
    final MethodHandle lossTangentForward;
    final MethodHandle lossTangentBackward;
    final MethodHandle lossPredict;
    final MethodHandle lossSampleWeights;
    final MethodHandle lossSampleWeightsBackward;
    final MethodHandle lossRegularise;
    final MethodHandle lossRegulariserGradient;
    final MethodHandle lossRegulariserHessianVector;
    final MethodHandle lossRegulariserMixed;

    final MethodHandle updateFill;
    final MethodHandle updateCopy;
    final MethodHandle updateScale;
    final MethodHandle updateAxpy;
    final MethodHandle updateAverage;
    final MethodHandle updateMultiply;
    final MethodHandle updateDivide;
    final MethodHandle updateApply;
    final MethodHandle updateDot;
    final MethodHandle updateNorm;
    final MethodHandle updateProjectBall;
    final MethodHandle updateNormalisedMomentum;
    final MethodHandle updateAdam;
    final MethodHandle updateSolve;
    final MethodHandle updateSchedule;
    final MethodHandle updateAdvance;

    final MethodHandle batchDraw;
    final MethodHandle batchDrawTask;
    final MethodHandle batchNormal;
    final MethodHandle batchGather;
    final MethodHandle batchPack;

    final MethodHandle sparseMultiply;
    final MethodHandle sparseMultiplyTransposed;

    /**
     * Loads a library for as long as the JVM lives.
     *
     * @throws DeviceUnavailable if it cannot be loaded, lacks a function or was built from another header
     */
    CudaBindings(final Path path) {
        this.path = path;
        symbols = load(path);
        lastError = handle("borep_last_error", FunctionDescriptor.of(ADDRESS));
        final int version = version(handle("borep_abi_version", FunctionDescriptor.of(JAVA_INT)));
        if (version != ABI_VERSION) {
            throw new DeviceUnavailable("the library " + path + " has ABI version " + version
                    + ", this borep needs version " + ABI_VERSION + ": build both from the same sources");
        }
        deviceCount = function("borep_device_count", P);
        contextCreate = function("borep_context_create", I, P);
        contextDestroy = handle("borep_context_destroy", FunctionDescriptor.ofVoid(P));
        contextArchitecture = function("borep_context_architecture", P, P);
        contextDescribe = function("borep_context_describe", P, P, I);
        contextStream = function("borep_context_stream", P, P);
        contextUseStream = function("borep_context_use_stream", P, P);
        contextWaitEvent = function("borep_context_wait_event", P, P);
        contextRecordEvent = function("borep_context_record_event", P, P);
        contextSetPrecision = function("borep_context_set_precision", P, I);
        contextPrecision = function("borep_context_precision", P, P);
        contextSetGemm = function("borep_context_set_gemm", P, I);
        contextSetSweeps = function("borep_context_set_sweeps", P, P);
        contextSynchronise = function("borep_context_synchronise", P);
        contextStatistics = function("borep_context_statistics", P, P);

        memoryAllocate = function("borep_memory_allocate", P, P, P);
        memoryFree = function("borep_memory_free", P, P);
        memoryWrite = function("borep_memory_write", P, P, P, P);
        memoryRead = function("borep_memory_read", P, P, P, P);

        programBegin = function("borep_program_begin", P, P);
        programEnd = function("borep_program_end", P, P);
        programAbandon = function("borep_program_abandon", P);
        programRun = function("borep_program_run", P);
        contextGather = function("borep_context_gather", P, I);
        contextFlush = function("borep_context_flush", P);

        ringCreate = function("borep_ring_create", P, I, I, P);
        ringAppend = function("borep_ring_append", P, P);
        ringMemory = function("borep_ring_memory", P, P, P);

        guardCreate = function("borep_guard_create", P, P, P, P, I, P);
        guardBegin = function("borep_guard_begin", P);
        guardEnd = function("borep_guard_end", P);

        kernelLoad = function("borep_kernel_load", P, P, P, P);
        kernelLaunch = function("borep_kernel_launch", P, P, P, I);
        multiply = function("borep_multiply", P, P);

        recurrentTapeCreate = function("borep_recurrent_tape_create", P, P, I, I, P);
        recurrentForward = function("borep_recurrent_forward", P, P, P, P, P);
        recurrentBackward = function("borep_recurrent_backward", P, P, P, P, P);
        recurrentTangentForward = function("borep_recurrent_tangent_forward", P, P, P, P, P);
        recurrentTangentBackward = function("borep_recurrent_tangent_backward", P, P, P, P, P, P);
        recurrentForwardAlong = function("borep_recurrent_forward_along", P, P, P, P, P, P, P, P);
        recurrentBackwardAlong = function("borep_recurrent_backward_along", P, P, P, P, P, P, P, P, P);
        recurrentDescribe = function("borep_recurrent_describe", P, I, P, I);

        denseTapeCreate = function("borep_dense_tape_create", P, I, I, I, I, P);
        denseForward = function("borep_dense_forward", P, I, P, P, P);
        denseBackward = function("borep_dense_backward", P, P, P, P, P);
        denseTangentForward = function("borep_dense_tangent_forward", P, P, P, P, P);
        denseTangentBackward = function("borep_dense_tangent_backward", P, P, P, P, P, P);

        poolingTapeCreate = function("borep_pooling_tape_create", P, I, I, I, P);
        poolingForward = function("borep_pooling_forward", P, P, P, P);
        poolingBackward = function("borep_pooling_backward", P, P, P);
        poolingTangentForward = function("borep_pooling_tangent_forward", P, P, P);
        poolingPairForward = function("borep_pooling_pair_forward", P, I, P, P, P);
        poolingPairBackward = function("borep_pooling_pair_backward", P, I, P, P, P, P, P);
        poolingPairTangentForward = function("borep_pooling_pair_tangent_forward", P, I, P, P, P, P, P);
        poolingPairTangentBackward = function("borep_pooling_pair_tangent_backward", P, I, P, P, P, P, P, P, P, P);

        lossTapeCreate = function("borep_loss_tape_create", P, I, I, P);
        lossForward = function("borep_loss_forward", P, I, P, P, P);
        lossBackward = function("borep_loss_backward", P, P, P);
        lossTangentForward = function("borep_loss_tangent_forward", P, P, P);
        lossTangentBackward = function("borep_loss_tangent_backward", P, P, P, P);
        lossPredict = function("borep_loss_predict", P, I, P, P);
        lossSampleWeights = function("borep_loss_sample_weights", P, P, I, P, I, D, P);
        lossSampleWeightsBackward = function("borep_loss_sample_weights_backward", P, P, I, P, I, D, P, P);
        lossRegularise = function("borep_loss_regularise", P, I, D, P, P, I, P);
        lossRegulariserGradient = function("borep_loss_regulariser_gradient", P, I, D, P, P, I, P, I);
        lossRegulariserHessianVector = function("borep_loss_regulariser_hessian_vector", P, I, D, P, P, P, I, P, I);
        lossRegulariserMixed = function("borep_loss_regulariser_mixed", P, I, D, P, P, I, P);

        updateFill = function("borep_update_fill", P, I, P, D);
        updateCopy = function("borep_update_copy", P, I, P, P);
        updateScale = function("borep_update_scale", P, I, D, P);
        updateAxpy = function("borep_update_axpy", P, I, D, P, P, P);
        updateAverage = function("borep_update_average", P, I, D, P, P);
        updateMultiply = function("borep_update_multiply", P, I, P, P, P);
        updateDivide = function("borep_update_divide", P, I, P, P, P);
        updateApply = function("borep_update_apply", P, I, I, P, P);
        updateDot = function("borep_update_dot", P, I, P, P, P);
        updateNorm = function("borep_update_norm", P, I, P, P);
        updateProjectBall = function("borep_update_project_ball", P, I, P, D, P);
        updateNormalisedMomentum = function("borep_update_normalised_momentum", P, I, D, P, P, P, D, P, P);
        updateAdam = function("borep_update_adam", P, I, D, D, P, P, P, P, P, D, P);
        updateSolve = function("borep_update_solve", P, I, P, P, P);
        updateSchedule = function("borep_update_schedule", P, P, P, P);
        updateAdvance = function("borep_update_advance", P, P);

        batchDraw = function("borep_batch_draw", P, P, P, I, I, P, I);
        batchDrawTask = function("borep_batch_draw_task", P, P, P, P, I, I, P, I);
        batchNormal = function("borep_batch_normal", P, P, P, P, I);
        batchGather = function("borep_batch_gather", P, P, I, P, I, P);
        batchPack = function("borep_batch_pack", P, P, P, I, P, P, I);

        sparseMultiply = function("borep_sparse_multiply", P, P, P, I, P, P, I);
        sparseMultiplyTransposed = function("borep_sparse_multiply_transposed", P, P, P, I, P, P);
    }

    private static SymbolLookup load(final Path path) {
        try {
            return SymbolLookup.libraryLookup(path, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new DeviceUnavailable("the library " + path + " cannot be loaded (" + e.getMessage()
                    + "): build it with 'borep build-native'");
        }
    }

    private static int version(final MethodHandle function) {
        try {
            return (int) function.invokeExact();
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    private MethodHandle function(final String name, final MemoryLayout... parameters) {
        return handle(name, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private MethodHandle handle(final String name, final FunctionDescriptor descriptor) {
        final MemorySegment symbol = symbols.find(name)
                .orElseThrow(() -> new DeviceUnavailable("the library " + path + " has no function " + name
                        + ": it was built from other sources; build it again with 'borep build-native'"));
        bound.put(name, descriptor);
        return LINKER.downcallHandle(symbol, descriptor);
    }

    Map<String, FunctionDescriptor> bound() {
        return Collections.unmodifiableMap(bound);
    }

    /** What the last failed call of this thread said. */
    String lastError() {
        try {
            return ((MemorySegment) lastError.invokeExact())
                    .reinterpret(Long.MAX_VALUE) // names and files in a sentence may be of any length
                    .getString(0);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    /** One downcall; its status. */
    @FunctionalInterface
    interface Downcall {
        int run() throws Throwable;
    }

    /**
     * Turns a status into an exception.
     *
     * @throws IllegalArgumentException for bad arguments and bad data
     * @throws CudaException            for everything else
     */
    void check(final int status) {
        if (status != Status.OK) {
            throw exception(status);
        }
    }

    private RuntimeException exception(final int status) {
        return switch (status) {
            case Status.BAD_ARGUMENT, Status.BAD_DATA -> new IllegalArgumentException(lastError());
            default -> new CudaException(status, lastError());
        };
    }

    /** A downcall throws nothing of its own; what {@link #check} throws passes unchanged. */
    static RuntimeException failure(final Throwable thrown) {
        if (thrown instanceof RuntimeException exception) {
            return exception;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(thrown);
    }

    /** borep_status. */
    static final class Status {
        static final int OK = 0;
        static final int BAD_ARGUMENT = 1;
        static final int OUT_OF_MEMORY = 4;
        static final int BAD_DATA = 5;

        private Status() {}
    }
}
