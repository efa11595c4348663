package borep.device;

/**
 * Records of a few numbers that a device leaves for the host in the order of its operations: what a step measured, for
 * somebody who looks now and then. Appending never waits for the host and reading never waits for the device; the oldest records
 * are overwritten.
 */
public interface Ring {
    /** Numbers of a record. */
    int width();

    /** Records kept: the host must not let the device get further ahead of its reading than this. */
    int capacity();

    /** Enqueues one record; {@code values} [width] is read when the call executes. May be part of a {@link Program}. */
    void append(Reals values);

    /** Records written so far; never waits. */
    long written();

    /**
     * Waits until so many records are written, or the ring is closed.
     *
     * @throws IllegalStateException if fewer have been enqueued: nobody would write them
     */
    void await(long records);

    /** Whether a {@link Guard} has ended it: the last record is that of a bad step, and no other will come. Never waits. */
    boolean isClosed();

    /**
     * One number of a record.
     *
     * @param record counted from 0
     * @param place  in [0, width)
     * @throws IndexOutOfBoundsException if the record is not yet written, or overwritten
     */
    double get(long record, int place);

    /** Checks a record's number and place for implementations. */
    static void requireRecord(final Ring ring, final long written, final long record, final int place) {
        if (record < 0
                || record >= written
                || record < written - ring.capacity()
                || place < 0
                || place >= ring.width()) {
            throw new IndexOutOfBoundsException("number " + place + " of record " + record + ": records "
                    + Math.max(0, written - ring.capacity()) + " to " + (written - 1) + " of " + ring.width()
                    + " numbers are there");
        }
    }
}
