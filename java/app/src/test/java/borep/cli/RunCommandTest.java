package borep.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code borep run} as a process: results, kill and resume. */
class RunCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;

    @BeforeAll
    static void writeData() throws IOException {
        SmallData.write(folder);
    }

    /** A small run on {@link SmallData}. */
    static String[] arguments(final String problem, final String out, final String... more) {
        final List<String> arguments = new ArrayList<>(List.of(
                "run",
                problem,
                "--data",
                "texts.csv",
                "--embeddings",
                "vectors.txt",
                "--hidden",
                "5",
                "--out",
                out,
                "--set",
                "levels.lowerBatch=12",
                "--set",
                "levels.upperBatch=12",
                "--set",
                "evaluateEvery=10"));
        if (!problem.equals("hyper-cleaning")) {
            arguments.addAll(List.of("--set", "tasks.testTasks=4"));
        }
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hyper-cleaning", "hyper-representation", "hyperparameter"})
    void everyProblemRunsToItsReport(final String problem) throws Exception {
        final Program.Outcome outcome =
                Program.run(folder, arguments(problem, "all-" + problem, "--steps", "30", "--json"));
        assertEquals(0, outcome.code(), outcome.err());
        assertEquals("", outcome.err(), "--json says nothing else");
        final JsonNode summary = JSON.readTree(outcome.out());
        assertEquals("finished", summary.path("status").asText());
        assertEquals(30, summary.path("steps").asInt());
        final Path run = folder.resolve("all-" + problem);
        for (final String file : List.of(
                "config.json",
                "summary.json",
                "trace.jsonl",
                "checkpoint.safetensors",
                "model.safetensors",
                "report.html",
                "vocabulary.txt")) {
            assertTrue(Files.size(run.resolve(file)) > 0, file);
        }
        final List<JsonNode> trace = trace(run.resolve("trace.jsonl"));
        assertEquals(30, trace.size());
        for (final String number :
                List.of("seconds", "upperLoss", "lowerLoss", "hypergradientNorm", "momentumNorm", "stepSize")) {
            assertTrue(trace.get(7).path(number).isNumber(), number);
        }
        assertTrue(trace.get(9).path("testAccuracy").isNumber());
        assertFalse(trace.get(8).has("testAccuracy"));
    }

    /** Meta-learning of the whole network and of encoder and head: judged on unseen domains like everybody, resumed bit for bit. */
    @ParameterizedTest
    @ValueSource(strings = {"maml", "anil"})
    void metaLearningRunsAndResumes(final String solver) throws Exception {
        final String[] common = {"--solver", solver, "--set", "tasks.baseline=false", "--set", "eta=0.5"};
        final Path whole = folder.resolve("whole-" + solver);
        final Program.Outcome outcome = Program.run(
                folder,
                arguments(
                        "hyper-representation",
                        whole.toString(),
                        Stream.concat(Stream.of("--steps", "120", "--json"), Stream.of(common))
                                .toArray(String[]::new)));
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(JSON.readTree(outcome.out()).path("accuracy").asDouble() > .9, outcome.out());
        final Path stopped = folder.resolve("stopped-" + solver);
        final Process process = Program.start(
                folder,
                arguments(
                        "hyper-representation",
                        stopped.toString(),
                        Stream.concat(Stream.of("--steps", "120"), Stream.of(common))
                                .toArray(String[]::new)));
        awaitLines(process, stopped.resolve("trace.jsonl"), 25);
        process.destroyForcibly().waitFor();
        assertEquals(
                0, Program.run(folder, "run", "--resume", stopped.toString()).code());
        assertEquals(withoutSeconds(whole.resolve("trace.jsonl")), withoutSeconds(stopped.resolve("trace.jsonl")));
    }

    /** MAML's test tasks adapt as its training tasks do; the step for heads would wreck a recurrence. */
    @Test
    void mamlIsJudgedByItsOwnAdaptation() throws Exception {
        final List<JsonNode> results = new ArrayList<>();
        for (final String step : List.of("0.5", "1e6")) {
            final Program.Outcome outcome = Program.run(
                    folder,
                    arguments(
                            "hyper-representation",
                            folder.resolve("step-" + step).toString(),
                            "--solver",
                            "maml",
                            "--steps",
                            "4",
                            "--json",
                            "--set",
                            "tasks.baseline=false",
                            "--set",
                            "tasks.adaptStep=" + step));
            assertEquals(0, outcome.code(), outcome.err());
            results.add(JSON.readTree(outcome.out()).path("accuracy"));
        }
        assertTrue(results.getFirst().isNumber());
        assertEquals(results.getFirst(), results.getLast());
    }

    /** A solver that hyper-cleaning does not fit, said before anything has run. */
    @Test
    void cleaningFindsFlippedLabels() throws Exception {
        final Program.Outcome outcome = Program.run(
                folder,
                arguments(
                        "hyper-cleaning",
                        "found",
                        "--steps",
                        "300",
                        "--noise",
                        "0.3",
                        "--json",
                        "--set",
                        "evaluateEvery=100",
                        "--set",
                        "gamma=0.2",
                        "--set",
                        "alpha=1"));
        assertEquals(0, outcome.code(), outcome.err());
        final JsonNode summary = JSON.readTree(outcome.out());
        assertEquals(84, summary.path("flippedTotal").asInt()); // 30 % of 280
        assertTrue(summary.path("flippedRecall").asDouble() > .7, outcome.out());
        assertTrue(summary.path("flippedPrecision").asDouble() > .6, outcome.out());
        assertTrue(summary.path("accuracyCleaned").asDouble() > .9, outcome.out());
    }

    @Test
    void aKilledAndResumedRunIsTheSameRun() throws Exception {
        final String[] settings = {"--steps", "300"};
        final Program.Outcome whole = Program.run(folder, arguments("hyper-cleaning", "whole", settings));
        assertEquals(0, whole.code(), whole.err());
        final Path killed = folder.resolve("killed");
        Process process = Program.start(folder, arguments("hyper-cleaning", "killed", settings));
        // killed in the first baseline, in the second, and twice in the main phase
        for (final String[] moment : new String[][] {
            {"baseline-noisy.jsonl", "25"},
            {"baseline-clean.jsonl", "203"},
            {"trace.jsonl", "57"},
            {"trace.jsonl", "215"}
        }) {
            awaitLines(process, killed.resolve(moment[0]), Integer.parseInt(moment[1]));
            process.destroyForcibly().waitFor();
            process = Program.start(folder, "run", "--resume", "killed");
        }
        final Program.Outcome end = Program.await(process);
        assertEquals(0, end.code(), end.err());
        for (final String file : List.of("baseline-noisy.jsonl", "baseline-clean.jsonl", "trace.jsonl")) {
            assertEquals(
                    withoutSeconds(folder.resolve("whole").resolve(file)), withoutSeconds(killed.resolve(file)), file);
        }
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("whole/model.safetensors")),
                Files.readAllBytes(killed.resolve("model.safetensors")));
    }

    @Test
    void aFullDiskStopsTheRunWhichContinuesWhenThereIsSpace() throws Exception {
        final String[] settings = {"--steps", "300", "--set", "cleaning.baseline=false"};
        final Program.Outcome whole = Program.run(folder, arguments("hyper-cleaning", "roomy", settings));
        assertEquals(0, whole.code(), whole.err());
        final Path roomy = folder.resolve("roomy");
        final Path full = folder.resolve("full");
        final int kibibytes = (int) (Files.size(roomy.resolve("trace.jsonl")) / 2 / 1024);
        assertTrue(Files.size(roomy.resolve("checkpoint.safetensors")) < kibibytes * 1024L, "the trace is the largest");
        final Program.Outcome stopped =
                Program.runOnFullDisk(folder, kibibytes, arguments("hyper-cleaning", "full", settings));
        assertEquals(2, stopped.code(), stopped.out() + stopped.err());
        assertTrue(stopped.err().matches("(?s).*borep: full/trace.jsonl: cannot be written: .*free some space.*"));
        assertFalse(stopped.err().contains("\tat "), stopped.err());
        final Program.Outcome end = Program.run(folder, "run", "--resume", "full");
        assertEquals(0, end.code(), end.err());
        assertEquals(withoutSeconds(roomy.resolve("trace.jsonl")), withoutSeconds(full.resolve("trace.jsonl")));
        assertArrayEquals(
                Files.readAllBytes(roomy.resolve("model.safetensors")),
                Files.readAllBytes(full.resolve("model.safetensors")));
    }

    @Test
    void interruptEndsCleanlyWithACheckpoint() throws Exception {
        final Process process = Program.start(folder, arguments("hyper-cleaning", "interrupted", "--steps", "100000"));
        awaitLines(process, folder.resolve("interrupted/baseline-noisy.jsonl"), 15);
        process.toHandle().destroy(); // SIGTERM takes the same way as SIGINT
        final Program.Outcome outcome = Program.await(process);
        assertTrue(outcome.err().contains("stopped; continue with: borep run --resume interrupted"), outcome.err());
        assertTrue(Files.size(folder.resolve("interrupted/checkpoint.safetensors")) > 0);
        assertTrue(Files.notExists(folder.resolve("interrupted/summary.json")));
    }

    @Test
    void aFolderTakesOneRunAtATime() throws Exception {
        final Process process = Program.start(folder, arguments("hyper-cleaning", "busy", "--steps", "100000"));
        awaitLines(process, folder.resolve("busy/baseline-noisy.jsonl"), 15);
        final Program.Outcome second = Program.run(folder, "run", "--resume", "busy");
        process.destroyForcibly().waitFor();
        assertEquals(2, second.code());
        assertEquals("borep: busy: another run is at work in it; wait until it has ended, or stop it\n", second.err());
        final Process third = Program.start(folder, "run", "--resume", "busy");
        awaitLines(third, folder.resolve("busy/baseline-noisy.jsonl"), 25);
        third.destroyForcibly().waitFor();
    }

    /** Of the phase that is gone on with, and of one that had ended. */
    @ParameterizedTest
    @ValueSource(strings = {"trace.jsonl", "baseline-clean.jsonl"})
    void aTraceThatHasLostLinesIsNotGoneOnWith(final String name) throws Exception {
        final Path run = folder.resolve("lost-" + name);
        assertEquals(
                0,
                Program.run(folder, arguments("hyper-cleaning", run.toString(), "--steps", "20"))
                        .code());
        final List<String> lines = Files.readAllLines(run.resolve(name));
        Files.writeString(run.resolve(name), String.join("\n", lines.subList(0, 7)) + "\n");
        final Program.Outcome outcome = Program.run(folder, "run", "--resume", run.toString());
        assertEquals(2, outcome.code());
        final String last = outcome.err().lines().reduce((a, b) -> b).orElse("");
        assertEquals(
                "borep: " + run.resolve(name) + ":8: is missing, the checkpoint needs the first " + lines.size()
                        + " lines; restore the file, or begin a new run",
                last);
        assertEquals(7, Files.readAllLines(run.resolve(name)).size());
    }

    @Test
    void theSavedConfigRunsTheSameAgain() throws Exception {
        assertEquals(
                0,
                Program.run(folder, arguments("hyper-cleaning", "once", "--steps", "20"))
                        .code());
        final Program.Outcome again =
                Program.run(folder, "run", "--config", "once/config.json", "--out", "again", "--json");
        assertEquals(0, again.code(), again.err());
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("once/model.safetensors")),
                Files.readAllBytes(folder.resolve("again/model.safetensors")));
    }

    @Test
    void divergenceStopsAndKeepsTheCheckpoint() throws Exception {
        final Program.Outcome outcome = Program.run(
                folder,
                arguments(
                        "hyper-cleaning",
                        "diverged",
                        "--steps",
                        "100",
                        "--set",
                        "cleaning.baseline=false",
                        "--set",
                        "gamma=1e10",
                        "--set",
                        "evaluateEvery=1"));
        assertEquals(2, outcome.code());
        final Matcher sentence = Pattern.compile("borep: diverged: diverged at step (\\d+): .+ is .*; "
                        + "the last good checkpoint \\(.*, step (\\d+)\\) is kept")
                .matcher(outcome.err().lines().reduce((a, b) -> b).orElse(""));
        assertTrue(sentence.matches(), outcome.err());
        assertEquals(1, Integer.parseInt(sentence.group(1)) - Integer.parseInt(sentence.group(2)));
        assertFalse(outcome.err().contains("\tat "), outcome.err());
        assertTrue(Files.size(folder.resolve("diverged/checkpoint.safetensors")) > 0);
        assertEquals(
                "diverged",
                JSON.readTree(folder.resolve("diverged/summary.json").toFile())
                        .path("status")
                        .asText());
    }

    private static void awaitLines(final Process process, final Path file, final int lines) throws Exception {
        while (!Files.exists(file) || Files.readAllLines(file).size() < lines) {
            if (!process.isAlive()) {
                throw new AssertionError("ended early: " + Program.await(process));
            }
            Thread.sleep(5);
        }
    }

    private static List<JsonNode> trace(final Path file) throws IOException {
        final List<JsonNode> lines = new ArrayList<>();
        for (final String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static List<String> withoutSeconds(final Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> line.replaceAll("\"(s|solverS)econds\":[0-9.E-]+,", ""))
                .toList();
    }
}
