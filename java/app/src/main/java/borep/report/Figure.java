package borep.report;

import static borep.report.Markup.escape;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * One figure of a page: title, legend, chart, and a sentence that says how to read it.
 *
 * @param title          also the name of what the vertical axis shows
 * @param caption        plain words; empty for none
 * @param horizontalName "step"
 * @param horizontalUnit how x is written
 * @param horizontal     the axis under the curves
 * @param verticalUnit   how y is written
 * @param vertical       the axis beside the curves
 * @param lines          the most important first; none without points
 * @param rules          straight lines at values of interest
 */
record Figure(
        String title,
        String caption,
        String horizontalName,
        Unit horizontalUnit,
        Axis horizontal,
        Unit verticalUnit,
        Axis vertical,
        List<Line> lines,
        List<Rule> rules) {

    /** A straight line across the chart, at an x ({@code isVertical}) or at a y. */
    record Rule(boolean isVertical, double at, String name, String look) {}

    /** Which scale an axis has. */
    enum Scale {
        LINEAR,
        /** Powers of ten; linear after all if no value is positive. */
        LOGARITHMIC,
        /** Logarithmic if all values are positive and span more than a factor of 50. */
        FITTING
    }

    /** A figure over steps; empty text from {@link #html} if no line has a point. */
    static Figure overSteps(
            final String title, final String caption, final Unit unit, final Scale scale, final List<Line> lines) {
        return of(title, caption, "step", Unit.COUNT, Scale.LINEAR, unit, scale, lines, List.of());
    }

    /** A figure whose axes cover all points of {@code lines} and all {@code rules}; bands too, but on a logarithmic axis, where they may have no end. */
    static Figure of(
            final String title,
            final String caption,
            final String horizontalName,
            final Unit horizontalUnit,
            final Scale horizontalScale,
            final Unit verticalUnit,
            final Scale verticalScale,
            final List<Line> lines,
            final List<Rule> rules) {
        final List<Line> drawn =
                lines.stream().filter(line -> !line.curve().isEmpty()).toList();
        final double[] x = finite(
                drawn.stream().map(Line::curve).flatMapToDouble(Curve::xs),
                rules.stream().filter(Rule::isVertical));
        final double[] y = finite(
                drawn.stream()
                        .flatMap(line -> verticalScale == Scale.LINEAR ? line.curves() : Stream.of(line.curve()))
                        .flatMapToDouble(Curve::ys),
                rules.stream().filter(rule -> !rule.isVertical()));
        return new Figure(
                title,
                caption,
                horizontalName,
                horizontalUnit,
                axis(x, horizontalUnit, horizontalScale, true),
                verticalUnit,
                axis(y, verticalUnit, verticalScale, false),
                drawn,
                rules);
    }

    private static double[] finite(final DoubleStream points, final Stream<Rule> rules) {
        return DoubleStream.concat(points, rules.mapToDouble(Rule::at))
                .filter(Double::isFinite)
                .toArray();
    }

    private static Axis axis(final double[] values, final Unit unit, final Scale scale, final boolean exact) {
        final double low = DoubleStream.of(values).min().orElse(0);
        final double high = DoubleStream.of(values).max().orElse(1);
        final double positive = DoubleStream.of(values).filter(v -> v > 0).min().orElse(0);
        final boolean logarithmic =
                scale == Scale.LOGARITHMIC && positive > 0 || scale == Scale.FITTING && low > 0 && high / low > 50;
        if (logarithmic) {
            return Axis.logarithmic(positive, high);
        }
        return exact ? Axis.exact(low, high, unit) : Axis.rounded(low, high, unit);
    }

    /** What a screen reader says instead of the picture. */
    String spoken() {
        return lines.stream()
                .map(line -> isHistory()
                        ? line.curve().name() + " ends at " + closing(line.curve())
                        : line.curve().name() + " has " + line.curve().size() + " points")
                .collect(Collectors.joining("; ", title + " by " + horizontalName + ". ", "."));
    }

    /** Steps and seconds pass and end; coefficients, norms and rates do not. */
    private boolean isHistory() {
        return horizontalUnit == Unit.COUNT || horizontalUnit == Unit.SECONDS;
    }

    /** The figure as HTML, or nothing if there is nothing to draw. */
    String html(final String look) {
        if (lines.isEmpty()) {
            return "";
        }
        final int window =
                lines.stream().mapToInt(line -> line.curve().window()).max().orElse(1);
        final String note = window == 1 ? "" : " Thin: every step. Bold: running mean over " + window + " points.";
        final String text = (caption + note).strip();
        return """
                <figure class="%s">
                <h3>%s%s</h3>
                %s<div class="plot">%s</div>
                %s</figure>
                """.formatted(
                        look,
                        escape(title),
                        vertical.isLogarithmic() ? " <small>logarithmic scale</small>" : "",
                        legend(),
                        LineChart.svg(this),
                        text.isEmpty() ? "" : "<figcaption>" + escape(text) + "</figcaption>\n");
    }

    /** Where a curve ends; of a restless one, where its mean ends; nothing where that means nothing. */
    String ending(final Line line) {
        return isHistory() ? closing(line.curve()) : "";
    }

    private String closing(final Curve curve) {
        final Curve shown = curve.window() > 1 ? curve.smoothed(vertical.isLogarithmic()) : curve;
        return verticalUnit.format(shown.last());
    }

    private String legend() {
        final StringBuilder items = new StringBuilder();
        for (final Line line : lines) {
            items.append(key(line.look(), line.curve().name(), ending(line)));
        }
        for (final Rule rule : rules) {
            items.append(key(
                    rule.look(), rule.name(), (rule.isVertical() ? horizontalUnit : verticalUnit).format(rule.at())));
        }
        return "<ul class=\"legend\">\n" + items + "</ul>\n";
    }

    private static String key(final String look, final String name, final String number) {
        return """
                <li><svg class="key" aria-hidden="true">%s</svg>\
                %s <b>%s</b></li>
                """.formatted(mark(look, 6), escape(name), escape(number));
    }

    /** What stands for a line in a legend, 26 pixels wide around the height {@code y}. */
    static String mark(final String look, final int y) {
        return look.startsWith(Line.POINTS)
                ? "<circle class=\"dot %s\" cx=\"19\" cy=\"%d\" r=\"4\"/>".formatted(look, y)
                : "<line class=\"line %s\" x2=\"26\" y1=\"%d\" y2=\"%d\"/>".formatted(look, y, y);
    }
}
