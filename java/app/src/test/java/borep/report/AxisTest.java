package borep.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {
    private static final long SEED = Long.getLong("borep.seed", System.nanoTime());

    @Test
    void ticksAreRound() {
        assertEquals(List.of("0", "500", "1,000", "1,500"), texts(Axis.exact(0, 1600, Unit.COUNT)));
        assertEquals(List.of("60\u00a0%", "70\u00a0%", "80\u00a0%"), texts(Axis.rounded(0.58, 0.83, Unit.SHARE)));
        assertEquals(List.of("0.001", "0.01", "0.1", "1"), texts(Axis.logarithmic(0.001, 1.5)));
        assertEquals(List.of("0.2", "0.5", "1", "2"), texts(Axis.logarithmic(0.2, 2)));
    }

    @Test
    void everyRangeHasReadableTicksInside() {
        final Random random = new Random(SEED);
        for (int round = 0; round < 2000; round++) {
            final double low = Math.pow(10, random.nextDouble(-12, 9));
            final double high = low * (1 + Math.pow(10, random.nextDouble(-6, 6)));
            for (final Axis axis : List.of(
                    Axis.exact(low, high, Unit.NUMBER),
                    Axis.rounded(-high, low, Unit.NUMBER),
                    Axis.logarithmic(low, high))) {
                final String hint = low + " to " + high + ", -Dborep.seed=" + SEED;
                final int count = axis.ticks().size();
                assertTrue(count >= 2 && count <= 14, count + " ticks from " + hint);
                for (final Axis.Tick tick : axis.ticks()) {
                    final double position = axis.position(tick.value());
                    assertTrue(position > -1e-6 && position < 1 + 1e-6, "tick at " + position + " from " + hint);
                }
            }
        }
    }

    @Test
    void aFlatCurveStillHasAnAxis() {
        assertTrue(Axis.rounded(0, 0, Unit.NUMBER).ticks().size() >= 2);
        assertEquals(0.5, Axis.logarithmic(3, 3).position(3), 1e-12);
        assertTrue(Axis.exact(0, 0, Unit.COUNT).position(0) == 0);
    }

    @Test
    void valuesWithoutAPlaceHaveNone() {
        assertTrue(Double.isNaN(Axis.logarithmic(1, 10).position(0)));
        assertTrue(Double.isNaN(Axis.exact(0, 1, Unit.NUMBER).position(Double.POSITIVE_INFINITY)));
        assertThrows(IllegalArgumentException.class, () -> Axis.logarithmic(0, 1));
    }

    @Test
    void mirroredCountsHaveNoSign() {
        assertEquals(List.of("100", "0", "100", "200", "300", "400"), texts(Axis.mirrored(85, 310)));
        assertTrue(Axis.mirrored(0, 0).ticks().size() >= 2);
    }

    @ParameterizedTest
    @CsvSource({
        "SHARE, 0.7123, 71.2_%",
        "SHARE, 1, 100.0_%",
        "SHARE, -0.00001, 0.0_%",
        "COUNT, 12345, '12,345'",
        "NUMBER, 0, 0",
        "NUMBER, 0.31274, 0.3127",
        "NUMBER, 12.5, 12.5",
        "NUMBER, 0.0000123, 1.23·10⁻⁵",
        "NUMBER, 1e-5, 10⁻⁵",
        "NUMBER, 123456, '123,456'",
        "NUMBER, -0.5, −0.5",
        "NUMBER, NaN, not a number",
        "NUMBER, 9.9999e-6, 10⁻⁵",
        "SECONDS, 4.21, 4.2_s",
        "SECONDS, 129, 2:09_min",
        "SECONDS, 3780, 1:03_h",
        "SECONDS, 59.7, 1:00_min"
    })
    void numbersReadWell(final Unit unit, final double value, final String text) {
        assertEquals(text.replace('_', '\u00a0'), unit.format(value));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.001, 0",
        "1.005, 1",
        "12.3, 12.3",
        "12.34, 12.34",
        "12.04, 12.04",
        "-0.5, -0.5",
        "-3.07, -3.07"
    })
    void coordinatesAreShort(final double value, final String text) {
        assertEquals(text, Markup.coordinate(value));
    }

    private static List<String> texts(final Axis axis) {
        return axis.ticks().stream().map(Axis.Tick::text).toList();
    }
}
