package borep.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import borep.device.Counter;
import borep.device.Guard;
import borep.device.Program;
import borep.device.Reals;
import borep.device.Ring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** {@link Guard} by {@code native/src/kernels/guard.cu}: the device looks at a step's numbers itself. */
final class CudaGuard implements Guard {
    private final CudaDevice device;
    private final CudaCounter counter;
    private final long handle;

    CudaGuard(
            final CudaDevice device,
            final Counter counter,
            final Ring ring,
            final Reals values,
            final List<Reals> state) {
        this.device = device;
        this.counter = CudaCounter.of(device, counter);
        final CudaRing own = CudaRing.of(device, ring);
        Structs.require("values", values, ring.width());
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment vectors = Structs.vectors(call, device, state);
            final MemorySegment out = call.allocate(JAVA_LONG);
            final long to = out.address();
            device.bindings().check((int) device.bindings()
                    .guardCreate
                    .invokeExact(
                            own.handle(),
                            CudaReals.address(device, values),
                            CudaCounter.address(device, counter),
                            vectors.address(),
                            state.size(),
                            to));
            handle = out.get(JAVA_LONG, 0);
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        this.counter.guardedBy(own);
    }

    /**
     * @throws IllegalStateException after the device has been closed
     */
    private long handle() {
        device.requireOpen();
        return handle;
    }

    @Override
    public void begin() {
        try {
            device.bindings().check((int) device.bindings().guardBegin.invokeExact(handle()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
    }

    @Override
    public Program record(final Runnable calls) {
        return device.record(handle(), calls);
    }

    @Override
    public void end() {
        try {
            device.bindings().check((int) device.bindings().guardEnd.invokeExact(handle()));
        } catch (Throwable e) {
            throw CudaBindings.failure(e);
        }
        device.recorder().advanced(counter);
    }
}
