package borep.report;

import static borep.report.Markup.escape;

/**
 * A figure as an SVG file of its own, for documents: title, legend and chart in {@value #WIDTH} pixels, with the looks of the pages, light or dark as
 * the reader likes it.
 */
final class Picture {
    static final int WIDTH = 760;

    private static final int PLOT = 300;
    private static final int LEFT = 62;
    private static final int RIGHT = 22;
    private static final int ROW = 20;
    private static final int COLUMNS = 3;

    private Picture() {}

    /** The whole file; well-formed XML. */
    static String svg(final Figure figure) {
        final int rows = (figure.lines().size() + COLUMNS - 1) / COLUMNS;
        final int top = 34 + ROW * rows + 14;
        final int height = top + PLOT + 52;
        return """
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">
                <style>
                %s.chart { overflow: visible; }
                svg { font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
                .ground { fill: var(--ground); } .title { font-size: 15px; font-weight: 650; fill: var(--ink); }
                .key { font-size: 13px; fill: var(--soft); } .key tspan { font-weight: 600; fill: var(--ink); }
                </style>
                <rect class="ground" width="100%%" height="100%%"/>
                <text class="title" x="%d" y="22">%s</text>
                %s<svg x="%d" y="%d" width="%d" height="%d" overflow="visible">
                %s</svg>
                </svg>
                """.formatted(
                        WIDTH,
                        height,
                        WIDTH,
                        height,
                        Markup.resource("chart.css"),
                        LEFT,
                        escape(figure.title() + (figure.vertical().isLogarithmic() ? ", logarithmic scale" : "")),
                        legend(figure),
                        LEFT,
                        top,
                        WIDTH - LEFT - RIGHT,
                        PLOT,
                        LineChart.still(figure));
    }

    /** Every line with its name and where it ends, row by row. */
    private static String legend(final Figure figure) {
        final StringBuilder keys = new StringBuilder();
        final int column = (WIDTH - LEFT - RIGHT) / COLUMNS;
        for (int i = 0; i < figure.lines().size(); i++) {
            final Line line = figure.lines().get(i);
            keys.append("""
                    <g class="key" transform="translate(%d %d)">%s\
                    <text x="34">%s <tspan>%s</tspan></text></g>
                    """.formatted(
                            LEFT + i % COLUMNS * column,
                            44 + i / COLUMNS * ROW,
                            Figure.mark(line.look(), -4),
                            escape(line.curve().name()),
                            escape(figure.ending(line))));
        }
        return keys.toString();
    }
}
