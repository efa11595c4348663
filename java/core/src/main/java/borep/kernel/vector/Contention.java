package borep.kernel.vector;

import java.util.concurrent.TimeUnit;

/**
 * Whether the other threads are worth waiting for. On a machine whose processors are taken by others a barrier waits for
 * whole slices of the scheduler; then the caller works alone for a while and tries again: soon at first, as it may be
 * over, later more seldom. Windows and pauses are time, not jobs: a job takes microseconds or a second. Every time is in
 * nanoseconds.
 */
final class Contention {
    /** Shared work after which it is judged: a dozen of the scheduler's slices. */
    static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(50);

    static final long ALONE_FIRST = WINDOW;
    static final long ALONE_MOST = 32 * WINDOW;

    /** How long the jobs of this window took, and how long the caller would have needed for them. */
    private long shared;

    private long unshared;
    private boolean alone;
    private long aloneUntil;
    private long aloneNext = ALONE_FIRST;

    /** Whether the caller had better do the next job alone. */
    boolean alone() {
        return alone;
    }

    /**
     * Notes a job that several did.
     *
     * @param parts  how many
     * @param took   from its beginning to its end
     * @param waited how much of that the caller only waited; in the rest it did its part, and alone it would have done all
     * @param now    the clock
     */
    void noteShared(final int parts, final long took, final long waited, final long now) {
        shared += took;
        unshared += parts * (took - waited);
        if (shared < WINDOW) {
            return;
        }
        alone = unshared < shared;
        if (alone) {
            aloneUntil = now + aloneNext;
            aloneNext = Math.min(2 * aloneNext, ALONE_MOST);
        } else {
            aloneNext = ALONE_FIRST;
        }
        shared = 0;
        unshared = 0;
    }

    /** Notes, after a job that the caller did alone, what time it is. */
    void noteAlone(final long now) {
        alone = now - aloneUntil < 0;
    }
}
