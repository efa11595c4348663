package borep.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.data.DataException;
import borep.solver.Solvers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code borep compare} and {@code borep solvers} as their users start them. */
class CompareCommandTest {
    @TempDir
    private Path folder;

    private static String[] small(final String... more) {
        final List<String> arguments = new ArrayList<>(List.of(
                "compare",
                "--solvers",
                "bo-rep,f2sa,soba",
                "--seeds",
                "1..2",
                "--steps",
                "6",
                "--threads",
                "2",
                "--set",
                "network.hidden=4",
                "--set",
                "evaluateEvery=3",
                "--set",
                "soba.alpha=1e30", // leaves float32 at once
                "--out",
                "out"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /** Runs, divergences, files; then goes on without running anything again, and after one run was lost runs that one. */
    @Test
    void comparesAndResumes() throws Exception {
        final Program.Outcome outcome = Program.run(folder, small("--tune", "2"));
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().contains("soba       final test accuracy –, diverged 2 of 2"), outcome.out());
        final Path out = folder.resolve("out");
        final List<String> table = Files.readAllLines(out.resolve("table.csv"));
        assertEquals(4, table.size());
        assertTrue(table.get(1).startsWith("bo-rep,2,0,0."), table.get(1));
        assertTrue(table.get(3).startsWith("soba,0,2,,"), table.get(3));
        assertEquals(4, Files.readAllLines(out.resolve("curves.jsonl")).size(), "two solvers, two seeds");
        assertTrue(Files.readString(out.resolve("config.json")).contains("\"updatePeriod\""));
        assertTrue(Files.readString(out.resolve("index.html")).contains("2 of 2"));
        assertTrue(Files.readString(out.resolve("figure.svg")).contains("bo-rep"));
        final byte[] curves = withoutSeconds(out);
        final Path kept = out.resolve("f2sa/seed-2/model.safetensors");
        final Path lost = out.resolve("bo-rep/seed-2");
        final FileTime before = Files.getLastModifiedTime(kept);
        Files.delete(lost.resolve("summary.json"));
        Files.delete(lost.resolve("checkpoint.safetensors"));

        final Program.Outcome again = Program.run(folder, small("--tune", "2", "--resume"));
        assertEquals(0, again.code(), again.err());
        assertTrue(again.err().contains("f2sa, seed 2: was there"), again.err());
        assertFalse(again.err().contains("bo-rep, seed 2: was there"), again.err());
        assertEquals(before, Files.getLastModifiedTime(kept));
        assertArrayEquals(curves, withoutSeconds(out), "the same seeds give the same curves");
    }

    private static byte[] withoutSeconds(final Path out) throws Exception {
        return Files.readString(out.resolve("curves.jsonl"))
                .replaceAll("\"seconds\":\\[[^]]*]", "")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--solvers|adam|solver 'adam': unknown; 'borep solvers' lists all",
                "--solvers|slip,slip|solver 'slip': is given twice",
                "--seeds|5..1|--seeds '5..1': write 1..5 or 1,4,9, each seed once",
                "--seeds|1,1|--seeds '1,1': write 1..5 or 1,4,9, each seed once",
                "--set|etta=1|setting 'etta': neither the runs nor any of the solvers know it",
                "--set|slip.eta=x|step size 'x': write 0.1",
                "--tune|-1|--tune -1: must not be negative",
                "--tune-steps|5|--tune-steps 5: is the length of --tune's runs; give --tune too",
                "--tune-steps|0|--tune-steps 0: must be at least 1",
                "--threads|0|--threads 0: must be at least 1",
                "--set|problem=mdp|setting 'problem': is hyper-cleaning here",
                "--set|seed=5|setting 'seed': is every run's own; give --seeds",
            })
    void mistakesAreOneSentence(final String option, final String value, final String sentence) throws Exception {
        final Program.Outcome outcome = Program.run(folder, "compare", option, value, "--out", "none");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().startsWith("borep: " + sentence), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertFalse(Files.exists(folder.resolve("none")));
    }

    /** One short run of one solver, in this process: what it ends with and says at last. */
    private String inProcess(final String... more) {
        final List<String> arguments = new ArrayList<>(
                List.of("compare", "--solvers", "bo-rep", "--seeds", "1", "--threads", "1", "--steps", "6", "--out"));
        arguments.add(folder.resolve("short").toString());
        arguments.addAll(List.of(more));
        final StringWriter err = new StringWriter();
        final String[] all = arguments.toArray(String[]::new);
        final int code = Main.commandLine(all)
                .setErr(new PrintWriter(err))
                .setOut(new PrintWriter(Writer.nullWriter()))
                .execute(all);
        assertFalse(err.toString().contains("\tat "), err.toString());
        return code + " " + err.toString().lines().reduce((a, b) -> b).orElse("");
    }

    @Test
    void otherSettingsAreNotGoneOnWith() {
        final String config = "2 borep: " + folder.resolve("short/bo-rep/seed-1/config.json");
        assertEquals("0 run 1 of 1: bo-rep, seed 1", inProcess("cosh", "--set", "bo-rep.eta=0.01"));
        assertEquals(
                "0 run 1 of 1: bo-rep, seed 1: was there", inProcess("cosh", "--set", "bo-rep.eta=0.01", "--resume"));
        assertTrue(inProcess("cosh", "--resume").startsWith(config + ": was run with eta = 0.01, not "));
        assertEquals(
                config + ": was run with sigma = 0.0, not 0.5; choose another --out",
                inProcess("cosh", "--set", "bo-rep.eta=0.01", "--set", "sigma=0.5", "--resume"));
    }

    @Test
    void otherDataAreNotGoneOnWith() throws Exception {
        SmallData.write(folder);
        final String texts = Files.readString(folder.resolve("texts.csv"));
        Files.writeString(folder.resolve("copy.csv"), texts);
        Files.writeString(folder.resolve("other.csv"), texts.replace("fine", "cold"));
        assertEquals("0 run 1 of 1: bo-rep, seed 1", inProcess(onTexts("texts.csv")));
        assertEquals("0 run 1 of 1: bo-rep, seed 1: was there", inProcess(onTexts("copy.csv", "--resume")));
        final String refused = "2 borep: " + folder.resolve("short/bo-rep/seed-1/config.json")
                + ": was run on other texts, samples or vectors; choose another --out";
        assertEquals(refused, inProcess(onTexts("other.csv", "--resume")));
        Files.delete(folder.resolve("short/bo-rep/seed-1/summary.json")); // one that has not ended
        assertEquals(refused, inProcess(onTexts("other.csv", "--resume")));
    }

    private String[] onTexts(final String name, final String... more) {
        final List<String> arguments = new ArrayList<>(List.of("hyper-cleaning", "--set", "network.hidden=2"));
        arguments.addAll(List.of("--set", "data=" + folder.resolve(name)));
        arguments.addAll(List.of("--set", "embeddings=" + folder.resolve("vectors.txt")));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    @Test
    void damagedRunsAreToldWithTheRemedy() throws Exception {
        assertEquals("0 run 1 of 1: bo-rep, seed 1", inProcess("cosh"));
        final Path run = folder.resolve("short/bo-rep/seed-1");
        final String[][] damages = {
            {"summary.json", "", ": is empty; restore the file"},
            {"summary.json", "{\n\"status\": \"fini", ":2: is not JSON: "},
            {"summary.json", "{}", ": has no 'status' or 'steps'; delete " + run + ", and --resume runs it again"},
            {"config.json", null, ": is missing; delete " + run + ", and --resume runs it again"},
            {"config.json", "{}", ": has no 'run' with a 'problem'"},
            {"trace.jsonl", "", ": has 0 lines of 6 steps; delete " + run + ", and --resume runs it again"},
            {"trace.jsonl", "{\"step\":1}\n{\n", ":2: is not JSON; restore the file"},
        };
        for (final String[] damage : damages) {
            final Path file = run.resolve(damage[0]);
            final String whole = Files.readString(file);
            if (damage[1] == null) {
                Files.delete(file);
            } else {
                Files.writeString(file, damage[1]);
            }
            final String said = inProcess("cosh", "--resume");
            assertTrue(said.startsWith("2 borep: " + file + damage[2]), said);
            Files.writeString(file, whole);
        }
        assertEquals("0 run 1 of 1: bo-rep, seed 1: was there", inProcess("cosh", "--resume"));
    }

    @Test
    void interruptTellsHowToGoOn() throws Exception {
        final Process process = Program.start(
                folder,
                "compare",
                "cosh",
                "--solvers",
                "bo-rep",
                "--seeds",
                "1..4",
                "--steps",
                "9999999",
                "--out",
                "long");
        while (!Files.exists(folder.resolve("long/bo-rep/seed-1/trace.jsonl"))) {
            assertTrue(process.isAlive());
            Thread.sleep(5);
        }
        process.toHandle().destroy(); // SIGTERM takes the same way as SIGINT
        assertEquals(
                "stopped; go on with the same command and --resume\n",
                Program.await(process).err());
    }

    @Test
    void seedsAreRead() {
        assertEquals(List.of(2L, 3L, 4L), CompareCommand.seeds("2..4"));
        assertEquals(List.of(7L), CompareCommand.seeds("7"));
        assertThrows(DataException.class, () -> CompareCommand.seeds("1..999999"));
        final String all = Long.MIN_VALUE + ".." + Long.MAX_VALUE;
        assertThrows(DataException.class, () -> CompareCommand.seeds(all));
    }

    @Test
    void solversAreListed() throws Exception {
        final Program.Outcome all = Program.run(folder, "solvers");
        assertEquals(0, all.code(), all.err());
        for (final Solvers.Kind kind : Solvers.kinds()) {
            assertTrue(all.out().contains(kind.name() + " "), kind.name());
        }
        final Program.Outcome one = Program.run(folder, "solvers", "slip");
        assertTrue(one.out().contains("warmSteps"), one.out());
        assertTrue(one.out().contains("for: f (L0, L1)-smooth") && one.out().contains("≤ ε: Õ(ε⁻⁴)"), one.out());
        final Program.Outcome json = Program.run(folder, "solvers", "slip", "--json");
        assertTrue(json.out().startsWith("[{\"name\":\"slip\""), json.out());
        assertEquals(2, Program.run(folder, "solvers", "adam").code());
    }
}
