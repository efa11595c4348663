package borep.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The area under the curve against its definition, pair by pair. */
class RocCurveTest {
    private static final long SEED = Long.getLong("borep.seed", 7);

    /** Share of pairs in which the positive scores higher, ties counted half. */
    private static double pairs(final double[] scores, final boolean[] positive) {
        double won = 0;
        int pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (positive[i] && !positive[j]) {
                    won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                    pairs++;
                }
            }
        }
        return won / pairs;
    }

    @Test
    void theAreaIsTheShareOfPairsInOrder() {
        final SplittableRandom random = new SplittableRandom(SEED);
        for (final int levels : new int[] {1, 3, 1000}) { // many ties, some, hardly any
            final double[] scores = new double[200];
            final boolean[] positive = new boolean[200];
            for (int i = 0; i < scores.length; i++) {
                positive[i] = i % 5 == 0;
                scores[i] = random.nextInt(levels) + (positive[i] ? levels / 4 : 0);
            }
            final RocCurve curve = new RocCurve(scores, positive);
            assertEquals(pairs(scores, positive), curve.area(), 1e-12, levels + " levels, -Dborep.seed=" + SEED);
            assertEquals(0, curve.falsePositives(0));
            assertEquals(0, curve.truePositives(0));
            assertEquals(1, curve.falsePositives(curve.points() - 1));
            assertEquals(1, curve.truePositives(curve.points() - 1));
        }
    }

    @Test
    void ordersThatAreRightAndWrong() {
        final boolean[] positive = {true, false, true, false};
        assertEquals(1, new RocCurve(new double[] {3, 1, 2, 0}, positive).area());
        assertEquals(0, new RocCurve(new double[] {0, 2, 1, 3}, positive).area());
        assertEquals(0.5, new RocCurve(new double[] {1, 1, 1, 1}, positive).area());
        assertEquals(2, new RocCurve(new double[] {1, 1, 1, 1}, positive).points());
    }
}
