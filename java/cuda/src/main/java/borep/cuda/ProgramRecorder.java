package borep.cuda;

import borep.device.Program;
import java.util.ArrayList;
import java.util.List;

/** Makes graphs of calls, and tells counters when they are advanced: at once, or when the program that holds the call runs. */
final class ProgramRecorder {
    private final CudaDevice device;
    private final CudaBindings bindings;
    private final Structs structs;
    /** Counters that the recording under way advances; null: nothing is recorded. */
    private List<CudaCounter> advances;

    private GraphMode graphs = GraphMode.PHASE;

    ProgramRecorder(final CudaDevice device) {
        this.device = device;
        bindings = device.bindings();
        structs = device.newStructs();
    }

    /** What programs recorded from now on become. */
    void setGraphs(final GraphMode mode) {
        graphs = mode;
    }

    /** @param guard handle of the guard whose steps the calls are a part of; 0: nobody's */
    Program record(final long guard, final Runnable calls) {
        device.requireOpen();
        if (advances != null) {
            throw new IllegalStateException("a program is being recorded already: record one after the other");
        }
        if (graphs.equals(GraphMode.EAGER)) {
            return calls::run;
        }
        try {
            bindings.check((int) bindings.programBegin.invokeExact(device.context(), guard));
            advances = new ArrayList<>();
            calls.run();
            bindings.check((int) bindings.programEnd.invokeExact(device.context(), structs.handleSlot()));
            return new CudaProgram(device, structs.handle(), advances);
        } catch (Throwable e) {
            abandon();
            throw CudaBindings.failure(e);
        } finally {
            advances = null;
        }
    }

    private void abandon() {
        try {
            bindings.check((int) bindings.programAbandon.invokeExact(device.context()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    /** Enqueues the advance of a counter at this address, or records it. */
    void advance(final CudaCounter counter, final long address) {
        device.requireOpen();
        try {
            bindings.check((int) bindings.updateAdvance.invokeExact(device.context(), address));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        advanced(counter);
    }

    /** A call that has just been enqueued or recorded advances a counter. */
    void advanced(final CudaCounter counter) {
        if (advances == null) {
            counter.advanced();
        } else {
            advances.add(counter);
        }
    }
}
