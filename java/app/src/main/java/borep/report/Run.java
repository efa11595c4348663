package borep.report;

import borep.data.DataException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What a run directory holds, read and checked. {@code config.json} and {@code trace.jsonl} must be there; the rest may
 * be missing while a run is going on, or because its problem has no such thing.
 *
 * @param directory   as the user gave it, for messages
 * @param config      the complete configuration
 * @param summary     the closing numbers; empty while the run is going on
 * @param trace       over {@code step}
 * @param noisy       training without cleaning, over {@code step}
 * @param clean       training on the clean labels, over {@code step}
 * @param direct      training without meta-learning, over {@code step}
 * @param crossEntropy training with cross-entropy, over {@code step}
 * @param roc         true positives over {@code falsePositives}
 * @param coefficients of features, over {@code rank}
 * @param grid        a fixed grid of coefficients, over {@code coefficient}
 * @param suspects    the training samples with the lowest weights, lowest first
 * @param features    with their coefficients, smallest first
 * @param histogram   of all sample weights
 */
record Run(
        Path directory,
        ObjectNode config,
        ObjectNode summary,
        Trace trace,
        Trace noisy,
        Trace clean,
        Trace direct,
        Trace crossEntropy,
        Trace roc,
        Trace coefficients,
        Trace grid,
        List<Suspect> suspects,
        List<Feature> features,
        Optional<WeightHistogram> histogram) {

    /** A training sample with one of the lowest weights; {@code label} and {@code trueLabel} are class names. */
    record Suspect(
            long rank,
            double weight,
            String label,
            String trueLabel,
            boolean flipped,
            String picture,
            String text,
            String origin) {}

    /** A feature of a linear model, its regularisation coefficient and the norm of its weights. */
    record Feature(long rank, String name, double coefficient, double weight) {}

    /** @throws DataException naming the file and line that is missing or broken */
    static Run read(final Path directory) {
        final ObjectNode config = RunFiles.object(directory.resolve("config.json"));
        final Trace trace = Trace.read(directory.resolve("trace.jsonl"), "step");
        final Path summary = directory.resolve("summary.json");
        return new Run(
                directory,
                config,
                Files.exists(summary) ? RunFiles.object(summary) : JsonNodeFactory.instance.objectNode(),
                trace,
                Trace.readIfPresent(directory.resolve("baseline-noisy.jsonl"), "step"),
                Trace.readIfPresent(directory.resolve("baseline-clean.jsonl"), "step"),
                Trace.readIfPresent(directory.resolve("baseline-direct.jsonl"), "step"),
                Trace.readIfPresent(directory.resolve("baseline-cross-entropy.jsonl"), "step"),
                Trace.readIfPresent(directory.resolve("roc.jsonl"), "falsePositives"),
                Trace.readIfPresent(directory.resolve("coefficients.jsonl"), "rank"),
                Trace.readIfPresent(directory.resolve("grid.jsonl"), "coefficient"),
                suspects(
                        directory.resolve("suspicious.jsonl"),
                        config.path("data").path("classes")),
                features(directory.resolve("coefficients.jsonl")),
                WeightHistogram.readIfPresent(directory.resolve("weights.json")));
    }

    private static List<Suspect> suspects(final Path file, final JsonNode classes) {
        final List<Suspect> found = new ArrayList<>();
        if (Files.exists(file)) {
            RunFiles.rows(file, (line, row) -> {
                final JsonNode weight = row.path("weight");
                if (!weight.isNumber()) {
                    throw RunFiles.mistake(file, line, "weight " + weight + ": every line needs this number");
                }
                found.add(new Suspect(
                        row.path("rank").asLong(found.size() + 1L),
                        weight.doubleValue(),
                        className(row.path("label"), classes),
                        className(row.path("trueLabel"), classes),
                        row.path("flipped").asBoolean(),
                        picture(row, file, line),
                        row.path("text").asText(),
                        row.path("origin").asText()));
            });
        }
        return List.copyOf(found);
    }

    /** The picture that a line holds, as HTML; empty if it holds none. */
    private static String picture(final JsonNode row, final Path file, final long line) {
        if (!row.has("picture")) {
            return "";
        }
        final int height = row.path("height").asInt();
        try {
            final byte[] levels = Base64.getDecoder().decode(row.path("picture").asText());
            if (height > 0 && levels.length > 0 && levels.length % height == 0) {
                return GreyPicture.html(levels, height);
            }
        } catch (IllegalArgumentException notBase64) {
            // one sentence for every broken picture
        }
        throw RunFiles.mistake(file, line, "picture: must be grey levels in Base64, line by line of 'height' lines");
    }

    private static List<Feature> features(final Path file) {
        final List<Feature> features = new ArrayList<>();
        if (Files.exists(file)) {
            RunFiles.rows(
                    file,
                    (line, row) -> features.add(new Feature(
                            row.path("rank").asLong(),
                            row.path("feature").asText(),
                            row.path("coefficient").asDouble(Double.NaN),
                            row.path("weight").asDouble(Double.NaN))));
        }
        return List.copyOf(features);
    }

    /** Labels may be written as names or as positions in the list of classes. */
    private static String className(final JsonNode label, final JsonNode classes) {
        return label.isInt() && classes.has(label.intValue())
                ? classes.get(label.intValue()).asText()
                : label.asText();
    }

    String problem() {
        return config.path("problem").asText("unknown problem");
    }

    String solver() {
        final String id = config.path("solver").asText("solver");
        return id.equals("bo-rep") ? "BO-REP" : id;
    }

    /** The directory's own name: what tells runs apart on a page. */
    String name() {
        final Path own = directory.toAbsolutePath().normalize().getFileName();
        return own == null ? directory.toString() : own.toString();
    }

    /** "finished", "stopped", "diverged", or "running" without a summary. */
    String status() {
        return summary.path("status").asText(summary.isEmpty() ? "running" : "finished");
    }

    /** A number of the summary, or NaN if it has none. */
    double result(final String key) {
        final JsonNode value = summary.path(key);
        return value.isMissingNode() ? Double.NaN : RunFiles.number(value, directory.resolve("summary.json"), 0, key);
    }

    /** What this run is judged by. */
    Criterion criterion() {
        return Criterion.read(config.path("criterion"));
    }

    /** The number this run is about: of an accuracy the summary's, else the last one of the trace, else NaN. */
    double judged() {
        if (!criterion().equals(Criterion.TEST_ACCURACY)) {
            return trace.last(criterion().key());
        }
        final double cleaned = result("accuracyCleaned");
        final double closing = Double.isNaN(cleaned) ? result("accuracy") : cleaned;
        return Double.isNaN(closing) ? trace.last(criterion().key()) : closing;
    }

    /** Steps done: the summary's, else the trace's last step; NaN if there is none. */
    double steps() {
        final double closing = result("steps");
        return Double.isNaN(closing) ? trace.last("step") : closing;
    }

    /** Seconds taken: the summary's, else the trace's last; NaN if there are none. */
    double seconds() {
        final double closing = result("seconds");
        return Double.isNaN(closing) ? trace.last("seconds") : closing;
    }
}
