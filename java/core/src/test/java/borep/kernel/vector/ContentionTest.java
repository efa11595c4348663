package borep.kernel.vector;

import static borep.kernel.vector.Contention.ALONE_FIRST;
import static borep.kernel.vector.Contention.ALONE_MOST;
import static borep.kernel.vector.Contention.WINDOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a caller that waits for the others goes on alone, and for how long, by a clock that the test sets. */
class ContentionTest {
    private static final long JOB = WINDOW / 10;

    private final Contention contention = new Contention();
    private long now = -3 * WINDOW; // System.nanoTime() may be negative

    @Test
    void sharesWhileItWaitsLessThanItWouldWorkMore() {
        window(2, JOB / 2);
        assertFalse(contention.alone());
        window(2, JOB / 2 + 1);
        assertTrue(contention.alone());
    }

    @Test
    void ofManyThreadsOnlyOneThatWaitsForNearlyAllOfItsTimeGoesAlone() {
        window(8, JOB * 7 / 8);
        assertFalse(contention.alone());
        window(8, JOB * 7 / 8 + 1);
        assertTrue(contention.alone());
    }

    @Test
    void isJudgedAfterTheSameTimeHoweverLongJobsAre() {
        for (int jobs = 0; jobs < 999; jobs++) {
            share(2, WINDOW / 1000, WINDOW / 1000);
            assertFalse(contention.alone());
        }
        share(2, WINDOW / 1000, WINDOW / 1000);
        assertTrue(contention.alone());
        assertEquals(ALONE_FIRST, aloneFor(WINDOW / 1000));
        share(2, 20 * WINDOW, 20 * WINDOW);
        assertTrue(contention.alone());
    }

    @Test
    void isAloneTwiceAsLongEachTimeUpToSecondsAndForgetsItWhenSharingPays() {
        for (long expected = ALONE_FIRST; expected < ALONE_MOST; expected *= 2) {
            window(2, JOB);
            assertEquals(expected, aloneFor(JOB));
        }
        for (int again = 0; again < 3; again++) {
            window(2, JOB);
            assertEquals(ALONE_MOST, aloneFor(JOB));
        }
        window(2, 0);
        assertFalse(contention.alone());
        window(2, JOB);
        assertEquals(ALONE_FIRST, aloneFor(JOB));
    }

    @Test
    void aLongJobAloneEndsThePauseAtOnce() {
        window(2, JOB);
        now += 20 * WINDOW;
        contention.noteAlone(now);
        assertFalse(contention.alone());
    }

    private void window(final int parts, final long waited) {
        for (long time = 0; time < WINDOW; time += JOB) {
            share(parts, JOB, waited);
        }
    }

    private void share(final int parts, final long took, final long waited) {
        now += took;
        contention.noteShared(parts, took, waited, now);
    }

    /** How long the caller works alone, in jobs of this time. */
    private long aloneFor(final long job) {
        final long begun = now;
        while (contention.alone()) {
            now += job;
            contention.noteAlone(now);
        }
        return now - begun;
    }
}
