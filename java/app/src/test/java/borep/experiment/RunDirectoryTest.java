package borep.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run's folder: one run at a time, and traces that have every step. */
class RunDirectoryTest {
    private static final String THREE = "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n";

    @TempDir
    private Path folder;

    private static void assertSays(final String sentence, final Runnable action) {
        assertEquals(sentence, assertThrows(DataException.class, action::run).getMessage());
    }

    @Test
    void oneRunAtATimeWorksInAFolder() throws IOException {
        final Path path = folder.resolve("run");
        final RunDirectory first = RunDirectory.create(path);
        final RunDirectory second = RunDirectory.create(path);
        first.make();
        final String sentence = path + ": another run is at work in it; wait until it has ended, or stop it";
        assertSays(sentence, second::make);
        assertSays(sentence, second::make); // the refusal has not let go of the first one's lock
        second.unlock();
        first.writeText("config.json", "{}");
        assertSays(sentence, RunDirectory.open(path)::lock);
        first.unlock();
        assertSays(
                path + ": holds a run already; choose another folder with --out, or continue it with --resume " + path,
                second::make);
        second.unlock();
        final RunDirectory resumed = RunDirectory.open(path);
        resumed.lock();
        resumed.unlock();
    }

    /** What a run leaves that was killed before it wrote anything. */
    @Test
    void aLockAloneIsNoRun() {
        final RunDirectory killed = RunDirectory.create(folder);
        killed.make();
        killed.unlock();
        final RunDirectory next = RunDirectory.create(folder);
        next.make();
        next.unlock();
    }

    @Test
    void aTraceIsCutBehindTheCheckpoint() throws IOException {
        final Path trace = folder.resolve("trace.jsonl");
        Files.writeString(trace, THREE + "{\"st");
        final RunDirectory directory = RunDirectory.create(folder.resolve("none"));
        directory.truncateTrace("trace.jsonl", 0); // there is none, and none is needed
        final RunDirectory own = open();
        own.truncateTrace("trace.jsonl", 3);
        assertEquals(THREE, Files.readString(trace));
        own.truncateTrace("trace.jsonl", 2);
        assertEquals("{\"step\":1}\n{\"step\":2}\n", Files.readString(trace));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'step':1}~{'step':2}~|:3: is missing, the checkpoint needs the first 3 lines",
                "{'step':1}~{'st|:2: is missing, the checkpoint needs the first 3 lines",
                "{'step':1}~{'step':3}~{'step':4}~|:2: is not the line of step 2",
                "{'step':1}~~{'step':2}~{'step':3}~|:2: is not the line of step 2",
                "{'step':1}~{'step':2}~{'st~{'step':4}~|:3: is not the line of step 3",
            })
    void aTraceWithAHoleIsRefusedAndLeftAlone(final String lines, final String sentence) throws IOException {
        final Path trace = folder.resolve("trace.jsonl");
        final String text = lines.replace('\'', '"').replace('~', '\n');
        Files.writeString(trace, text);
        final RunDirectory directory = open();
        assertSays(
                trace + sentence + "; restore the file, or begin a new run",
                () -> directory.truncateTrace("trace.jsonl", 3));
        assertEquals(text, Files.readString(trace));
    }

    @Test
    void aTraceThatIsGoneIsRefused() throws IOException {
        final RunDirectory directory = open();
        assertSays(
                folder.resolve("trace.jsonl")
                        + ": is missing, the checkpoint needs its first 3 lines; restore the file, or begin a new run",
                () -> directory.truncateTrace("trace.jsonl", 3));
    }

    @Test
    void brokenJsonIsToldWithItsLine() throws IOException {
        final RunDirectory directory = open();
        final Path file = folder.resolve("summary.json");
        Files.writeString(file, "");
        assertSays(file + ": is empty; restore the file", () -> directory.readJson("summary.json"));
        Files.writeString(file, "[".repeat(2000));
        final String said = assertThrows(DataException.class, () -> directory.readJson("summary.json"))
                .getMessage();
        assertEquals(file + ":1: is not JSON: ", said.substring(0, said.indexOf("JSON: ") + 6));
    }

    private RunDirectory open() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        return RunDirectory.open(folder);
    }
}
