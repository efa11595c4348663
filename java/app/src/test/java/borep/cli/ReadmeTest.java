package borep.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's examples do what it says: its commands run, its Java compiles and prints what the comment promises. */
class ReadmeTest {
    @TempDir
    private Path folder;

    private static String section(final String heading) throws IOException {
        final String text = Files.readString(LauncherTest.repository().resolve("README.md"));
        final Matcher section =
                Pattern.compile("(?ms)^## " + heading + "$(.*?)^## ").matcher(text);
        assertTrue(section.find(), "a section '" + heading + "'");
        return section.group(1);
    }

    @Test
    void theCommandsOfTheExamplesRun() throws Exception {
        SmallData.write(folder);
        final String rows = Files.readString(folder.resolve("texts.csv"));
        Files.writeString(folder.resolve("reviews.csv"), rows.replaceFirst("text,label,domain", "body,stars,product"));
        Files.move(folder.resolve("vectors.txt"), folder.resolve("glove.6B.100d.txt"));
        final List<String> commands = section("Three examples")
                .lines()
                .filter(line -> line.startsWith("    ./borep "))
                .map(line -> line.strip().replaceFirst("\\s+#.*", "").substring("./borep ".length()))
                .toList();
        assertEquals(4, commands.size(), commands.toString());
        for (final String command : commands) {
            final boolean resumes = command.contains("--resume");
            final String brief = " --steps 6 --set cleaning.baseline=false"
                    + (command.contains("hyper-representation") ? " --set tasks.testTasks=2" : "")
                    + " --set evaluateEvery=6 --set levels.lowerBatch=12 --set levels.upperBatch=12";
            if (resumes) { // as after a crash: the checkpoint is there, the results are not
                Files.delete(folder.resolve("runs/mine/summary.json"));
            }
            final Program.Outcome outcome = Program.run(folder, (command + (resumes ? "" : brief)).split(" +"));
            assertEquals(0, outcome.code(), command + ": " + outcome.err());
        }
        assertTrue(Files.size(folder.resolve("runs/mine/report.html")) > 0);
        assertTrue(Files.size(folder.resolve("runs/mine/summary.json")) > 0);
    }

    @Test
    void theJavaExamplePrintsTheSolution() throws Exception {
        final Matcher code = Pattern.compile("(?s)```java\\n(.*?)```").matcher(section("Three examples"));
        assertTrue(code.find());
        Files.writeString(folder.resolve("Example.java"), """
                import borep.device.*;
                import borep.problem.*;
                import borep.solver.*;
                import java.util.*;

                public class Example {
                    public static void main(String[] arguments) {
                %s
                    }
                }
                """.formatted(code.group(1)));
        final Program.Outcome outcome = Program.runSource(folder, "Example.java");
        assertEquals(0, outcome.code(), outcome.err());
        final double[] x = Arrays.stream(
                        outcome.out().strip().replaceAll("[\\[\\]]", "").split(", "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        assertArrayEquals(new double[2], x, .1);
    }
}
