package borep;

import java.lang.reflect.Method;
import java.util.function.Predicate;

/**
 * Reads how much memory steps put on the heap. By reflection, because the module does not read {@code java.management}.
 * A steady state is one in which a hundred steps pass without a byte: compilers have to get there first, so a test waits,
 * for at most three minutes: beside others the compilers get little of the processors.
 */
public final class AllocationProbe {
    private static final int STEPS = 100;
    private static final long PATIENCE_NANOS = 180_000_000_000L;

    private final Object bean;
    private final Method bytes;
    private final long[] threads;
    private final long patienceNanos;

    /**
     * A probe of the calling thread and of others.
     *
     * @param others which of the threads that live now work for it
     */
    public AllocationProbe(final Predicate<Thread> others) throws ReflectiveOperationException {
        this(others, PATIENCE_NANOS);
    }

    /** A probe that waits only so long for the steady state. */
    public AllocationProbe(final Predicate<Thread> others, final long patienceNanos)
            throws ReflectiveOperationException {
        bean = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getThreadAllocatedBytes", long.class);
        final Thread self = Thread.currentThread();
        threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread == self || others.test(thread))
                .mapToLong(Thread::threadId)
                .toArray();
        for (int i = 0; i < STEPS; i++) { // until reading itself allocates the same each time
            allocated();
        }
        this.patienceNanos = patienceNanos;
    }

    /** Bytes that a hundred steps allocate once the steady state is reached; 0 if it is. */
    public long steadyBytes(final Runnable step) throws ReflectiveOperationException {
        final long start = System.nanoTime();
        long allocated;
        do {
            final long idle = allocated();
            final long before = allocated(); // reading allocates too
            for (int i = 0; i < STEPS; i++) {
                step.run();
            }
            allocated = allocated() - before - (before - idle);
        } while (allocated != 0 && System.nanoTime() - start < patienceNanos);
        return allocated;
    }

    private long allocated() throws ReflectiveOperationException {
        long sum = 0;
        for (final long thread : threads) {
            sum += (long) bytes.invoke(bean, thread);
        }
        return sum;
    }
}
