package borep.kernel.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that do the parts of one job at a time: the caller does part 0, the others hand themselves the rest.
 * Waiting spins a little, then yields, so that another runnable thread gets the processor; a thread without work for
 * long parks.
 */
final class Workers implements AutoCloseable {
    private static final int SPINS = 500;
    private static final int MOST = 1 << 16;
    /** Yields before an idle thread parks: some milliseconds, longer than the host needs between two kernels. */
    private static final int YIELDS = 20_000;

    /** Pieces for each part: a part that is slowed down to half its speed can leave them to others and be waited for little. */
    private static final int PIECES = 6;

    /** Integers between two parts' counters, so that they lie on cache lines of their own. */
    private static final int APART = 32;

    private static final VarHandle ARRIVED;
    private static final VarHandle FINISHED;
    private static final VarHandle TAKEN = MethodHandles.arrayElementVarHandle(int[].class);

    static {
        try {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            ARRIVED = lookup.findVarHandle(Workers.class, "arrived", int.class);
            FINISHED = lookup.findVarHandle(Workers.class, "finished", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What runs in parts. Parts are made once and kept, so that a call allocates nothing. */
    interface Part {
        /**
         * @param part  which part this is, from 0
         * @param parts how many there are
         */
        void run(int part, int parts);
    }

    /** Work that falls into pieces which do not depend on each other. Made once and kept, like a {@link Part}. */
    interface Phase {
        /**
         * @param piece  which piece this is, from 0
         * @param pieces how many there are
         */
        void run(int piece, int pieces, Workspace workspace);
    }

    /** Breaks the barriers of a job in which another part failed. */
    private static final class Abandoned extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Abandoned() {
            super("another part of this job failed", null, false, false);
        }
    }

    private final Worker[] workers;
    private final Workspace[] workspaces;
    private float[] shared = new float[0];
    private Part job;
    /**
     * Number of the job times {@link #MOST}, plus its parts: one word, so that a thread left out of a job cannot
     * mistake the next.
     */
    private volatile long round;

    /** How many of each part's own pieces are taken since the last barrier. */
    private final int[] taken;

    private volatile int finished;
    private volatile int arrived;
    private volatile int generation;
    private volatile Throwable failure;
    private volatile boolean closed;

    /** The results do not depend on the number of parts, so it may follow the clock. */
    private final Contention contention = new Contention();

    private Thread caller;
    /** How long the caller waited in the job at hand, beyond the spinning. */
    private long waited;

    /** @param threads how many threads compute, the caller among them, at least 1 */
    Workers(final int threads, final Gemm gemm) {
        if (threads < 1 || threads >= MOST) {
            throw new IllegalArgumentException("threads " + threads + ": must be at least 1 and below " + MOST);
        }
        workspaces = new Workspace[threads];
        taken = new int[threads * APART];
        workers = new Worker[threads - 1];
        for (int i = 0; i < threads; i++) {
            workspaces[i] = new Workspace(gemm);
        }
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    int threads() {
        return workspaces.length;
    }

    /** The workspace of the thread that does this part. */
    Workspace workspace(final int part) {
        return workspaces[part];
    }

    /** Room for at least so many floats that the parts of a job write together. */
    void reserveShared(final int floats) {
        if (shared.length < floats) {
            shared = new float[floats];
        }
    }

    /** What {@link #reserveShared} made. */
    float[] shared() {
        return shared;
    }

    /** How many parts are worth their hand-off: one per {@code grain} units of work, at most one per thread. */
    int partsFor(final long work, final long grain) {
        return contention.alone() ? 1 : (int) Math.max(1, Math.min(threads(), work / grain));
    }

    /** Runs every part and returns when all are done. */
    void run(final Part part, final int count) {
        if (closed) {
            throw new IllegalStateException("the device is closed");
        }
        putBack(count);
        if (count == 1) {
            part.run(0, 1);
            if (contention.alone()) {
                contention.noteAlone(System.nanoTime());
            }
            return;
        }
        caller = Thread.currentThread();
        final long begun = System.nanoTime();
        waited = 0;
        job = part;
        finished = 0;
        arrived = 0;
        round = (round / MOST + 1) * MOST + count;
        for (int i = 0; i < count - 1; i++) {
            workers[i].wake();
        }
        attempt(part, 0, count);
        long yielding = 0;
        for (int spins = 0; finished < count - 1; spins++) {
            yielding = spins == SPINS ? System.nanoTime() : yielding;
            pause(spins);
        }
        noteWait(yielding);
        job = null;
        final long now = System.nanoTime();
        contention.noteShared(count, now - begun, waited, now);
        if (failure != null) {
            final Throwable thrown = failure;
            failure = null;
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) thrown;
        }
    }

    /** Into how many pieces the work of so many parts is cut. */
    static int pieces(final int parts) {
        return parts == 1 ? 1 : PIECES * parts;
    }

    /** The same, equally many for each part, and at most so many if that leaves one for each. */
    static int pieces(final int parts, final long most) {
        return (int) Math.max(parts, Math.min(pieces(parts), most) / parts * parts);
    }

    /** A part's work in a phase, inside a job: takes pieces until none is left, then waits for the others. */
    void phase(final Phase phase, final int part, final int parts) {
        final int pieces = pieces(parts);
        for (int piece = take(part, parts, pieces); piece >= 0; piece = take(part, parts, pieces)) {
            phase.run(piece, pieces, workspaces[part]);
        }
        barrier(parts);
    }

    /**
     * The next piece for a part of the work between two barriers, or -1 if none is left. A part first gets those of its own
     * range, which its core may have in its cache, then those that others have not begun: a core that something else slows down
     * does fewer. Nothing else may be taken before the next barrier.
     *
     * @param pieces how many there are, numbered from 0
     */
    int take(final int part, final int parts, final int pieces) {
        for (int i = 0, owner = part; i < parts; i++, owner = owner + 1 == parts ? 0 : owner + 1) {
            final int first = (int) ((long) pieces * owner / parts);
            final int count = (int) ((long) pieces * (owner + 1) / parts) - first;
            if ((int) TAKEN.getVolatile(taken, owner * APART) < count) {
                final int next = (int) TAKEN.getAndAdd(taken, owner * APART, 1);
                if (next < count) {
                    return first + next;
                }
            }
        }
        return -1;
    }

    private void putBack(final int parts) {
        for (int part = 0; part < parts; part++) {
            taken[part * APART] = 0;
        }
    }

    /** Waits inside a job until all its {@code count} parts have come here. */
    void barrier(final int count) {
        if (count == 1) {
            putBack(1);
            return;
        }
        final int before = generation;
        if ((int) ARRIVED.getAndAdd(this, 1) == count - 1) {
            putBack(count);
            arrived = 0;
            generation = before + 1;
            return;
        }
        long yielding = 0;
        for (int spins = 0; generation == before; spins++) {
            if (failure != null) {
                throw new Abandoned();
            }
            yielding = spins == SPINS ? System.nanoTime() : yielding;
            pause(spins);
        }
        if (yielding != 0 && Thread.currentThread() == caller) {
            noteWait(yielding);
        }
    }

    private void noteWait(final long since) {
        if (since != 0) {
            waited += System.nanoTime() - since;
        }
    }

    private void attempt(final Part part, final int index, final int count) {
        try {
            part.run(index, count);
        } catch (Abandoned e) {
            // the part that failed has left its reason
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private static void pause(final int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    /** Ends the threads; idempotent. */
    @Override
    public void close() {
        closed = true;
        for (final Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {
        private final int index;
        private volatile boolean parked;

        Worker(final int index) {
            super("borep-" + index);
            this.index = index;
            setDaemon(true);
        }

        void wake() {
            if (parked) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            long seen = 0;
            while (true) {
                seen = await(seen);
                if (closed) {
                    return;
                }
                final int parts = (int) (seen % MOST);
                if (index < parts) {
                    attempt(job, index, parts);
                    FINISHED.getAndAdd(Workers.this, 1);
                }
            }
        }

        /** Waits for a round after {@code seen} and returns it. */
        private long await(final long seen) {
            for (int spins = 0; round == seen && !closed; spins++) {
                if (spins < SPINS + YIELDS) {
                    pause(spins);
                } else {
                    parked = true;
                    if (round == seen && !closed) {
                        LockSupport.park(Workers.this);
                    }
                    parked = false;
                }
            }
            return round;
        }
    }
}
