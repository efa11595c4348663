package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.experiment.Experiments;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The problems with known solutions as their users start them: one run of each, a comparison, mistakes. */
class SolvedProblemsCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quadratic",
                "ridge",
                "cosh",
                "quartic",
                "linear-recurrence",
                "uniformly-convex",
                "log-sum-exp",
                "auc-min-max"
            })
    void everyProblemRunsToItsReport(final String problem) throws Exception {
        final Program.Outcome outcome = Program.run(
                folder, "run", problem, "--solver", "slip", "--steps", "40", "--set", "sigma=0.01", "--out", "run");
        assertEquals(0, outcome.code(), outcome.err());
        final String key = Experiments.kind(problem).criterion().key();
        final List<String> trace = Files.readAllLines(folder.resolve("run/trace.jsonl"));
        assertEquals(40, trace.size());
        final JsonNode last = JSON.readTree(trace.getLast());
        for (final String number : List.of(key, "stationarity", "lowerError", "systemError", "solverSeconds")) {
            assertTrue(last.path(number).isNumber(), number + " in " + last);
        }
        assertTrue(last.path("solverSeconds").asDouble() <= last.path("seconds").asDouble());
        final String page = Files.readString(folder.resolve("run/report.html"));
        assertTrue(page.contains("slip brings <strong>") || page.contains("slip brings "), "headline");
        assertTrue(page.contains(Experiments.kind(problem).criterion().name() + " <small>logarithmic scale"), "figure");
    }

    @ParameterizedTest
    @CsvSource({
        "phase-retrieval, ian-sgd, dimension=5, 120", // 2 an iteration
        "mdp, m-sobirl, states=4, 960", // 16
        "decentralised-quadratic, dsgda-gt, agents=3, 1080", // 6 of each of 3 agents
        "quadratic-sum, saba, terms=4, 320" // 5 oracles, after one pass over 4 + 4 terms
    })
    void solversMadeForAProblemRunOnIt(
            final String problem, final String solver, final String setting, final long calls) throws Exception {
        final Program.Outcome outcome = Program.run(
                folder,
                "run",
                problem,
                "--solver",
                solver,
                "--steps",
                "60",
                "--set",
                setting,
                "--set",
                "evaluateEvery=1",
                "--out",
                "run");
        assertEquals(0, outcome.code(), outcome.err());
        final String key = Experiments.kind(problem).criterion().key();
        final List<JsonNode> judged = Files.readAllLines(folder.resolve("run/trace.jsonl")).stream()
                .map(SolvedProblemsCommandTest::json)
                .filter(line -> line.has(key))
                .toList();
        assertTrue(
                judged.getLast().path(key).asDouble()
                        < judged.getFirst().path(key).asDouble(),
                judged.toString());
        assertEquals(calls, judged.getLast().path("oracleCalls").asLong());
        assertTrue(
                outcome.out()
                        .contains(solver + ": "
                                + Experiments.kind(problem).criterion().name()),
                outcome.out());
    }

    private static JsonNode json(final String line) {
        try {
            return JSON.readTree(line);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ridge|nsgd|steps=5|nsgd: minimises f(x, y) over x alone",
                "cosh|m-sobirl|steps=5|m-sobirl: solves entropy-regularised decision processes alone, and this problem is none; run it on mdp",
                "decentralised-quadratic|saba|sigma=1|this problem's lower level is no finite sum; choose a solver without tables"
            })
    void unsuitedSolversAreRefusedInOneSentence(
            final String problem, final String solver, final String set, final String sentence) throws Exception {
        final Program.Outcome outcome =
                Program.run(folder, "run", problem, "--solver", solver, "--set", set, "--out", "none");
        assertEquals(2, outcome.code());
        final String last = outcome.err().lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.startsWith("borep: " + sentence), outcome.err());
        assertFalse(Files.exists(folder.resolve("none")));
        final Program.Outcome contest = Program.run(
                folder, "compare", problem, "--solvers", solver, "--seeds", "1", "--set", set, "--out", "contest");
        assertEquals(2, contest.code());
        assertTrue(contest.err().lines().anyMatch(line -> line.startsWith("borep: " + sentence)), contest.err());
    }

    /** Smoothness without bound separates normalised steps from fixed ones, and the page says at which step. */
    @Test
    void coshSeparatesNormalisedStepsFromFixedOnes() throws Exception {
        final Program.Outcome outcome = Program.run(
                folder, "compare", "cosh", "--solvers", "bo-rep,slip,ma-soba,soba", "--seeds", "1..2", "--out", "out");
        assertEquals(0, outcome.code(), outcome.err());
        // x leaves at step 5 and 1; the numbers of the next step are the first that are not finite
        assertTrue(outcome.out().contains("ma-soba    final Φ(x) − Φ* –, diverged 2 of 2, at step 6"), outcome.out());
        assertTrue(outcome.out().contains("soba       final Φ(x) − Φ* –, diverged 2 of 2, at step 2"), outcome.out());
        final List<String> table = Files.readAllLines(folder.resolve("out/table.csv"));
        for (final String row : table.subList(1, 3)) {
            final String[] cells = row.split(",", -1);
            assertEquals("0", cells[2], row);
            assertTrue(Double.parseDouble(cells[3]) < 5e-3, row);
            assertTrue(Double.parseDouble(cells[8]) >= 0 && Double.parseDouble(cells[9]) > 0, row);
        }
        assertEquals("6 6", table.get(3).split(",", -1)[10]);
        final String page = Files.readString(folder.resolve("out/index.html"));
        assertTrue(page.contains("2 of 2, at step 6") && page.contains("logarithmic scale"), "page");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "quadratic|sigma=-1|sigma -1: must be at least 0",
                "quadratic|instance=large|instance 'large': must be one of random, worked",
                "cosh|coupling=2|coupling 2.0: must lie in (0, 1)",
                "cosh|start=1|diagonal 1,4: must have as many numbers as start (1)",
                "quartic|start=1,x|start '1,x': must be numbers separated by commas, such as 10,-8",
                "uniformly-convex|degree=3|degree 3: must be even and at least 2",
                "linear-recurrence|mu=0|mu 0.0: must be positive",
                "log-sum-exp|dimension=1000|dimension 1000: must be at most 400, since evaluations are exact",
                "auc-min-max|positives=0|share of positives 0.0: must lie in (0, 1)",
                "phase-retrieval|batch=4000|batch 4000: must lie between 1 and 3000",
                "mdp|discount=1|discount 1.0: must lie in [0, 1)",
                "decentralised-quadratic|agents=0|agents 0: must be at least 1",
                "quadratic-sum|terms=0|terms 0: must be at least 1",
                "ridge|shared=maybe|shared 'maybe': must be true or false",
            })
    void mistakesAreOneSentence(final String problem, final String setting, final String sentence) throws Exception {
        final Program.Outcome outcome = Program.run(folder, "run", problem, "--set", setting, "--out", "none");
        assertEquals(2, outcome.code());
        final String last = outcome.err().lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.startsWith("borep: " + sentence), outcome.err());
        assertFalse(Files.exists(folder.resolve("none")));
    }

    @Test
    void problemsAreListed() throws Exception {
        final Program.Outcome all = Program.run(folder, "problems");
        assertEquals(0, all.code(), all.err());
        for (final String name : Experiments.names()) {
            assertTrue(all.out().contains(name), name);
        }
        final Program.Outcome one = Program.run(folder, "problems", "cosh");
        assertTrue(one.out().contains("coupling                 0.5"), one.out());
        assertEquals(2, Program.run(folder, "problems", "tanh").code());
    }
}
