package borep.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which step sizes the search tries, and which of them it takes. */
class StepSizeSearchTest {
    private static final int TRIALS = 8;
    private static final Map<String, Double> GIVEN = Map.of("eta", 0.02, "alpha", 0.5, "gamma", 0.1);

    @TempDir
    private Path folder;

    private Contest contest() {
        return Contest.of(
                "cosh",
                List.of("slip"),
                List.of(1L),
                Map.of("steps", "400", "slip.eta", "0.02/power:0.5", "slip.alpha", "0.5", "slip.gamma", "0.1"),
                TRIALS,
                folder);
    }

    private static double factor(final Map<String, String> candidate, final String name) {
        return Schedule.parse(candidate.get(name)).initial() / GIVEN.get(name);
    }

    @Test
    void looksNearAndThenFar() {
        final StepSizeSearch search = new StepSizeSearch(contest());
        GIVEN.keySet().forEach(name -> assertEquals(1, factor(search.candidate("slip", 0), name), 1e-12));
        double furthest = 1;
        for (int trial = 1; trial < TRIALS; trial++) {
            final Map<String, String> candidate = search.candidate("slip", trial);
            final double most = Math.pow(30, trial / (TRIALS - 1.0)) * 1.01; // step sizes are rounded to three digits
            for (final String name : GIVEN.keySet()) {
                final double factor = factor(candidate, name);
                assertNotEquals(1, factor, name);
                assertTrue(factor > 1 / most && factor < most, trial + " " + candidate);
                furthest = Math.max(furthest, Math.max(factor, 1 / factor));
            }
            assertNotEquals(factor(candidate, "eta"), factor(candidate, "alpha"), "each has a factor of its own");
            assertTrue(candidate.get("eta").endsWith("/power:0.5"), "a decay stays");
        }
        assertTrue(furthest > 5, "the last ones look far: " + furthest);
    }

    @Test
    void runsAreAsLongAsAsked() {
        assertEquals(100, new StepSizeSearch(contest()).steps());
        assertEquals(400, new StepSizeSearch(contest().withTrialSteps(400)).steps());
    }

    /** The lowest upper objective over the last quarter wins; what diverged does not, however low it was. */
    @Test
    void takesTheBest() throws Exception {
        final StepSizeSearch search = new StepSizeSearch(contest());
        for (int trial = 0; trial < TRIALS; trial++) {
            final double early = trial == 5 ? -100 : 0;
            final double late = trial == 3 ? 1 : trial == 6 ? 0 : 2;
            final Path run = Files.createDirectories(folder.resolve("tuning/slip/trial-" + trial));
            Files.writeString(run.resolve("trace.jsonl"), line(early) + line(early) + line(early) + line(late));
            writeSummary(run, trial == 6 ? "diverged" : "finished");
        }
        assertEquals(search.candidate("slip", 3), search.best("slip"));
    }

    /** Where f(x, y_k) says little of x, the problem's own number decides, and it is measured often enough. */
    @Test
    void minMaxProblemsAreJudgedByWhatIsMaximised() throws Exception {
        final Contest contest = Contest.of("auc", List.of("slip"), List.of(1L), Map.of("steps", "400"), 3, folder);
        final StepSizeSearch search = new StepSizeSearch(contest);
        for (int trial = 0; trial < 3; trial++) {
            final Path run = Files.createDirectories(folder.resolve("tuning/slip/trial-" + trial));
            final String evaluation =
                    "{\"upperLoss\":" + trial + ",\"validationAuc\":" + (trial == 1 ? .9 : .8) + "}\n";
            Files.writeString(run.resolve("trace.jsonl"), line(-trial) + evaluation + line(-trial) + evaluation);
            writeSummary(run, "finished");
        }
        assertEquals(search.candidate("slip", 1), search.best("slip"));
    }

    private static void writeSummary(final Path run, final String status) throws IOException {
        Files.writeString(run.resolve("config.json"), "{}");
        Files.writeString(run.resolve("summary.json"), "{\"status\":\"" + status + "\",\"steps\":4}");
    }

    private static String line(final double upperLoss) {
        return "{\"upperLoss\":" + upperLoss + "}\n";
    }
}
