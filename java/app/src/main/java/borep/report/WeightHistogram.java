package borep.report;

import static borep.report.Markup.escape;
import static borep.report.Markup.percent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** How many correctly labelled and how many flipped training samples have a weight in each bin. */
final class WeightHistogram {
    private final double[] edges;
    private final double[] flipped;
    private final double[] clean;

    private WeightHistogram(final double[] edges, final double[] flipped, final double[] clean) {
        this.edges = edges;
        this.flipped = flipped;
        this.clean = clean;
    }

    /** Reads {@code {edges[n+1], flipped[n], clean[n]}}, edges rising, no count negative; empty if there is no file. */
    static Optional<WeightHistogram> readIfPresent(final Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        final ObjectNode object = RunFiles.object(file);
        final double[] edges = array(file, object, "edges");
        final double[] flipped = array(file, object, "flipped");
        final double[] clean = array(file, object, "clean");
        if (flipped.length == 0 || edges.length != flipped.length + 1 || clean.length != flipped.length) {
            throw RunFiles.mistake(
                    file,
                    "has %d edges, %d flipped, %d clean: n bins need n + 1, n and n"
                            .formatted(edges.length, flipped.length, clean.length));
        }
        for (int i = 0; i < flipped.length; i++) {
            if (!(edges[i + 1] > edges[i])) {
                throw RunFiles.mistake(file, "edges[" + (i + 1) + "] " + edges[i + 1] + ": edges must rise");
            }
            if (!(flipped[i] >= 0 && clean[i] >= 0)) {
                throw RunFiles.mistake(file, "bin " + i + ": counts must not be negative");
            }
        }
        return Optional.of(new WeightHistogram(edges, flipped, clean));
    }

    private static double[] array(final Path file, final ObjectNode object, final String key) {
        final JsonNode array = object.path(key);
        return array.valueStream()
                .mapToDouble(value -> RunFiles.number(value, file, 0, key))
                .toArray();
    }

    /** A mirrored histogram: correct labels grow upwards, flipped ones downwards, on one scale. */
    String html() {
        final double up = DoubleStream.of(clean).max().orElse(0);
        final double down = DoubleStream.of(flipped).max().orElse(0);
        final Axis counts = Axis.mirrored(down, up);
        final Axis weights = Axis.exact(edges[0], edges[edges.length - 1], Unit.NUMBER);
        final StringBuilder svg = new StringBuilder();
        final String spoken = "Sample weights. Mean weight of correct labels %s, of flipped labels %s."
                .formatted(Unit.NUMBER.format(mean(clean)), Unit.NUMBER.format(mean(flipped)));
        LineChart.frame(svg, weights, counts, "sample weight", spoken);
        final double zero = 1 - counts.position(0);
        for (int i = 0; i < clean.length; i++) {
            bar(svg, weights, i, 1 - counts.position(clean[i]), zero, "c1");
            bar(svg, weights, i, zero, 1 - counts.position(-flipped[i]), "c2");
        }
        svg.append("<line class=\"base\" x1=\"0\" x2=\"100%%\" y1=\"%s\" y2=\"%s\"/>\n"
                .formatted(percent(zero), percent(zero)));
        svg.append("<g class=\"readings\">\n");
        for (int i = 0; i < clean.length; i++) {
            final double from = weights.position(edges[i]);
            final String bin = "weight %s to %s\n%s correct labels\n%s flipped labels"
                    .formatted(
                            Unit.NUMBER.format(edges[i]),
                            Unit.NUMBER.format(edges[i + 1]),
                            Unit.COUNT.format(clean[i]),
                            Unit.COUNT.format(flipped[i]));
            svg.append("<g><rect x=\"%s\" width=\"%s\" height=\"100%%\"/><title>%s</title></g>\n"
                    .formatted(percent(from), percent(weights.position(edges[i + 1]) - from), escape(bin)));
        }
        svg.append("</g></svg>\n");
        return """
                <figure class="wide">
                <h3>How many samples have which weight</h3>
                <ul class="legend">
                <li><svg class="key square" aria-hidden="true"><rect class="bar c1" width="12" height="12"/></svg> \
                upwards: label correct <b>mean weight %s</b></li>
                <li><svg class="key square" aria-hidden="true"><rect class="bar c2" width="12" height="12"/></svg> \
                downwards: label flipped <b>mean weight %s</b></li>
                </ul>
                <div class="plot">%s</div>
                <figcaption>A weight near 0 means that the sample was all but ignored in training. Good cleaning
                moves the lower bars to the left and keeps the upper ones at the right.</figcaption>
                </figure>
                """.formatted(Unit.NUMBER.format(mean(clean)), Unit.NUMBER.format(mean(flipped)), svg);
    }

    private void bar(
            final StringBuilder svg,
            final Axis weights,
            final int bin,
            final double top,
            final double bottom,
            final String look) {
        final double from = weights.position(edges[bin]);
        final double width = weights.position(edges[bin + 1]) - from;
        svg.append("<rect class=\"bar %s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>\n"
                .formatted(
                        look,
                        percent(from + width * 0.06),
                        percent(top),
                        percent(width * 0.88),
                        percent(bottom - top)));
    }

    /** The mean weight, taking every sample at the middle of its bin; NaN without samples. */
    private double mean(final double[] counts) {
        double sum = 0;
        double total = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i] * (edges[i] + edges[i + 1]) / 2;
            total += counts[i];
        }
        return sum / total;
    }
}
