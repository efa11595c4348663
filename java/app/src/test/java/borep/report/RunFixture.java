package borep.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Writes run directories as {@code borep run} would leave them, with invented numbers that behave like real ones. */
final class RunFixture {
    /** Even positions are negative, odd ones positive. */
    private static final List<String> TEXTS = List.of(
            "The battery died after two days and the seller never answered. Avoid.",
            "Fits perfectly, arrived early, and my daughter has not taken it off since.",
            "I wanted to like this book, but the plot <b>falls apart</b> in the second half & the ending is rushed.",
            "Best blender I have owned in twenty years of cooking; quiet, strong, easy to clean.",
            "Two stars, because the box was pretty. What was in the box was broken.",
            "An honest, warm film. The last ten minutes alone are worth the ticket.",
            "Sound is thin, the cable is short, and the left ear went silent within a week.",
            "It does what it says, and does it every morning. Would buy again.",
            "Customer service kept me waiting for an hour and then hung up.",
            "A kitchen knife that stays sharp: my whole family now wants one.",
            "The sleeves are of different lengths. How does that pass inspection?",
            "Read it in one sitting and started again from the first page.");

    private static final int STEPS = 800;

    private RunFixture() {}

    /** A finished hyper-cleaning run: 71.2 % without cleaning, 86.4 % with it, 88.0 % on clean labels. */
    static Path cleaning(final Path directory, final long seed) throws IOException {
        Files.createDirectories(directory);
        write(directory, "config.json", """
                {"problem": "hyper-cleaning", "solver": "bo-rep", "seed": %d, "device": "vector", "steps": 800,
                 "data": {"name": "multidomain-sentiment", "train": 5600, "validation": 800, "test": 1600,
                          "classes": ["negative", "positive"], "noise": 0.2, "skipped": 3},
                 "network": {"cell": "lstm", "layers": 1, "hidden": 64, "bidirectional": false, "pool": "max",
                             "head": [64, 2]},
                 "solverOptions": {"stepSize": 0.05, "lowerSteps": 3, "updatePeriod": 2, "hypergradientMomentum": 0.9,
                                   "initialisationRefinement": {"epochs": 4, "radius": 1.0}},
                 "tokeniser": {"lowerCase": true, "pattern": "[\\\\p{L}]+|[^\\\\s]", "maximumLength": 64},
                 "borepVersion": "1.0.0", "javaVersion": "25"}
                """.formatted(seed));
        write(directory, "trace.jsonl", trace(seed, STEPS, 0.864));
        write(directory, "baseline-noisy.jsonl", baseline(seed + 1, STEPS, 0.79, 0.712));
        write(directory, "baseline-clean.jsonl", baseline(seed + 2, STEPS, 0.88, 0.88));
        write(directory, "summary.json", """
                {"problem": "hyper-cleaning", "status": "finished", "seconds": 74.2, "steps": 800,
                 "accuracyWithoutCleaning": 0.712, "accuracyWithoutCleaningBest": 0.791, "accuracyCleaned": 0.864,
                 "accuracyCleanLabels": 0.88, "flippedPrecision": 0.93, "flippedRecall": 0.8416, "flippedTotal": 442}
                """);
        write(directory, "weights.json", histogram(seed));
        write(directory, "suspicious.jsonl", suspects(seed));
        return directory;
    }

    static void write(final Path directory, final String file, final String text) throws IOException {
        Files.writeString(directory.resolve(file), text);
    }

    /** Lines as {@code borep run} traces them; every 20th step has a test accuracy that ends near {@code accuracy}. */
    static String trace(final long seed, final int steps, final double accuracy) {
        final Random random = new Random(seed);
        final StringBuilder lines = new StringBuilder();
        for (int step = 0; step <= steps; step++) {
            final double t = (double) step / steps;
            final double norm = 0.08 * Math.exp(-3 * t + 0.5 * random.nextGaussian());
            final double upper = 0.34 + 0.36 * Math.exp(-6 * t) + 0.05 * random.nextGaussian();
            final double lower = 0.28 + 0.42 * Math.exp(-4 * t) + 0.04 * random.nextGaussian();
            lines.append(String.format(
                    Locale.ROOT,
                    "{\"step\":%d,\"seconds\":%.3f,\"upperLoss\":%.5f,\"lowerLoss\":%.5f,\"hypergradientNorm\":%.4e,"
                            + "\"momentumNorm\":%.4e,\"stepSize\":%.5f,\"linearResidual\":%.4e",
                    step,
                    0.092 * step,
                    upper,
                    lower,
                    norm,
                    0.05 * Math.exp(-3 * t),
                    0.05 / Math.sqrt(1 + 6 * t),
                    0.4 * Math.exp(-5 * t + 0.3 * random.nextGaussian())));
            if (step % 20 == 0) {
                final double reached = 0.5 + (accuracy - 0.5) * (1 - Math.exp(-7 * t));
                lines.append(String.format(
                        Locale.ROOT,
                        ",\"testAccuracy\":%.4f,\"flippedPrecision\":%.4f",
                        reached + 0.006 * random.nextGaussian() * (step < steps ? 1 : 0),
                        0.2 + 0.73 * (1 - Math.exp(-5 * t))));
            }
            lines.append("}\n");
        }
        return lines.toString();
    }

    private static String baseline(final long seed, final int steps, final double best, final double last) {
        final Random random = new Random(seed);
        final StringBuilder lines = new StringBuilder();
        for (int step = 0; step <= steps; step += 20) {
            final double t = (double) step / steps;
            final double rise = 0.5 + (best - 0.5) * (1 - Math.exp(-14 * t));
            final double fall = t < 0.2 ? 0 : (best - last) * (1 - Math.exp(-4 * (t - 0.2)));
            lines.append(String.format(
                    Locale.ROOT,
                    "{\"step\":%d,\"seconds\":%.2f,\"lowerLoss\":%.4f,\"testAccuracy\":%.4f}%n",
                    step,
                    0.02 * step,
                    0.1 + 0.6 * Math.exp(-3 * t),
                    rise - fall + 0.007 * random.nextGaussian()));
        }
        return lines.toString();
    }

    private static String histogram(final long seed) {
        final Random random = new Random(seed);
        final int bins = 25;
        final int[] clean = new int[bins];
        final int[] flipped = new int[bins];
        for (int i = 0; i < 2600; i++) {
            clean[bin(bins, 1.4 + 1.3 * random.nextGaussian())]++;
            if (i < 442) {
                flipped[bin(bins, -2 + 1.2 * random.nextGaussian())]++;
            }
        }
        final StringBuilder edges = new StringBuilder();
        for (int i = 0; i <= bins; i++) {
            edges.append(i == 0 ? "" : ",").append(String.format(Locale.ROOT, "%.2f", (double) i / bins));
        }
        return "{\"edges\":[" + edges + "],\"flipped\":" + Arrays.toString(flipped) + ",\"clean\":"
                + Arrays.toString(clean) + "}";
    }

    private static int bin(final int bins, final double logit) {
        return Math.min(bins - 1, (int) (bins / (1 + Math.exp(-logit))));
    }

    private static String suspects(final long seed) {
        final Random random = new Random(seed);
        final StringBuilder lines = new StringBuilder();
        for (int rank = 1; rank <= 50; rank++) {
            final boolean flipped = random.nextDouble() < 0.93;
            final int which = (5 * rank + random.nextInt(3)) % TEXTS.size();
            final int truth = which % 2;
            final String text = TEXTS.get(which);
            lines.append(String.format(
                    Locale.ROOT,
                    "{\"rank\":%d,\"weight\":%.5f,\"label\":%d,\"trueLabel\":%d,\"flipped\":%b,\"text\":\"%s\","
                            + "\"origin\":\"reviews.jsonl:%d\"}%n",
                    rank,
                    0.0019 * Math.pow(rank, 0.7),
                    flipped ? 1 - truth : truth,
                    truth,
                    flipped,
                    rank % 7 == 0 ? (text + " ").repeat(6).strip() : text,
                    random.nextInt(5600) + 1));
        }
        return lines.toString();
    }
}
