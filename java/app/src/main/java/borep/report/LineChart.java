package borep.report;

import static borep.report.Markup.coordinate;
import static borep.report.Markup.escape;
import static borep.report.Markup.percent;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Curves as one inline SVG. Nothing is scaled with the page: texts and line widths keep their size from 360 pixels to a
 * poster, because positions are per cents and only the paths live in a stretched inner viewport of 1000 by 1000.
 */
final class LineChart {
    /** More points than pixels show nothing more. */
    static final int POINTS = 1000;

    /** How many places along x answer to the pointer. */
    private static final int READINGS = 90;

    private final Axis horizontal;
    private final Axis vertical;
    private final List<Line> lines;
    private final Figure figure;
    private final StringBuilder svg = new StringBuilder(1 << 14);

    private LineChart(final Figure figure) {
        this.figure = figure;
        this.horizontal = figure.horizontal();
        this.vertical = figure.vertical();
        this.lines = figure.lines();
    }

    /** The chart of {@code figure}, without its caption and legend. */
    static String svg(final Figure figure) {
        final LineChart chart = new LineChart(figure);
        chart.draw();
        chart.readings();
        return chart.svg.append("</svg>\n").toString();
    }

    /** The same without anything that answers to a pointer. */
    static String still(final Figure figure) {
        final LineChart chart = new LineChart(figure);
        chart.draw();
        return chart.svg.append("</svg>\n").toString();
    }

    private void draw() {
        frame(svg, horizontal, vertical, figure.horizontalName(), figure.spoken());
        paths();
        rules();
        dots();
    }

    /** Opens an SVG with grid lines and the texts of both axes; the caller closes it. */
    static void frame(
            final StringBuilder svg,
            final Axis horizontal,
            final Axis vertical,
            final String name,
            final String spoken) {
        svg.append("<svg class=\"chart\" role=\"img\" aria-label=\"%s\">\n".formatted(escape(spoken)));
        svg.append("<g class=\"grid\">");
        for (final Axis.Tick tick : vertical.ticks()) {
            final String y = percent(1 - vertical.position(tick.value()));
            svg.append("<line x1=\"0\" x2=\"100%%\" y1=\"%s\" y2=\"%s\"/>".formatted(y, y));
            svg.append("<text x=\"-8\" y=\"%s\" dy=\".34em\" class=\"y\">%s</text>".formatted(y, escape(tick.text())));
        }
        int index = 0;
        for (final Axis.Tick tick : horizontal.ticks()) {
            final String x = percent(horizontal.position(tick.value()));
            svg.append("<svg x=\"%s\" y=\"100%%\" overflow=\"visible\" class=\"notch%s\">"
                    .formatted(x, index++ % 2 == 1 ? " odd" : ""));
            svg.append("<line y2=\"5\"/><text y=\"20\" class=\"x\">%s</text></svg>".formatted(escape(tick.text())));
        }
        svg.append("<line x1=\"0\" x2=\"100%\" y1=\"100%\" y2=\"100%\" class=\"base\"/>");
        svg.append("<text x=\"50%%\" y=\"100%%\" dy=\"40\" class=\"x name\">%s</text></g>\n".formatted(escape(name)));
    }

    private void paths() {
        svg.append("<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" width=\"100%\" height=\"100%\""
                + " overflow=\"visible\">\n");
        for (int i = lines.size() - 1; i >= 0; i--) { // the first line is the one that matters: it lies on top
            final Line line = lines.get(i);
            if (line.isCloud()) {
                continue;
            }
            if (line.low() != null) {
                band(line);
            }
            final boolean smooth = line.curve().window() > 1;
            path(line.curve(), line.look() + (smooth ? " raw" : ""));
            if (smooth) {
                path(line.curve().smoothed(vertical.isLogarithmic()), line.look());
            }
        }
        svg.append("</svg>\n");
    }

    /** Along the upper edge, back along the lower one; values outside the axis are drawn at its end. */
    private void band(final Line line) {
        svg.append("<path class=\"band %s\" d=\"".formatted(line.look()));
        char pen = 'M';
        final int size = line.high().size();
        for (int i = 0; i < 2 * size; i++) {
            final Curve edge = i < size ? line.high() : line.low();
            final int point = i < size ? i : 2 * size - 1 - i;
            final double x = horizontal.position(edge.x(point));
            final double y = 1 - vertical.position(edge.y(point));
            if (!Double.isNaN(x) && !Double.isNaN(y)) {
                svg.append(pen).append(coordinate(1000 * x)).append(' ').append(coordinate(1000 * Math.clamp(y, 0, 1)));
                pen = 'L';
            }
        }
        svg.append("Z\"/>\n");
    }

    private void path(final Curve curve, final String look) {
        final Curve shown = curve.thinned(POINTS);
        svg.append("<path class=\"line %s\" d=\"".formatted(look));
        char pen = 'M';
        for (int i = 0; i < shown.size(); i++) {
            final double x = horizontal.position(shown.x(i));
            final double y = 1 - vertical.position(shown.y(i));
            if (Double.isNaN(x) || Double.isNaN(y)) {
                pen = 'M';
                continue;
            }
            svg.append(pen).append(coordinate(1000 * x)).append(' ').append(coordinate(1000 * y));
            pen = 'L';
        }
        svg.append("\"/>\n");
    }

    private void rules() {
        for (final Figure.Rule rule : figure.rules()) {
            final double place = rule.isVertical() ? horizontal.position(rule.at()) : 1 - vertical.position(rule.at());
            if (place >= 0 && place <= 1) {
                final String at = percent(place);
                final String ends = rule.isVertical()
                        ? "x1=\"%s\" x2=\"%s\" y1=\"0\" y2=\"100%%\"".formatted(at, at)
                        : "x1=\"0\" x2=\"100%%\" y1=\"%s\" y2=\"%s\"".formatted(at, at);
                svg.append("<line class=\"rule %s\" %s/>\n".formatted(rule.look(), ends));
            }
        }
    }

    private void dots() {
        for (int l = lines.size() - 1; l >= 0; l--) {
            final Line line = lines.get(l);
            if (!line.isCloud() && (line.curve().size() > 60 || !line.look().contains("dots"))) {
                continue;
            }
            svg.append("<g class=\"dot %s\">".formatted(line.look()));
            for (int i = 0; i < line.curve().size(); i++) {
                final double x = horizontal.position(line.curve().x(i));
                final double y = 1 - vertical.position(line.curve().y(i));
                if (!Double.isNaN(x + y)) {
                    svg.append("<circle cx=\"%s\" cy=\"%s\" r=\"3\"/>".formatted(percent(x), percent(y)));
                }
            }
            svg.append("</g>\n");
        }
    }

    /** Strips that show a guide line and the values of every curve there when the pointer rests on them. */
    private void readings() {
        final SortedSet<Double> places = new TreeSet<>();
        for (final Line line : lines) {
            if (line.isCloud()) {
                continue;
            }
            final Curve curve = line.curve();
            final int count = Math.min(READINGS, curve.size());
            for (int i = 0; i < count; i++) {
                places.add(curve.x((int) ((long) i * (curve.size() - 1) / Math.max(1, count - 1))));
            }
        }
        final double[] at = spread(places);
        svg.append("<g class=\"readings\">\n");
        for (int i = 0; i < at.length; i++) {
            final double here = horizontal.position(at[i]);
            final double from = i == 0 ? 0 : (horizontal.position(at[i - 1]) + here) / 2;
            final double to = i == at.length - 1 ? 1 : (here + horizontal.position(at[i + 1])) / 2;
            svg.append(
                    "<g><rect x=\"%s\" width=\"%s\" height=\"100%%\"/>".formatted(percent(from), percent(to - from)));
            svg.append("<line x1=\"%s\" x2=\"%s\" y1=\"0\" y2=\"100%%\"/>".formatted(percent(here), percent(here)));
            svg.append("<title>").append(escape(reading(at[i]))).append("</title></g>\n");
        }
        svg.append("</g>\n");
    }

    /** At most {@link #READINGS} of the places that have a position, evenly by rank. */
    private double[] spread(final SortedSet<Double> places) {
        final double[] all = places.stream()
                .mapToDouble(Double::doubleValue)
                .filter(x -> !Double.isNaN(horizontal.position(x)))
                .toArray();
        if (all.length <= READINGS) {
            return all;
        }
        final double[] some = new double[READINGS];
        for (int i = 0; i < READINGS; i++) {
            some[i] = all[(int) ((long) i * (all.length - 1) / (READINGS - 1))];
        }
        return some;
    }

    private String reading(final double x) {
        final StringBuilder text = new StringBuilder(
                figure.horizontalName() + " " + figure.horizontalUnit().format(x));
        for (final Line line : lines) {
            final double y = line.curve().at(x);
            if (Double.isFinite(y) && !line.isCloud()) {
                text.append('\n')
                        .append(line.curve().name())
                        .append(": ")
                        .append(figure.verticalUnit().format(y));
            }
        }
        return text.toString();
    }
}
