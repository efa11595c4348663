package borep.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CurveTest {
    private static final long SEED = Long.getLong("borep.seed", System.nanoTime());

    @Test
    void thinningKeepsEndsAndExtremes() {
        final Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            final int size = 1 + random.nextInt(5000);
            final int limit = 4 + random.nextInt(1000);
            final double[] y = random.doubles(size, -1, 1).toArray();
            y[random.nextInt(size)] = 100;
            y[random.nextInt(size)] = -100;
            final Curve thin = curve(y).thinned(limit);
            final String hint = "size " + size + ", limit " + limit + ", -Dborep.seed=" + SEED;
            assertTrue(thin.size() <= limit, hint);
            assertEquals(curve(y).ys().max().getAsDouble(), thin.ys().max().getAsDouble(), hint);
            assertEquals(-100, thin.ys().min().getAsDouble(), hint);
            assertEquals(y[0], thin.y(0), hint);
            assertEquals(y[size - 1], thin.y(thin.size() - 1), hint);
            for (int i = 0; i < thin.size(); i++) {
                assertEquals(y[(int) thin.x(i)], thin.y(i), hint + ": a point was moved");
                assertTrue(i == 0 || thin.x(i) > thin.x(i - 1), hint + ": x must rise");
            }
        }
    }

    @Test
    void aShortCurveIsNotThinned() {
        final Curve curve = curve(1, 2, 3);
        assertSame(curve, curve.thinned(4));
        assertThrows(IllegalArgumentException.class, () -> curve.thinned(3));
    }

    @Test
    void gapsNeitherHideExtremesNorVanish() {
        final double[] y = new double[5000];
        y[2001] = Double.NaN;
        y[2002] = 7;
        Arrays.fill(y, 3000, 4000, Double.NaN);
        final Curve thin = curve(y).thinned(100);
        assertEquals(7, thin.ys().filter(Double::isFinite).max().getAsDouble());
        assertTrue(thin.ys().anyMatch(Double::isNaN), "the gap of 1,000 points is gone");
    }

    @Test
    void smoothingAveragesTheNeighbours() {
        final double[] y = IntStream.range(0, 640).mapToDouble(i -> i % 2).toArray();
        final Curve curve = curve(y);
        assertEquals(21, curve.window());
        final Curve smooth = curve.smoothed(false);
        assertEquals(10.0 / 21, smooth.y(300), 1e-12);
        assertEquals(11.0 / 21, smooth.y(301), 1e-12);
        assertEquals(5.0 / 11, smooth.y(0), 1e-12, "at the start only the 11 points there are");
    }

    @Test
    void geometricSmoothingKeepsADecayStraight() {
        final double[] y = IntStream.range(0, 640)
                .mapToDouble(i -> Math.exp(-i / 50.0 + (i % 2 == 0 ? 3 : -3)))
                .toArray();
        final Curve smooth = curve(y).smoothed(true);
        assertTrue(curve(y).window() > 1);
        assertEquals(Math.exp(-302 / 50.0 + 3.0 / 21), smooth.y(302), 1e-9 * smooth.y(302));
    }

    @Test
    void calmAndShortCurvesStayAsTheyAre() {
        assertEquals(
                1,
                curve(IntStream.range(0, 640).mapToDouble(Math::sqrt).toArray()).window());
        assertEquals(
                1,
                curve(IntStream.range(0, 100).mapToDouble(i -> i % 2).toArray()).window());
    }

    @Test
    void readsTheLastValueAtOrBefore() {
        final Curve curve = curve(5, 6, Double.NaN);
        assertEquals(6, curve.at(1.5));
        assertTrue(Double.isNaN(curve.at(-1)));
        assertEquals(6, curve.last());
    }

    @Test
    void unequalLengthsAreAnError() {
        final var error =
                assertThrows(IllegalArgumentException.class, () -> new Curve("loss", new double[3], new double[4]));
        assertEquals("curve loss has 3 x and 4 y", error.getMessage());
    }

    private static Curve curve(final double... y) {
        return new Curve("y", IntStream.range(0, y.length).asDoubleStream().toArray(), y);
    }
}
