package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    @TempDir
    private Path folder;

    @Test
    void writesAPageIntoEachDirectory() throws IOException {
        final Path one = run("one");
        final Path two = run("two");
        assertEquals(
                "Wrote " + one.resolve("report.html") + "\nWrote " + two.resolve("report.html") + "\n",
                output(one.toString(), two.toString()));
        assertTrue(Files.readString(two.resolve("report.html")).startsWith("<!DOCTYPE html>"));
    }

    @Test
    void writesOneComparison() throws IOException {
        final Path page = folder.resolve("both.html");
        output(run("one").toString(), run("two").toString(), "--out", page.toString());
        assertTrue(Files.readString(page).contains("<title>Comparison of 2 runs</title>"));
        output(folder.resolve("one").toString(), "--out", page.toString());
        assertTrue(Files.readString(page).contains("<title>one: hyper-cleaning with BO-REP</title>"));
    }

    @Test
    void aMistakeIsOneSentenceAndExitCode2() throws IOException {
        final Path broken = run("broken");
        Files.writeString(broken.resolve("trace.jsonl"), "{\"step\": 0}\n{\"step\" 1}\n{\"step\": 2}\n");
        final StringWriter err = new StringWriter();
        assertEquals(Main.MISTAKE, report(err, new StringWriter(), broken.toString()));
        final String expected = "borep: " + broken.resolve("trace.jsonl") + ":2: is not a whole JSON object";
        assertTrue(err.toString().startsWith(expected), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(Files.notExists(broken.resolve("report.html")));
    }

    private Path run(final String name) throws IOException {
        final Path run = Files.createDirectory(folder.resolve(name));
        Files.writeString(run.resolve("config.json"), "{\"problem\": \"hyper-cleaning\", \"solver\": \"bo-rep\"}");
        Files.writeString(run.resolve("trace.jsonl"), "{\"step\": 0, \"testAccuracy\": 0.5}\n");
        return run;
    }

    private static String output(final String... arguments) {
        final StringWriter text = new StringWriter();
        assertEquals(0, report(new StringWriter(), text, arguments));
        return text.toString();
    }

    private static int report(final StringWriter err, final StringWriter out, final String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(
                        Stream.concat(Stream.of("report"), Stream.of(arguments)).toArray(String[]::new));
    }
}
