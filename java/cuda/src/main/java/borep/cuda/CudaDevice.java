package borep.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import borep.device.Counter;
import borep.device.Device;
import borep.device.DeviceUnavailable;
import borep.device.Guard;
import borep.device.Ints;
import borep.device.Program;
import borep.device.Reals;
import borep.device.Ring;
import borep.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One CUDA device. Kernel calls are enqueued on its stream; {@link #record} makes a graph of them ({@link GraphMode}); only reading
 * memory and {@link #synchronise} wait. Bad data that a kernel meets (a label out of range) is reported by the next wait. Everything that
 * was made with the device is freed by {@link #close}.
 */
public final class CudaDevice implements Device {
    private static final int TEXT_BYTES = 512;
    private static final int SELF_TEST_SIZE = 1000;

    /** How matrix products are computed. */
    public enum Precision {
        /** float32 arithmetic. */
        FP32,
        /** Tensor cores, three products for one: errors of float32's size; from sm_80 on. */
        TF32_X3,
        /** Tensor cores, operands rounded to 10 bits of mantissa; from sm_80 on. */
        TF32,
        /** Tensor cores, operands rounded to bfloat16 (7 bits of mantissa); sums in float32; from sm_80 on. */
        BF16
    }

    /** Who computes matrix products (docs/cuda.md). */
    public enum Gemm {
        /** borep's own kernels. */
        AUTO,
        /** borep's own kernels. */
        OWN,
        /** NVIDIA's cuBLAS 12 or 13, which is opened at run time. */
        CUBLAS,
        /** borep's own kernels, large tiles in TF32 and 3xTF32 by warpgroups; sm_90 alone. */
        WARPGROUPS
    }

    /** How recurrent sweeps run. */
    public enum Sweeps {
        /** In one launch or step by step, whatever is predicted to be fastest. */
        CHOSEN,
        /** One launch a step. */
        STEPWISE,
        /** One cooperative launch a sweep; a sweep that does not fit is refused with its reason. */
        PERSISTENT,
        /** One launch a sweep, in clusters of thread blocks (sm_90 and newer); likewise. */
        CLUSTERED,
        /** One cooperative launch a sweep, into which the recurrent weights stream; likewise. */
        STREAMED
    }

    /**
     * What the device has done so far.
     *
     * @param kernels          launches, or calls recorded into programs
     * @param replays          programs run
     * @param launches         launches that they took
     * @param synchronisations waits of the host for the device
     * @param allocations      live allocations
     * @param bytes            their size
     */
    public record Statistics(
            long kernels, long replays, long launches, long synchronisations, long allocations, long bytes) {}

    private final String name;
    private final CudaBindings bindings;
    private final Arena arena = Arena.ofShared();
    private final long context;
    private final Structs structs;
    private final Kernels kernels;
    private final CudaProducts products;
    private final ProgramRecorder recorder;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Opens device number {@code number} of a library and proves that it computes.
     *
     * @throws DeviceUnavailable with the library's reason
     */
    CudaDevice(final String name, final CudaBindings bindings, final int number) {
        this.name = name;
        this.bindings = bindings;
        structs = newStructs();
        context = open(number);
        products = new CudaProducts(this);
        recorder = new ProgramRecorder(this);
        try {
            kernels = new Kernels(
                    new CudaRecurrent(this),
                    new CudaDense(this),
                    new CudaPooling(this),
                    new CudaLoss(this),
                    new CudaUpdate(this),
                    new CudaBatch(this),
                    new CudaSparse(this));
            selfTest();
        } catch (RuntimeException e) {
            close();
            throw new DeviceUnavailable(e.getMessage());
        }
    }

    private long open(final int number) {
        final int status;
        try {
            status = (int) bindings.contextCreate.invokeExact(number, structs.handleSlot());
        } catch (Throwable e) {
            arena.close();
            throw CudaBindings.failure(e);
        }
        if (status != CudaBindings.Status.OK) {
            arena.close();
            throw new DeviceUnavailable(bindings.lastError());
        }
        return structs.handle();
    }

    /** A sum that only comes out right if memory, kernels and reductions work. */
    private void selfTest() {
        final Reals ones = reals(SELF_TEST_SIZE);
        final Reals sum = reals(1);
        kernels.update().fill(ones, 1);
        kernels.update().axpy(1, ones, ones.slice(0, SELF_TEST_SIZE));
        kernels.update().dot(ones, ones, sum);
        if (sum.get(0) != 4.0 * SELF_TEST_SIZE) {
            throw new IllegalStateException("its self-test gave " + sum.get(0) + " instead of " + 4.0 * SELF_TEST_SIZE
                    + ": the library does not fit this GPU or driver; build it again with 'borep build-native'");
        }
    }

    CudaBindings bindings() {
        return bindings;
    }

    /**
     * @throws IllegalStateException after {@link #close}
     */
    void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("device " + name + ": is closed");
        }
    }

    /**
     * @throws IllegalStateException after {@link #close}
     */
    long context() {
        requireOpen();
        return context;
    }

    /** What a call says that is given something which was not made with this device: "tape: must be of …". */
    IllegalArgumentException foreign(final String what) {
        return new IllegalArgumentException(what + ": must be of device " + name + " itself, not of another one");
    }

    /** A downcall that this device makes seldom, and none after it has been closed; those of every step are written out where they stand. */
    private void call(final CudaBindings.Downcall downcall) {
        requireOpen();
        try {
            bindings.check(downcall.run());
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /** A call that writes a number to an address. */
    @FunctionalInterface
    private interface Question {
        int ask(long address) throws Throwable;
    }

    private int answer(final Question question) {
        try (Arena memory = Arena.ofConfined()) {
            final MemorySegment number = memory.allocate(JAVA_INT);
            call(() -> question.ask(number.address()));
            return number.get(JAVA_INT, 0);
        }
    }

    /** Memory for the arguments of one kernel family. */
    Structs newStructs() {
        return new Structs(this, arena);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        try (Arena memory = Arena.ofConfined()) {
            final MemorySegment text = memory.allocate(TEXT_BYTES);
            call(() -> (int) bindings.contextDescribe.invokeExact(context, text.address(), TEXT_BYTES));
            return text.getString(0);
        }
    }

    /** Its architecture, for example 90 for sm_90. */
    public int architecture() {
        return answer(address -> (int) bindings.contextArchitecture.invokeExact(context, address));
    }

    /** How matrix products are computed now. */
    public Precision precision() {
        return Precision.values()[answer(address -> (int) bindings.contextPrecision.invokeExact(context, address))];
    }

    @Override
    public int productBits() {
        return switch (precision()) {
            case FP32, TF32_X3 -> Device.super.productBits();
            case TF32 -> 10;
            case BF16 -> 7;
        };
    }

    /** The stream that everything runs on: a {@code cudaStream_t} of the device's primary context, for other libraries. */
    public long stream() {
        call(() -> (int) bindings.contextStream.invokeExact(context, structs.handleSlot()));
        return structs.handle();
    }

    /**
     * Enqueues everything from now on on another library's stream, after all that has been enqueued so far.
     *
     * @param stream a {@code cudaStream_t} or {@code CUstream} of the device's primary context, which its owner keeps until the device
     *               is closed or uses another one; 0: the device's own again
     */
    public void useStream(final long stream) {
        call(() -> (int) bindings.contextUseStream.invokeExact(context, stream));
    }

    /** Lets what is enqueued from now on wait for an event ({@code cudaEvent_t} or {@code CUevent}) that another library has recorded. */
    public void waitFor(final long event) {
        call(() -> (int) bindings.contextWaitEvent.invokeExact(context, event));
    }

    /** Records an event of another library's, which can then wait for everything enqueued so far. */
    public void record(final long event) {
        call(() -> (int) bindings.contextRecordEvent.invokeExact(context, event));
    }

    /**
     * Chooses how matrix products are computed from now on; at first what {@code BOREP_PRECISION} says, else
     * {@link Precision#FP32}.
     *
     * @throws IllegalArgumentException if this device has no tensor cores for it
     */
    public void setPrecision(final Precision precision) {
        call(() -> (int) bindings.contextSetPrecision.invokeExact(context, precision.ordinal()));
    }

    /**
     * Chooses who computes matrix products from now on; at first what {@code BOREP_GEMM} says.
     *
     * @throws IllegalArgumentException with the loader's words if cuBLAS cannot be had, or if the device has no such warpgroups
     */
    public void setGemm(final Gemm gemm) {
        call(() -> (int) bindings.contextSetGemm.invokeExact(context, gemm.ordinal()));
    }

    /** Chooses how recurrent sweeps run from now on; {@link Sweeps#CHOSEN} at first. */
    public void setSweeps(final Sweeps sweeps) {
        try (Arena memory = Arena.ofConfined()) {
            final long options = Structs.sweepOptions(memory, sweeps).address();
            call(() -> (int) bindings.contextSetSweeps.invokeExact(context, options));
        }
    }

    /**
     * Chooses how programs run from now on; {@link GraphMode#PHASE} at first. Whether a program is a graph at all is decided when it
     * is recorded.
     */
    public void setGraphs(final GraphMode mode) {
        final int programs = Math.max(1, mode.programs());
        call(() -> (int) bindings.contextGather.invokeExact(context, programs));
        recorder.setGraphs(mode);
    }

    /** Starts what the device has gathered for a launch; whatever waits for the device does so itself. */
    public void flush() {
        call(() -> (int) bindings.contextFlush.invokeExact(context));
    }

    /** The matrix product that every sweep is made of, in this device's precision. */
    public CudaProducts products() {
        return products;
    }

    @Override
    public int realBytes() {
        return Float.BYTES;
    }

    @Override
    public Reals reals(final int size) {
        return new CudaReals(this, allocate((long) Float.BYTES * size), size);
    }

    /**
     * Memory of another library as numbers of this device.
     *
     * @param address device pointer to at least {@code size} float32 numbers on this GPU; its owner must keep it while it is used
     */
    public Reals view(final long address, final int size) {
        if (address == 0 || size < 0) {
            throw new IllegalArgumentException("view of " + size + " numbers at address " + address
                    + ": needs a device pointer and a size that is not negative");
        }
        return new CudaReals(this, address, size);
    }

    @Override
    public Ints ints(final int size) {
        return new CudaInts(this, allocate((long) Integer.BYTES * size), size);
    }

    @Override
    public Counter counter() {
        return new CudaCounter(this, allocate(Long.BYTES));
    }

    @Override
    public Ring ring(final int width, final int capacity) {
        requireOpen();
        return new CudaRing(this, width, capacity);
    }

    @Override
    public Guard guard(final Counter counter, final Ring ring, final Reals values, final List<Reals> state) {
        return new CudaGuard(this, counter, ring, values, state);
    }

    @Override
    public Kernels kernels() {
        requireOpen();
        return kernels;
    }

    @Override
    public Program record(final Runnable calls) {
        return record(0, calls);
    }

    /** @param guard handle of the guard whose steps the calls are a part of; 0: nobody's */
    Program record(final long guard, final Runnable calls) {
        return recorder.record(guard, calls);
    }

    void run(final long program) {
        requireOpen();
        try {
            bindings.check((int) bindings.programRun.invokeExact(program));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /** Who records programs, and keeps the counters that they advance. */
    ProgramRecorder recorder() {
        return recorder;
    }

    private long allocate(final long bytes) {
        call(() -> (int) bindings.memoryAllocate.invokeExact(context, bytes, structs.handleSlot()));
        return structs.handle();
    }

    void write(final long to, final MemorySegment from) {
        requireOpen();
        try {
            bindings.check((int) bindings.memoryWrite.invokeExact(context, to, from.address(), from.byteSize()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    void read(final long from, final MemorySegment to) {
        requireOpen();
        try {
            bindings.check((int) bindings.memoryRead.invokeExact(context, from, to.address(), to.byteSize()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /**
     * Waits for everything enqueued.
     *
     * @throws IllegalArgumentException if a kernel has met bad data since the last wait
     */
    public void synchronise() {
        call(() -> (int) bindings.contextSynchronise.invokeExact(context));
    }

    /** Counts since the device was opened. */
    public Statistics statistics() {
        try (Arena memory = Arena.ofConfined()) {
            final MemorySegment counts = Structs.newStatistics(memory);
            call(() -> (int) bindings.contextStatistics.invokeExact(context, counts.address()));
            return Structs.statistics(counts);
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            bindings.contextDestroy.invokeExact(context);
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        } finally {
            arena.close();
        }
    }
}
