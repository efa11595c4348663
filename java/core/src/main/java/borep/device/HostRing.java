package borep.device;

/** The {@link Ring} of every device that computes on the host. */
public final class HostRing implements Ring {
    private final int width;
    private final int capacity;
    private final double[] records;
    private long written;
    private boolean closed;

    /** An empty ring of {@code capacity} records of {@code width} numbers. */
    public HostRing(final int width, final int capacity) {
        this.width = width;
        this.capacity = capacity;
        records = new double[Math.multiplyExact(width, capacity)];
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public void append(final Reals values) {
        final int begin = (int) (written % capacity) * width;
        for (int place = 0; place < width; place++) {
            records[begin + place] = values.get(place);
        }
        written++;
    }

    @Override
    public long written() {
        return written;
    }

    @Override
    public void await(final long awaited) {
        if (awaited > written && !closed) {
            throw new IllegalStateException(awaited + " records: only " + written + " have been appended");
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    void open() {
        closed = false;
    }

    void close() {
        closed = true;
    }

    @Override
    public double get(final long record, final int place) {
        Ring.requireRecord(this, written, record, place);
        return records[(int) (record % capacity) * width + place];
    }
}
