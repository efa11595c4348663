package borep.kernel.reference;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Guard;
import borep.device.HostCounter;
import borep.device.HostDoubles;
import borep.device.HostGuard;
import borep.device.HostInts;
import borep.device.HostRing;
import borep.device.Ints;
import borep.device.Program;
import borep.device.Reals;
import borep.device.Ring;
import borep.kernel.Kernels;
import java.util.List;

/** The specification in code: float64, plain loops, one thread. Slow and obviously right. */
public final class ReferenceDevice implements Device {
    private final Kernels kernels = new Kernels(
            new ReferenceRecurrent(),
            new ReferenceDense(),
            new ReferencePooling(),
            new ReferenceLoss(),
            new ReferenceUpdate(),
            new ReferenceBatch(),
            new ReferenceSparse());

    /** Always available. */
    public ReferenceDevice() {}

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "plain loops in float64 on one thread";
    }

    @Override
    public int realBytes() {
        return Double.BYTES;
    }

    @Override
    public Reals reals(final int size) {
        return new HostDoubles(size);
    }

    @Override
    public Ints ints(final int size) {
        return new HostInts(size);
    }

    @Override
    public Counter counter() {
        return new HostCounter();
    }

    @Override
    public Ring ring(final int width, final int capacity) {
        return new HostRing(width, capacity);
    }

    @Override
    public Guard guard(final Counter counter, final Ring ring, final Reals values, final List<Reals> state) {
        return new HostGuard(this, counter, ring, values, state);
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public Program record(final Runnable calls) {
        return calls::run;
    }

    @Override
    public void close() {
        // nothing but heap memory
    }
}
