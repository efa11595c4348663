package borep.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** The line through norms and smoothness. */
class LineFitTest {
    private static final int N = 200;

    @Test
    void findsAnExactLine() {
        final double[] g = {0.01, 0.5, 3, 40, 0.2};
        final LineFit fit = LineFit.of(g, Arrays.stream(g).map(x -> 2 + 5 * x).toArray(), 1);
        assertEquals(2, fit.l0(), 1e-9);
        assertEquals(5, fit.l1(), 1e-9);
        assertEquals(2, fit.l0Low(), 1e-9);
        assertEquals(5, fit.l1High(), 1e-9);
    }

    @Test
    void itsIntervalsHoldTheTruthBehindNoise() {
        final RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        final double[] g = new double[N];
        final double[] l = new double[N];
        for (int i = 0; i < N; i++) {
            g[i] = Math.exp(2 * random.nextGaussian());
            l[i] = (2 + 5 * g[i]) * Math.exp(0.1 * random.nextGaussian());
        }
        final LineFit fit = LineFit.of(g, l, 1);
        assertTrue(fit.l0Low() < 2 && 2 < fit.l0High(), fit.toString());
        assertTrue(fit.l1Low() < 5 && 5 < fit.l1High(), fit.toString());
        assertTrue(fit.l1High() - fit.l1Low() < 1, fit.toString());
        assertTrue(fit.correlation() > 0.8, fit.toString());
        assertEquals(fit, LineFit.of(g, l, 1), "the same for a seed");
    }

    @Test
    void aGradientThatNeverChangesGivesALevel() {
        final LineFit fit = LineFit.of(new double[] {3, 3, 3, 3}, new double[] {2, 2, 2, 2}, 1);
        assertEquals(2, fit.l0(), 1e-12);
        assertEquals(0, fit.l1());
    }
}
