package borep.cuda;

import borep.device.Counter;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * A step counter in device memory with a mirror on the host: nothing on the device changes it but {@link #advance} and a guard's
 * good steps, so {@link #get} never waits for the device. Once a guard has stopped, its ring tells where.
 */
final class CudaCounter implements Counter {
    private final CudaDevice device;
    private final long address;
    private long step;
    /** Ring of the guard that counts with it; null: there is none. */
    private CudaRing guarded;

    CudaCounter(final CudaDevice device, final long address) {
        this.device = device;
        this.address = address;
    }

    /** The counter that a call on {@code device} is given. */
    static CudaCounter of(final CudaDevice device, final Counter counter) {
        device.requireOpen();
        if (counter instanceof CudaCounter own && own.device == device) {
            return own;
        }
        throw device.foreign("counter");
    }

    /** The device pointer that a call on {@code device} is given. */
    static long address(final CudaDevice device, final Counter counter) {
        return of(device, counter).address;
    }

    @Override
    public long get() {
        return guarded != null && guarded.isClosed() ? guarded.goodSteps() : step;
    }

    void guardedBy(final CudaRing ring) {
        guarded = ring;
    }

    @Override
    public void set(final long value) {
        try (Arena arena = Arena.ofConfined()) {
            device.write(address, arena.allocateFrom(ValueLayout.JAVA_LONG, value));
        }
        step = value;
    }

    @Override
    public void advance() {
        device.recorder().advance(this, address);
    }

    /** The mirror follows: at once, or when a program that holds the call is run. */
    void advanced() {
        step++;
    }
}
