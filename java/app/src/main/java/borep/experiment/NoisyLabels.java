package borep.experiment;

import borep.device.Permutation;
import borep.device.Philox;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Training labels of which a share is flipped, once, from the seed; and what every cleaning of them is judged by and compared with. Suspected
 * is whoever's weight σ(x_i) has been pushed below where it began.
 */
final class NoisyLabels {
    /** Traces of the same training with the weights left alone, on the given and on the true labels. */
    static final String NOISY_TRACE = "baseline-noisy.jsonl";

    static final String CLEAN_TRACE = "baseline-clean.jsonl";

    private static final int PURPOSE_FLIP = 0x464C4950;
    private static final int PURPOSE_LABEL = 0x4C41424C;
    private static final int MOST_SUSPICIOUS = 200;
    private static final int BINS = 30;

    private final int[] trueLabels;
    private final int[] given;
    private final boolean[] flipped;
    private final double initialLogit;

    /** Exactly this share of the labels becomes another class, uniformly. */
    NoisyLabels(final int[] trueLabels, final int classes, final TextSettings.Cleaning cleaning, final long seed) {
        this.trueLabels = trueLabels;
        initialLogit = cleaning.initialLogit();
        given = trueLabels.clone();
        flipped = new boolean[given.length];
        final int count = (int) Math.round(cleaning.noise() * given.length);
        final long key = Philox.bits(seed, 0, PURPOSE_FLIP, 0);
        for (int i = 0; i < count; i++) {
            final int sample = Permutation.image(key, given.length, i);
            final int shift = 1 + Philox.below(classes - 1, seed, 0, PURPOSE_LABEL, sample);
            given[sample] = (given[sample] + shift) % classes;
            flipped[sample] = true;
        }
    }

    /** [n] the labels to train with. */
    int[] given() {
        return given;
    }

    /** [n] the right ones. */
    int[] right() {
        return trueLabels;
    }

    /** How many are flipped. */
    int count() {
        return (int) IntStream.range(0, flipped.length).filter(i -> flipped[i]).count();
    }

    /** How many of the flipped labels were found. */
    private record Found(int suspected, int right, int total) {
        double precision() {
            return suspected == 0 ? 0 : (double) right / suspected;
        }

        double recall() {
            return total == 0 ? 0 : (double) right / total;
        }
    }

    private Found found(final double[] x) {
        int suspected = 0;
        int right = 0;
        int total = 0;
        for (int i = 0; i < x.length; i++) {
            total += flipped[i] ? 1 : 0;
            if (x[i] < initialLogit) {
                suspected++;
                right += flipped[i] ? 1 : 0;
            }
        }
        return new Found(suspected, right, total);
    }

    /** Adds what the weights have found so far. */
    void judge(final double[] x, final Map<String, Double> numbers) {
        final Found found = found(x);
        numbers.put("flippedPrecision", found.precision());
        numbers.put("flippedRecall", found.recall());
    }

    /** Puts into a line what there is to see of a training sample. */
    @FunctionalInterface
    interface Description {
        /** {@code sample} counts in the training set. */
        void of(int sample, ObjectNode line);
    }

    /**
     * Writes weights.json and suspicious.jsonl, and the results into the summary, with those of the comparisons if their traces are there.
     *
     * @param classes     names of the classes
     * @param description what to show of a suspicious sample
     */
    void finish(
            final RunDirectory directory,
            final double[] x,
            final List<String> classes,
            final Description description,
            final ObjectNode summary) {
        final Integer[] order = IntStream.range(0, x.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (a, b) -> Double.compare(x[a], x[b]));
        writeSuspicious(directory, x, order, classes, description);
        writeHistogram(directory, x);
        final Found found = found(x);
        final int lowest = (int)
                IntStream.range(0, found.total()).filter(i -> flipped[order[i]]).count();
        compare(directory, summary);
        summary.put("flippedTotal", found.total());
        summary.put("flippedSuspected", found.suspected());
        summary.put("flippedPrecision", found.precision());
        summary.put("flippedRecall", found.recall());
        summary.put("flippedAmongLowest", found.total() == 0 ? 0 : (double) lowest / found.total());
    }

    private static void compare(final RunDirectory directory, final ObjectNode summary) {
        final List<JsonNode> trace = directory.readTrace("trace.jsonl");
        final List<JsonNode> noisy = directory.readTrace(NOISY_TRACE);
        final List<JsonNode> clean = directory.readTrace(CLEAN_TRACE);
        if (!noisy.isEmpty()) {
            summary.put("accuracyWithoutCleaning", RunLoop.last(noisy, "testAccuracy"));
            summary.put("accuracyWithoutCleaningBest", RunLoop.best(noisy, "testAccuracy"));
            summary.put("accuracyWithoutCleaningByValidation", RunLoop.where(noisy, "testAccuracy", "validationLoss"));
            summary.put("accuracyCleanLabels", RunLoop.last(clean, "testAccuracy"));
            summary.put("accuracyCleanLabelsByValidation", RunLoop.where(clean, "testAccuracy", "validationLoss"));
        }
        summary.put("accuracyCleaned", RunLoop.last(trace, "testAccuracy"));
        summary.put("accuracyCleanedByValidation", RunLoop.where(trace, "testAccuracy", "validationLoss"));
    }

    private void writeSuspicious(
            final RunDirectory directory,
            final double[] x,
            final Integer[] order,
            final List<String> classes,
            final Description description) {
        final StringBuilder lines = new StringBuilder();
        for (int rank = 0; rank < Math.min(MOST_SUSPICIOUS, order.length); rank++) {
            final int sample = order[rank];
            final ObjectNode line = RunDirectory.LINE.createObjectNode();
            line.put("rank", rank + 1);
            line.put("weight", 1 / (1 + Math.exp(-x[sample])));
            line.put("label", classes.get(given[sample]));
            line.put("trueLabel", classes.get(trueLabels[sample]));
            line.put("flipped", flipped[sample]);
            description.of(sample, line);
            lines.append(line).append('\n');
        }
        directory.writeText("suspicious.jsonl", lines.toString());
    }

    private void writeHistogram(final RunDirectory directory, final double[] x) {
        final int[] bad = new int[BINS];
        final int[] good = new int[BINS];
        for (int i = 0; i < x.length; i++) {
            final int bin = Math.min(BINS - 1, (int) (BINS / (1 + Math.exp(-x[i]))));
            (flipped[i] ? bad : good)[bin]++;
        }
        final ObjectNode node = RunDirectory.JSON.createObjectNode();
        final ArrayNode edges = node.putArray("edges");
        for (int i = 0; i <= BINS; i++) {
            edges.add((double) i / BINS);
        }
        IntStream.of(bad).forEach(node.putArray("flipped")::add);
        IntStream.of(good).forEach(node.putArray("clean")::add);
        directory.writeJson("weights.json", node);
    }

    /** The result in plain words. */
    static List<String> headline(final String solver, final ObjectNode summary) {
        final List<String> lines = new ArrayList<>();
        if (summary.has("accuracyWithoutCleaning")) {
            lines.add(row("test accuracy without cleaning", summary, "accuracyWithoutCleaning"));
        }
        lines.add(row("test accuracy with " + solver, summary, "accuracyCleaned"));
        if (summary.has("accuracyCleanLabels")) {
            lines.add(row("test accuracy with clean labels (the ceiling)", summary, "accuracyCleanLabels"));
        }
        lines.add(String.format(
                Locale.ROOT,
                "%d of %d flipped labels found (recall %.1f %%); %.1f %% of the suspected labels were flipped",
                Math.round(summary.path("flippedRecall").asDouble()
                        * summary.path("flippedTotal").asInt()),
                summary.path("flippedTotal").asInt(),
                100 * summary.path("flippedRecall").asDouble(),
                100 * summary.path("flippedPrecision").asDouble()));
        return lines;
    }

    private static String row(final String title, final ObjectNode summary, final String name) {
        return String.format(
                Locale.ROOT, "%-46s %5.1f %%", title, 100 * summary.path(name).asDouble());
    }
}
