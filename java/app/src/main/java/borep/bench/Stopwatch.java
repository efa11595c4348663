package borep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalDouble;

/** Times a piece of work after it has become steady: the compiler needs seconds for the kernels of this library. */
public final class Stopwatch {
    private static final Path STAT = Path.of("/proc/stat");
    /** Place of the stolen time among the numbers of the line {@code cpu}; guest times behind it are part of others. */
    private static final int STEAL = 7;

    private static final double WINDOW_SECONDS = 0.5;
    /** A window this much faster than all before it shows that the compiler was still at work. */
    private static final double STILL_FASTER = 0.97;
    /** Warming up ends after this many times the time asked for, steady or not. */
    private static final int PATIENCE = 4;

    private static final int FEWEST = 9;

    private Stopwatch() {}

    /**
     * How long to measure.
     *
     * @param warmUpSeconds least time to warm up
     * @param repeats       number of measured repeats; 0: as many as fit into {@code seconds}, at least nine
     * @param seconds       time to measure
     */
    public record Plan(double warmUpSeconds, int repeats, double seconds) {}

    /**
     * What was measured.
     *
     * @param medianMillis   the median of the repeats
     * @param decileMillis   a tenth of the repeats was faster: about what the work takes while no neighbour slows the processors
     * @param quartileMillis [2] a quarter of the repeats was faster than the first, a quarter slower than the second
     * @param repeats        how many
     * @param warmUpSeconds  how long the work took to become steady
     * @param stealShare     share of the machine's processor time that the host took away meanwhile; empty where it is not known
     */
    public record Result(
            double medianMillis,
            double decileMillis,
            double[] quartileMillis,
            int repeats,
            double warmUpSeconds,
            OptionalDouble stealShare) {}

    /** Warms up and measures. */
    public static Result measure(final Runnable work, final Plan plan) {
        final double warmUp = warmUp(work, plan.warmUpSeconds());
        final long[] before = processorTimes();
        final double[] millis =
                plan.repeats() > 0 ? repeat(work, plan.repeats(), 0) : repeat(work, FEWEST, plan.seconds());
        final OptionalDouble steal = stealShare(before, processorTimes());
        Arrays.sort(millis);
        final double[] quartiles = {quantile(millis, 0.25), quantile(millis, 0.75)};
        return new Result(quantile(millis, 0.5), quantile(millis, 0.1), quartiles, millis.length, warmUp, steal);
    }

    /** Seconds that were spent. */
    private static double warmUp(final Runnable work, final double leastSeconds) {
        final long start = System.nanoTime();
        double best = Double.POSITIVE_INFINITY;
        while (true) {
            final double[] window = repeat(work, 1, WINDOW_SECONDS);
            Arrays.sort(window);
            final double median = quantile(window, 0.5);
            final double spent = (System.nanoTime() - start) * 1e-9;
            final boolean steady = median >= STILL_FASTER * best;
            if (spent >= leastSeconds && steady || spent >= PATIENCE * leastSeconds) {
                return spent;
            }
            best = Math.min(best, median);
        }
    }

    /** Milliseconds of each of at least this many repeats that take at least this long together. */
    private static double[] repeat(final Runnable work, final int least, final double seconds) {
        double[] millis = new double[Math.max(least, 16)];
        int done = 0;
        final long start = System.nanoTime();
        long last = start;
        while (done < least || (last - start) * 1e-9 < seconds) {
            work.run();
            final long now = System.nanoTime();
            if (done == millis.length) {
                millis = Arrays.copyOf(millis, 2 * done);
            }
            millis[done++] = (now - last) * 1e-6;
            last = now;
        }
        return Arrays.copyOf(millis, done);
    }

    /** Linear between the two nearest of sorted values, as NumPy does it. */
    static double quantile(final double[] sorted, final double share) {
        final double place = share * (sorted.length - 1);
        final int below = (int) place;
        final int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** Ticks that all processors spent so far: user, nice, system, idle, iowait, irq, softirq, steal; empty if not known. */
    private static long[] processorTimes() {
        if (!Files.isReadable(STAT)) {
            return new long[0];
        }
        try {
            return ticks(Files.readAllLines(STAT).getFirst());
        } catch (IOException e) {
            return new long[0];
        }
    }

    /** The numbers of the line {@code cpu} of /proc/stat up to the stolen time; empty if it has fewer. */
    static long[] ticks(final String line) {
        final String[] words = line.trim().split(" +");
        if (!words[0].equals("cpu") || words.length < STEAL + 2) {
            return new long[0];
        }
        return Arrays.stream(words, 1, STEAL + 2).mapToLong(Long::parseLong).toArray();
    }

    static OptionalDouble stealShare(final long[] before, final long[] after) {
        if (before.length == 0 || after.length == 0) {
            return OptionalDouble.empty();
        }
        final long total = Arrays.stream(after).sum() - Arrays.stream(before).sum();
        return total <= 0 ? OptionalDouble.empty() : OptionalDouble.of((after[STEAL] - before[STEAL]) / (double) total);
    }
}
