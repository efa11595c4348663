package borep.report;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** The points of one curve, in the order of x. A y that is not finite is a gap. */
final class Curve {
    /** A mean over fewer points would be as restless as the points; shorter curves are drawn as they are. */
    private static final int SMOOTHED_FROM = 200;

    private final String name;
    private final double[] x;
    private final double[] y;

    /** @throws IllegalArgumentException "curve loss has 3 x and 4 y" */
    Curve(final String name, final double[] x, final double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException("curve " + name + " has " + x.length + " x and " + y.length + " y");
        }
        this.name = name;
        this.x = x.clone();
        this.y = y.clone();
    }

    String name() {
        return name;
    }

    int size() {
        return x.length;
    }

    double x(final int point) {
        return x[point];
    }

    double y(final int point) {
        return y[point];
    }

    DoubleStream xs() {
        return Arrays.stream(x);
    }

    DoubleStream ys() {
        return Arrays.stream(y);
    }

    Curve named(final String other) {
        return new Curve(other, x, y);
    }

    /** True if there is nothing to draw. */
    boolean isEmpty() {
        return Arrays.stream(y).noneMatch(Double::isFinite);
    }

    /** The last finite y, or NaN. */
    double last() {
        for (int i = y.length - 1; i >= 0; i--) {
            if (Double.isFinite(y[i])) {
                return y[i];
            }
        }
        return Double.NaN;
    }

    /** The y at the last point whose x is at most {@code at}, or NaN. */
    double at(final double at) {
        final int found = Arrays.binarySearch(x, at);
        final int point = found >= 0 ? found : -found - 2;
        return point < 0 ? Double.NaN : y[point];
    }

    /**
     * At most {@code limit} of the points (limit at least 4), among them the first, the last, and the lowest and
     * highest of every stretch in between, so no spike is lost; a stretch without a finite y stays a gap.
     */
    Curve thinned(final int limit) {
        if (limit < 4) {
            throw new IllegalArgumentException("limit " + limit + ": must be at least 4");
        }
        if (x.length <= limit) {
            return this;
        }
        final int[] kept = new int[limit];
        int count = 1; // kept[0] is the first point
        final int inner = x.length - 2;
        final int stretches = (limit - 2) / 2;
        for (int s = 0; s < stretches; s++) {
            final int from = 1 + (int) ((long) inner * s / stretches);
            final int to = 1 + (int) ((long) inner * (s + 1) / stretches);
            int low = from;
            int high = from;
            for (int i = from + 1; i < to; i++) {
                low = precedes(y[i], y[low]) ? i : low;
                high = precedes(-y[i], -y[high]) ? i : high;
            }
            kept[count++] = Math.min(low, high);
            if (low != high) {
                kept[count++] = Math.max(low, high);
            }
        }
        kept[count++] = x.length - 1;
        final int[] points = Arrays.copyOf(kept, count);
        return new Curve(name, pick(x, points), pick(y, points));
    }

    private static boolean precedes(final double candidate, final double best) {
        return Double.isFinite(candidate) && (!Double.isFinite(best) || candidate < best);
    }

    private static double[] pick(final double[] values, final int[] points) {
        return Arrays.stream(points).mapToDouble(p -> values[p]).toArray();
    }

    /** How many points {@link #smoothed} averages: an odd number near 3 % of the curve; 1 if it is short or calm. */
    int window() {
        return x.length < SMOOTHED_FROM || !isRestless() ? 1 : x.length / 64 * 2 + 1;
    }

    /** True if the way from point to point is many times as long as the range: noise around a trend. */
    private boolean isRestless() {
        double way = 0;
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        double previous = Double.NaN;
        for (final double value : y) {
            if (Double.isFinite(value)) {
                way += Double.isNaN(previous) ? 0 : Math.abs(value - previous);
                low = Math.min(low, value);
                high = Math.max(high, value);
                previous = value;
            }
        }
        return way > 5 * (high - low);
    }

    /**
     * The centred running mean over {@link #window()} points (fewer at the ends); gaps stay gaps.
     *
     * @param geometric averages the logarithms, as the eye does on a logarithmic axis; y ≤ 0 is then a gap
     */
    Curve smoothed(final boolean geometric) {
        final int half = window() / 2;
        final double[] level =
                Arrays.stream(y).map(v -> geometric ? Math.log(v) : v).toArray();
        final double[] mean = new double[y.length];
        double sum = 0;
        int count = 0;
        for (int i = -half; i < y.length; i++) {
            final int enters = i + half;
            final int leaves = i - half - 1;
            if (enters < y.length && Double.isFinite(level[enters])) {
                sum += level[enters];
                count++;
            }
            if (leaves >= 0 && Double.isFinite(level[leaves])) {
                sum -= level[leaves];
                count--;
            }
            if (i >= 0) {
                final double value = count == 0 || !Double.isFinite(level[i]) ? Double.NaN : sum / count;
                mean[i] = geometric ? Math.exp(value) : value;
            }
        }
        return new Curve(name, x, mean);
    }
}
