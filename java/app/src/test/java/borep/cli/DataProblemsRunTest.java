package borep.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Philox;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code borep run} of softmax-cleaning, regularisation and auc on small generated data, as processes. */
class DataProblemsRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SIDE = 4;
    private static final int PICTURES = 240;

    @TempDir
    static Path folder;

    @BeforeAll
    static void writeData() throws IOException {
        SmallData.write(folder);
        writePictures();
        writeSamples("train.libsvm", 300, 3);
        writeSamples("test.libsvm", 200, 4);
    }

    /** Three classes: the bright line of a 4 x 4 picture, and noise. */
    private static void writePictures() throws IOException {
        final ByteBuffer pictures = ByteBuffer.allocate(16 + PICTURES * SIDE * SIDE);
        final ByteBuffer labels = ByteBuffer.allocate(8 + PICTURES);
        pictures.putInt(0x0803).putInt(PICTURES).putInt(SIDE).putInt(SIDE);
        labels.putInt(0x0801).putInt(PICTURES);
        for (int i = 0; i < PICTURES; i++) {
            final int label = i % 3;
            labels.put((byte) label);
            for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
                final int noise = Philox.below(60, 1, i, 0, pixel);
                pictures.put((byte) (pixel / SIDE == label ? 190 + noise : noise));
            }
        }
        final Path digits = Files.createDirectories(folder.resolve("digits"));
        Files.write(digits.resolve("train-images-idx3-ubyte"), pictures.array());
        Files.write(digits.resolve("train-labels-idx1-ubyte"), labels.array());
    }

    /** Two features that tell the class, eighteen that do not: with few samples regularisation matters. */
    private static void writeSamples(final String name, final int count, final long seed) throws IOException {
        final StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            final int sign = i % 2 == 0 ? 1 : -1;
            lines.append(sign > 0 ? "+1" : "-1");
            for (int j = 1; j <= 20; j++) {
                final double value = Philox.normal(seed, i, 0, j) + (j <= 2 ? sign : 0);
                lines.append(String.format(Locale.ROOT, " %d:%.3f", j, value));
            }
            lines.append('\n');
        }
        Files.writeString(folder.resolve(name), lines);
    }

    private static Program.Outcome run(final String problem, final String out, final String... more)
            throws IOException, InterruptedException {
        final List<String> arguments = new ArrayList<>(List.of("run", problem, "--out", out));
        arguments.addAll(List.of(more));
        return Program.run(folder, arguments.toArray(String[]::new));
    }

    private static JsonNode summary(final String out) throws IOException {
        return JSON.readTree(folder.resolve(out).resolve("summary.json").toFile());
    }

    private static String report(final String out) throws IOException {
        return Files.readString(folder.resolve(out).resolve("report.html"));
    }

    @Test
    void cleansPictures() throws IOException, InterruptedException {
        final Program.Outcome outcome =
                run("softmax-cleaning", "pictures", "--data", "digits", "--steps", "200", "--set", "eta=0.5");
        assertEquals(0, outcome.code(), outcome.err());
        final JsonNode summary = summary("pictures");
        assertTrue(summary.path("flippedRecall").asDouble() > 0.8, summary.toString());
        assertTrue(summary.path("flippedPrecision").asDouble() > 0.8, summary.toString());
        assertTrue(
                summary.path("accuracyCleaned").asDouble()
                        >= summary.path("accuracyWithoutCleaning").asDouble(),
                summary.toString());
        assertTrue(outcome.out().contains("flipped labels found"), outcome.out());
        assertTrue(report("pictures").contains("src=\"data:image/png;base64,"), "no pictures in the report");
    }

    @Test
    void selectsACoefficientForEachFeature() throws IOException, InterruptedException {
        final Program.Outcome outcome = run(
                "regularisation",
                "features",
                "--data",
                "train.libsvm",
                "--test",
                "test.libsvm",
                "--steps",
                "300",
                "--set",
                "selection.initial=-4");
        assertEquals(0, outcome.code(), outcome.err());
        final JsonNode summary = summary("features");
        assertTrue(summary.path("bestGridValidationLoss").isNumber(), summary.toString());
        final List<String> lines = Files.readAllLines(folder.resolve("features/coefficients.jsonl"));
        assertEquals(21, lines.size()); // twenty features and the bias
        final List<String> smallest = new ArrayList<>();
        for (final String line : lines.subList(0, 4)) {
            smallest.add(JSON.readTree(line).path("feature").asText());
        }
        assertTrue(smallest.containsAll(List.of("1", "2")), "the features that tell the class are not kept: " + lines);
        assertTrue(report("features").contains("What it keeps and what it suppresses"), "no table in the report");
        final JsonNode config =
                JSON.readTree(folder.resolve("features/config.json").toFile());
        assertEquals(200, config.path("data").path("test").asInt());
        assertTrue(config.path("run").path("test").asText().startsWith("/"), "the test file's whole path");
    }

    @Test
    void maximisesTheAuc() throws IOException, InterruptedException {
        final Program.Outcome outcome = run(
                "auc",
                "auc",
                "--data",
                "texts.csv",
                "--embeddings",
                "vectors.txt",
                "--hidden",
                "5",
                "--imbalance",
                "0.75",
                "--steps",
                "200",
                "--set",
                "levels.upperBatch=32");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(summary("auc").path("auc").asDouble() > 0.95, summary("auc").toString());
        final JsonNode data =
                JSON.readTree(folder.resolve("auc/config.json").toFile()).path("data");
        assertEquals("good", data.path("positive").asText());
        assertEquals(
                0.75, data.path("positives").asDouble() / data.path("train").asDouble(), 0.01);
        assertTrue(report("auc").contains("Positives found by false alarms"), "no curve in the report");
    }

    @Test
    void aRunWithMinibatchesResumesBitForBit() throws IOException, InterruptedException {
        final String[] settings = {
            "--data",
            "digits",
            "--set",
            "levels.lowerBatch=20",
            "--set",
            "levels.upperBatch=20",
            "--set",
            "cleaning.baseline=false"
        };
        final List<String> whole = new ArrayList<>(List.of(settings));
        whole.addAll(List.of("--steps", "50"));
        assertEquals(
                0,
                run("softmax-cleaning", "whole", whole.toArray(String[]::new)).code());
        assertEquals(
                0,
                run("softmax-cleaning", "again", whole.toArray(String[]::new)).code());
        assertEquals(0, Program.run(folder, "run", "--resume", "again").code());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("whole/model.safetensors")),
                Files.readAllBytes(folder.resolve("again/model.safetensors")));
    }

    @Test
    void everyMistakeIsOneSentence() throws IOException, InterruptedException {
        mistake(
                "data set mnist: is not fetched yet; run: borep data fetch mnist",
                "softmax-cleaning",
                "--data",
                "mnist");
        mistake("split '1/2': must be three shares such as 0.7/0.1/0.2", "regularisation", "--set", "split=1/2");
        mistake("imbalance 1.5: must lie in [0, 1)", "auc", "--imbalance", "1.5");
        mistake(
                "auc.positive 'great': must be one of the labels bad, good: the class whose texts are to score high",
                "auc",
                "--data",
                "texts.csv",
                "--embeddings",
                "vectors.txt",
                "--set",
                "auc.positive=great");
        mistake(
                "digits: features: are others than those of train.libsvm; give data with the same ones (texts in one file:"
                        + " their words are found together)",
                "regularisation",
                "--data",
                "train.libsvm",
                "--test",
                "digits");
        mistake("levels.lowerBatch -1: must be at least 0", "softmax-cleaning", "--set", "levels.lowerBatch=-1");
    }

    private static void mistake(final String sentence, final String problem, final String... more)
            throws IOException, InterruptedException {
        final Program.Outcome outcome = run(problem, "mistake", more);
        assertEquals(2, outcome.code(), outcome.err());
        final String[] said = outcome.err().strip().split("\n");
        assertEquals("borep: " + sentence, said[said.length - 1]);
    }

    /** Half of MNIST's labels wrong: cleaning gains several points (shared data beside the checkout). */
    @Test
    void cleaningHelpsOnMnist() throws IOException, InterruptedException {
        final Path mnist = shared("mnist");
        final Program.Outcome outcome = run(
                "softmax-cleaning", "mnist", "--data", mnist.toString(), "--set", "mostSamples=2000", "--steps", "300");
        assertEquals(0, outcome.code(), outcome.err());
        final JsonNode summary = summary("mnist");
        final double gain = summary.path("accuracyCleaned").asDouble()
                - summary.path("accuracyWithoutCleaning").asDouble();
        assertTrue(gain > 0.01, summary.toString());
        assertTrue(summary.path("flippedRecall").asDouble() > 0.7, summary.toString());
    }

    private static Path shared(final String name) {
        Path found = Path.of(System.getProperty("borep.shared", "../shared")).resolve("data");
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            if (!Files.isDirectory(found) && Files.isDirectory(up.resolve("shared/data"))) {
                found = up.resolve("shared/data");
            }
        }
        Assumptions.assumeTrue(
                Files.exists(found.resolve(name)), "the folder " + found + " with " + name + " is missing");
        return found.resolve(name).toAbsolutePath();
    }
}
