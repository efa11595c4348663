package borep.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;

/**
 * What the runs of a problem are judged by.
 *
 * @param key    its name in traces
 * @param name   in words, as inside a sentence
 * @param scale  how it is written and drawn
 * @param better which way is good
 */
public record Criterion(String key, String name, Scale scale, Better better) {
    /** Of runs that do not say: the accuracy on data that no training sees. */
    public static final Criterion TEST_ACCURACY =
            new Criterion("testAccuracy", "test accuracy", Scale.SHARE, Better.HIGHER);

    /** f(x, y_k) on the samples of the step, which every trace has at every step. */
    public static final Criterion UPPER_OBJECTIVE =
            new Criterion("upperLoss", "upper objective", Scale.LINEAR, Better.LOWER);

    /** How a number is written and drawn. */
    public enum Scale {
        /** A share in [0, 1], in per cent on a linear axis. */
        SHARE(Unit.SHARE),
        /** A real number on a linear axis. */
        LINEAR(Unit.NUMBER),
        /** A number that is positive, or 0 at best, and falls through the powers of ten. */
        LOGARITHMIC(Unit.NUMBER);

        private final Unit unit;

        Scale(final Unit unit) {
            this.unit = unit;
        }
    }

    /** Which way is good. */
    public enum Better {
        /** the larger the better */
        HIGHER,
        /** the smaller the better */
        LOWER
    }

    /** Writes it into a run's config.json, so that the folder alone is enough for a report. */
    public void write(final ObjectNode node) {
        node.put("key", key);
        node.put("name", name);
        node.put("scale", scale.name().toLowerCase(Locale.ROOT));
        node.put("better", better.name().toLowerCase(Locale.ROOT));
    }

    /** That of a run's config.json; test accuracy if there is none. */
    static Criterion read(final JsonNode node) {
        return node.isMissingNode()
                ? TEST_ACCURACY
                : new Criterion(
                        node.path("key").asText(),
                        node.path("name").asText(),
                        Scale.valueOf(node.path("scale").asText().toUpperCase(Locale.ROOT)),
                        Better.valueOf(node.path("better").asText().toUpperCase(Locale.ROOT)));
    }

    Unit unit() {
        return scale.unit;
    }

    Figure.Scale axis() {
        return isLogarithmic() ? Figure.Scale.LOGARITHMIC : Figure.Scale.LINEAR;
    }

    /** {@code value} as a reader likes it. */
    public String format(final double value) {
        return Double.isNaN(value) ? "–" : scale.unit.format(value);
    }

    /** {@code value} so that the smaller is the better. */
    public double cost(final double value) {
        return better == Better.LOWER ? value : -value;
    }

    /** Whether {@code value} is at least as good as {@code target}; nothing is as good as a missing one. */
    boolean reaches(final double value, final double target) {
        return better == Better.HIGHER ? value >= target : value <= target;
    }

    /** Mean of several values: on a logarithmic scale the geometric one; NaN of none. */
    double mean(final double... values) {
        final double mean = Arrays.stream(values).map(this::level).average().orElse(Double.NaN);
        return value(mean);
    }

    /** Standard deviation of several values (n − 1), on a logarithmic scale as a factor; NaN below two values. */
    double deviation(final double... values) {
        final double[] levels = Arrays.stream(values).map(this::level).toArray();
        final double mean = Arrays.stream(levels).average().orElse(Double.NaN);
        final double squares =
                Arrays.stream(levels).map(v -> (v - mean) * (v - mean)).sum();
        final double deviation = values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
        return value(deviation);
    }

    /** {@code value}, {@code steps} deviations better or worse: the edges of a band. */
    double shifted(final double value, final double deviation, final int steps) {
        return isLogarithmic() ? value * Math.pow(deviation, steps) : value + steps * deviation;
    }

    /** Mean and deviation as a reader likes them: 85.0 % ± 1.2 %, 10⁻⁶ ×/÷ 1.5. */
    public String format(final double mean, final double deviation) {
        if (Double.isNaN(mean) || Double.isNaN(deviation)) {
            return format(mean);
        }
        return format(mean) + (isLogarithmic() ? " ×/÷ " + Unit.NUMBER.format(deviation) : " ± " + format(deviation));
    }

    boolean isLogarithmic() {
        return scale == Scale.LOGARITHMIC;
    }

    /** Where a value lies on its scale: there means are taken. */
    double level(final double value) {
        return isLogarithmic() ? Math.log(value) : value;
    }

    /** The value at a level. */
    double value(final double level) {
        return isLogarithmic() ? Math.exp(level) : level;
    }

    /** Its name at the beginning of a title. */
    String title() {
        return Character.isLowerCase(name.charAt(0)) ? Character.toUpperCase(name.charAt(0)) + name.substring(1) : name;
    }
}
