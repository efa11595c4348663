package borep.experiment;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How well scores tell positives from negatives: at each threshold the share of positives above it (true positives) against that of
 * negatives (false positives). The area under the curve is the probability that a random positive scores higher than a random negative,
 * ties counted half.
 */
final class RocCurve {
    private final double[] falsePositives;
    private final double[] truePositives;
    private final double area;

    /**
     * @param scores   [n] finite
     * @param positive [n]; both kinds occur
     */
    RocCurve(final double[] scores, final boolean[] positive) {
        final int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Double.compare(scores[b], scores[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        final double positives =
                IntStream.range(0, positive.length).filter(i -> positive[i]).count();
        final double negatives = positive.length - positives;
        final double[] x = new double[order.length + 1];
        final double[] y = new double[order.length + 1];
        int points = 1;
        double sum = 0;
        long above = 0;
        for (int i = 0; i < order.length; ) {
            final double score = scores[order[i]];
            int end = i;
            for (; end < order.length && scores[order[end]] == score; end++) { // equal scores: one slanting step
                above += positive[order[end]] ? 1 : 0;
            }
            x[points] = (end - above) / negatives;
            y[points] = above / positives;
            sum += (x[points] - x[points - 1]) * (y[points] + y[points - 1]) / 2;
            points++;
            i = end;
        }
        falsePositives = Arrays.copyOf(x, points);
        truePositives = Arrays.copyOf(y, points);
        area = sum;
    }

    /** The area under the curve, in [0, 1]; 0.5 is chance. */
    double area() {
        return area;
    }

    /** Number of points, from (0, 0) to (1, 1). */
    int points() {
        return falsePositives.length;
    }

    /** Share of negatives above the threshold of a point. */
    double falsePositives(final int point) {
        return falsePositives[point];
    }

    /** Share of positives above the threshold of a point. */
    double truePositives(final int point) {
        return truePositives[point];
    }
}
