package borep.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StopwatchTest {
    @Test
    void repeatsAsOftenAsAsked() {
        final AtomicInteger runs = new AtomicInteger();
        final Stopwatch.Result result = Stopwatch.measure(runs::incrementAndGet, new Stopwatch.Plan(0, 7, 100));
        assertEquals(7, result.repeats());
        assertTrue(runs.get() > 7, "no run to warm up");
    }

    @Test
    void quantilesLieBetweenNeighbours() {
        final double[] sorted = {1, 2, 4, 8};
        assertEquals(3, Stopwatch.quantile(sorted, 0.5));
        assertEquals(1.75, Stopwatch.quantile(sorted, 0.25));
        assertEquals(8, Stopwatch.quantile(sorted, 1));
        assertEquals(5, Stopwatch.quantile(new double[] {5}, 0.75));
    }

    @Test
    void stealIsItsShareOfAllTicks() {
        final long[] before = Stopwatch.ticks("cpu  100 0 50 800 0 0 10 40 7 0");
        assertArrayEquals(new long[] {100, 0, 50, 800, 0, 0, 10, 40}, before);
        final long[] after = Stopwatch.ticks("cpu  150 0 60 820 0 0 10 60 9 0");
        assertEquals(OptionalDouble.of(0.2), Stopwatch.stealShare(before, after));
        assertEquals(OptionalDouble.empty(), Stopwatch.stealShare(before, before));
        assertEquals(OptionalDouble.empty(), Stopwatch.stealShare(new long[0], after));
        assertEquals(0, Stopwatch.ticks("cpu  1 2 3").length);
    }
}
