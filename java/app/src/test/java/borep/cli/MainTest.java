package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A command line made for one command says what one made for all says. */
class MainTest {
    private static final List<String> COMMANDS = List.of(
            "run",
            "verify",
            "devices",
            "data",
            "report",
            "problems",
            "solvers",
            "compare",
            "smoothness",
            "bench",
            "help");

    /** Exit code, output and error of a command line. */
    private static String outcome(final CommandLine line, final String... args) {
        final StringWriter out = new StringWriter();
        final StringWriter err = new StringWriter();
        final int code = line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
        return code + "\n" + out + err;
    }

    private static void assertSame(final String... args) {
        assertEquals(outcome(Main.commandLine(), args), outcome(Main.commandLine(args), args));
    }

    @Test
    void allCommandsAreThereInTheOrderOfTheHelp() {
        assertEquals(COMMANDS, List.copyOf(Main.commandLine().getSubcommands().keySet()));
        for (final String name : COMMANDS) {
            assertEquals(
                    name, Main.commandLine().getSubcommands().get(name).getCommandName(), "the name it has of itself");
        }
    }

    @Test
    void aNamedCommandIsTheOnlyOne() {
        for (final String name : COMMANDS.subList(0, COMMANDS.size() - 1)) {
            assertEquals(Set.of(name), Main.commandLine(name).getSubcommands().keySet());
        }
        assertEquals(COMMANDS.size(), Main.commandLine("help").getSubcommands().size());
        assertEquals(COMMANDS.size(), Main.commandLine("rum").getSubcommands().size());
    }

    @Test
    void helpAndMistakesAreTheSame() {
        for (final String name : COMMANDS) {
            assertSame(name, "--help");
            assertSame("help", name);
            assertSame(name, "--no-such-option");
            assertSame(name, "run", "rum");
        }
        assertSame();
        assertSame("--help");
        assertSame("--version");
        assertSame("rum");
        assertSame("--no-such-option");
        final String[] slip = {"rum"};
        assertTrue(outcome(Main.commandLine(slip), slip).startsWith("2\nborep: "));
    }
}
