package borep.report;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * One line of a chart.
 *
 * @param curve the points
 * @param look  CSS classes: {@code c1} to {@code c8} for the colour, {@code d1} to {@code d4} for the dashes,
 *              {@code dots} to mark each point; or {@link #POINTS} and {@code s1} to {@code s6}, a sequence of
 *              colours
 * @param low   lower edge of a band around the curve, at the same x; null: no band
 * @param high  its upper edge
 */
record Line(Curve curve, String look, Curve low, Curve high) {
    /** The look of points that no line joins. */
    static final String POINTS = "points";

    /** Whether it is points that no line joins. */
    boolean isCloud() {
        return look.startsWith(POINTS);
    }

    /** A line without a band. */
    Line(final Curve curve, final String look) {
        this(curve, look, null, null);
    }

    /** The curve, and the edges of its band. */
    Stream<Curve> curves() {
        return Stream.of(curve, low, high).filter(Objects::nonNull);
    }

    /** The look of the {@code index}-th of many lines: eight colours, then again with other dashes. */
    static String look(final int index) {
        return "c" + (index % 8 + 1) + " d" + (index / 8 % 4 + 1);
    }
}
