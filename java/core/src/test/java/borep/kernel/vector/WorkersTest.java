package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Threads that share a job: every part runs once, barriers meet, failures arrive at the caller. */
class WorkersTest {
    private static final Gemm GEMM = new ScalarGemm();

    @Test
    void everyPartRunsOnceHoweverManyPartsAJobHas() {
        try (Workers workers = new Workers(4, GEMM)) {
            final AtomicIntegerArray runs = new AtomicIntegerArray(4);
            final Workers.Part part = (index, parts) -> runs.incrementAndGet(index);
            for (int round = 0; round < 3000; round++) {
                workers.run(part, 1 + round % 4);
            }
            assertEquals(3000, runs.get(0));
            assertEquals(2250, runs.get(1));
            assertEquals(1500, runs.get(2));
            assertEquals(750, runs.get(3));
        }
    }

    @Test
    void nobodyPassesABarrierBeforeAllHaveCome() {
        try (Workers workers = new Workers(3, GEMM)) {
            final AtomicIntegerArray places = new AtomicIntegerArray(3);
            workers.run(
                    (index, parts) -> {
                        for (int step = 1; step <= 500; step++) {
                            places.set(index, step);
                            workers.barrier(parts);
                            for (int other = 0; other < parts; other++) {
                                if (places.get(other) < step) {
                                    throw new IllegalStateException("part " + other + " is at " + places.get(other));
                                }
                            }
                            workers.barrier(parts);
                        }
                    },
                    3);
            assertEquals(500, places.get(2));
        }
    }

    @Test
    void everyPieceOfAPhaseIsDoneOnceAndBeforeTheNextPhase() {
        for (final int parts : new int[] {1, 2, 3}) {
            try (Workers workers = new Workers(parts, GEMM)) {
                final int pieces = Workers.pieces(parts);
                final AtomicIntegerArray runs = new AtomicIntegerArray(pieces);
                final Workers.Phase phase = (piece, all, workspace) -> runs.incrementAndGet(piece);
                workers.run(
                        (part, all) -> {
                            for (int round = 1; round <= 400; round++) {
                                workers.phase(phase, part, all);
                                for (int piece = 0; piece < pieces; piece++) {
                                    if (runs.get(piece) != round) {
                                        throw new IllegalStateException("piece " + piece + " in round " + round);
                                    }
                                }
                                workers.barrier(all);
                            }
                        },
                        parts);
                assertEquals(400, runs.get(pieces - 1));
            }
        }
    }

    @Test
    void aPartThatIsHeldUpLeavesItsPiecesToTheOthers() {
        try (Workers workers = new Workers(2, GEMM)) {
            final int pieces = Workers.pieces(2);
            final AtomicIntegerArray done = new AtomicIntegerArray(2);
            workers.run(
                    (part, parts) -> {
                        for (int piece = workers.take(part, parts, pieces);
                                piece >= 0;
                                piece = workers.take(part, parts, pieces)) {
                            done.incrementAndGet(part);
                            while (part == 1 && done.get(0) < pieces - 1) {
                                Thread.onSpinWait();
                            }
                        }
                        workers.barrier(parts);
                    },
                    2);
            assertEquals(pieces - done.get(1), done.get(0));
            assertTrue(done.get(1) <= 1, done.get(1) + " pieces");
        }
    }

    @Test
    void aFailureReachesTheCallerAndFreesTheOthers() {
        try (Workers workers = new Workers(3, GEMM)) {
            for (final int failing : new int[] {0, 1, 2}) {
                final IllegalArgumentException thrown = assertThrows(
                        IllegalArgumentException.class,
                        () -> workers.run(
                                (index, parts) -> {
                                    if (index == failing) {
                                        throw new IllegalArgumentException("part " + index);
                                    }
                                    workers.barrier(parts);
                                },
                                3));
                assertEquals("part " + failing, thrown.getMessage());
            }
            final AtomicIntegerArray runs = new AtomicIntegerArray(3);
            workers.run(
                    (index, parts) -> {
                        workers.barrier(parts);
                        runs.incrementAndGet(index);
                    },
                    3);
            assertEquals(1, runs.get(1));
        }
    }

    @Test
    void aParkedThreadWakesUp() throws InterruptedException {
        try (Workers workers = new Workers(2, GEMM)) {
            final AtomicIntegerArray runs = new AtomicIntegerArray(2);
            final Workers.Part part = (index, parts) -> runs.incrementAndGet(index);
            workers.run(part, 2);
            Thread.sleep(300); // long enough for the thread to park
            workers.run(part, 2);
            assertEquals(2, runs.get(1));
        }
    }

    @Test
    void aClosedDeviceRefusesWork() {
        final Workers workers = new Workers(2, GEMM);
        workers.close();
        workers.close();
        assertEquals(
                "the device is closed",
                assertThrows(IllegalStateException.class, () -> workers.run((index, parts) -> {}, 2))
                        .getMessage());
    }

    /** {@link ContentionTest} has the rule; here the times are those of real jobs, long enough to be far from its bounds. */
    @Test
    void aCallerThatOnlyWaitsWorksAloneForAWhile() {
        try (Workers workers = new Workers(2, GEMM)) {
            final long held = 4 * Contention.WINDOW;
            workers.run((part, parts) -> hold(part == 0 ? 0 : held), 2);
            assertEquals(1, workers.partsFor(100, 1));
            workers.run((part, parts) -> hold(Contention.ALONE_FIRST), 1);
            assertEquals(2, workers.partsFor(100, 1));
            workers.run(
                    (part, parts) -> {
                        hold(part == 0 ? 0 : held);
                        workers.barrier(parts);
                    },
                    2);
            assertEquals(1, workers.partsFor(100, 1));
        }
    }

    private static void hold(final long nanos) {
        final long begun = System.nanoTime();
        while (System.nanoTime() - begun < nanos) {
            LockSupport.parkNanos(nanos);
        }
    }

    @Test
    void smallWorkStaysOnOneThread() {
        try (Workers workers = new Workers(3, GEMM)) {
            assertEquals(1, workers.partsFor(99, 100));
            assertEquals(2, workers.partsFor(299, 100));
            assertEquals(3, workers.partsFor(100_000, 100));
        }
        assertEquals(
                "threads 0: must be at least 1 and below 65536",
                assertThrows(IllegalArgumentException.class, () -> new Workers(0, GEMM))
                        .getMessage());
    }
}
