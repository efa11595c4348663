package borep.device;

/** The {@link Counter} of every device that computes on the host. */
public final class HostCounter implements Counter {
    private long step;

    @Override
    public long get() {
        return step;
    }

    @Override
    public void set(final long value) {
        step = value;
    }

    @Override
    public void advance() {
        step++;
    }
}
