package borep.cuda;

import borep.device.Counter;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * A step counter in device memory with a mirror on the host: nothing on the device changes it but {@link #advance}, so
 * {@link #get} never waits for the device.
 */
final class CudaCounter implements Counter {
    private final CudaDevice device;
    private final long address;
    private long step;

    CudaCounter(final CudaDevice device, final long address) {
        this.device = device;
        this.address = address;
    }

    static long address(final Counter counter) {
        return ((CudaCounter) counter).address;
    }

    @Override
    public long get() {
        return step;
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
        device.advance(this, address);
    }

    /** The mirror follows: at once, or when a program that holds the call is run. */
    void advanced() {
        step++;
    }
}
