package borep.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Step sizes: their values, the texts they are written as, and the texts that are none. */
class ScheduleTest {
    @Test
    void valuesByHand() {
        assertEquals(0.1, Schedule.parse("0.1").at(1_000_000));
        final Schedule steps = Schedule.parse("0.8/step:100:0.5");
        assertEquals(0.8, steps.at(99));
        assertEquals(0.4, steps.at(100), 1e-16);
        assertEquals(0.1, steps.at(399), 1e-16);
        final Schedule power = Schedule.parse("0.6/power:0.5");
        assertEquals(0.6, power.at(0));
        assertEquals(0.2, power.at(8), 1e-16);
    }

    @Test
    void textsAreReadAsTheyAreWritten() {
        for (final String text : List.of("0.1", "0.8/step:100:0.5", "1.0E-4/power:0.5")) {
            final Schedule schedule = Schedule.parse(text);
            assertEquals(text, schedule.toString());
            assertEquals(schedule, Schedule.parse(schedule.toString()));
        }
        assertEquals(Schedule.constant(2), Schedule.parse(" 2 "));
    }

    @Test
    void otherTextsAreRefused() {
        for (final String text :
                List.of("", "fast", "0.1/step", "0.1/step:1.5:0.5", "0.1/power:0.5:1", "0.1/cosine:3")) {
            assertRefused("step size '" + text + "': write 0.1, 0.1/step:100:0.5 or 0.1/power:0.5", text);
        }
        assertRefused("step size -1.0: must be positive and finite", "-1");
        assertRefused("step size NaN: must be positive and finite", "NaN");
        assertRefused("step size Infinity: must be positive and finite", "Infinity");
        assertRefused("schedule step:0:0.5: the period must be at least 1, the factor in (0, 1]", "0.1/step:0:0.5");
        assertRefused("schedule step:5:1.5: the period must be at least 1, the factor in (0, 1]", "0.1/step:5:1.5");
        assertRefused("schedule power:-1.0: the exponent must not be negative", "0.1/power:-1");
    }

    private static void assertRefused(final String message, final String text) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> Schedule.parse(text), text)
                        .getMessage());
    }
}
