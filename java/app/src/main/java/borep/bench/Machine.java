package borep.bench;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongUnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What this machine can do at best, measured: fused multiply-adds in registers, and streaming through memory. */
public final class Machine {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /** Chains of dependent operations: two pipes with a latency of 4 need 8. */
    private static final int CHAINS = 12;

    private static final int FMA_ROUNDS = 2_000_000;
    /** Windows of some milliseconds: the first ones only wake the compiler and the clock. */
    private static final int FMA_WINDOWS = 100;

    /** Of the present rate, in windows that are no longer the first. */
    private static final int PRESENT_WINDOWS = 15;

    private static final int STREAM_WINDOWS = 9;
    /** Elements of each array of one thread: 64 MB, more than a share of any cache. */
    private static final int STREAM = 1 << 24;

    private Machine() {}

    /** The best of several windows of fp32 FMAs on this many threads, in GFLOP/s. */
    public static double peakGflops(final int threads) {
        return flops(threads) / bestSeconds(threads, FMA_WINDOWS, thread -> multiplyAdd(FMA_ROUNDS)) * 1e-9;
    }

    /**
     * The median of a few windows: what this many threads reach at present, in GFLOP/s, after {@link #peakGflops}. Half of that where
     * two threads are on one core, which the best of many windows may not show.
     */
    public static double presentGflops(final int threads) {
        final double[] seconds = new double[PRESENT_WINDOWS];
        Arrays.setAll(seconds, window -> seconds(threads, thread -> multiplyAdd(FMA_ROUNDS)));
        Arrays.sort(seconds);
        return flops(threads) / Stopwatch.quantile(seconds, 0.5) * 1e-9;
    }

    /** Operations of a window. */
    private static double flops(final int threads) {
        return 2.0 * CHAINS * SPECIES.length() * FMA_ROUNDS * threads;
    }

    /** a = b + s·c over arrays far larger than the caches, in GB/s; the lines read before they are written are not counted. */
    public static double triadGigabytes(final int threads) {
        final float[][][] arrays = new float[threads][3][STREAM];
        final double bytes = 3.0 * Float.BYTES * STREAM * threads;
        return bytes / bestSeconds(threads, STREAM_WINDOWS, thread -> triad(arrays[(int) thread])) * 1e-9;
    }

    /** The shortest time in which all threads together did their work once. */
    private static double bestSeconds(final int threads, final int windows, final LongUnaryOperator work) {
        double best = Double.POSITIVE_INFINITY;
        for (int window = 0; window < windows; window++) {
            best = Math.min(best, seconds(threads, work));
        }
        return best;
    }

    private static double seconds(final int threads, final LongUnaryOperator work) {
        final CountDownLatch ready = new CountDownLatch(threads);
        final CountDownLatch go = new CountDownLatch(1);
        final Thread[] all = new Thread[threads];
        final long[] results = new long[threads]; // keeps the work alive
        for (int i = 0; i < threads; i++) {
            final int index = i;
            all[i] = Thread.ofPlatform().daemon().start(() -> {
                ready.countDown();
                await(go);
                results[index] = work.applyAsLong(index);
            });
        }
        await(ready);
        final long start = System.nanoTime();
        go.countDown();
        for (final Thread thread : all) {
            join(thread);
        }
        return (System.nanoTime() - start) * 1e-9;
    }

    private static void await(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while measuring the machine", e);
        }
    }

    private static void join(final Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while measuring the machine", e);
        }
    }

    /** x ← x + a·b in twelve independent chains: the form that the instruction has, so that no vector is copied. */
    private static long multiplyAdd(final int rounds) {
        final FloatVector b = FloatVector.broadcast(SPECIES, 0.5f);
        final FloatVector a = FloatVector.broadcast(SPECIES, 0.25f);
        FloatVector x0 = FloatVector.zero(SPECIES);
        FloatVector x1 = x0;
        FloatVector x2 = x0;
        FloatVector x3 = x0;
        FloatVector x4 = x0;
        FloatVector x5 = x0;
        FloatVector x6 = x0;
        FloatVector x7 = x0;
        FloatVector x8 = x0;
        FloatVector x9 = x0;
        FloatVector x10 = x0;
        FloatVector x11 = x0;
        for (int i = 0; i < rounds; i++) {
            x0 = a.fma(b, x0);
            x1 = a.fma(b, x1);
            x2 = a.fma(b, x2);
            x3 = a.fma(b, x3);
            x4 = a.fma(b, x4);
            x5 = a.fma(b, x5);
            x6 = a.fma(b, x6);
            x7 = a.fma(b, x7);
            x8 = a.fma(b, x8);
            x9 = a.fma(b, x9);
            x10 = a.fma(b, x10);
            x11 = a.fma(b, x11);
        }
        final FloatVector low = x0.add(x1).add(x2).add(x3).add(x4).add(x5);
        final FloatVector high = x6.add(x7).add(x8).add(x9).add(x10).add(x11);
        return Float.floatToRawIntBits(low.add(high).lane(0));
    }

    private static long triad(final float[][] arrays) {
        final float[] a = arrays[0];
        final float[] b = arrays[1];
        final float[] c = arrays[2];
        for (int i = 0; i < a.length; i++) {
            a[i] = b[i] + 0.5f * c[i];
        }
        return Float.floatToRawIntBits(a[a.length / 2]);
    }
}
