package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code borep smoothness} as a process. */
class SmoothnessCommandTest {
    private static final String[] SMALL = {
        "smoothness", "--hidden", "6", "--steps", "24", "--every", "2", "--batch", "8", "--measured", "16"
    };
    /** Float64, a network without kinks, short steps: no change of the gradient along a step can exceed the largest curvature on it. */
    private static final String[] EXACT = {
        "--device",
        "reference",
        "--set",
        "network.pool=mean",
        "--tolerance",
        "0.001",
        "--products",
        "1000",
        "--step",
        "0.01"
    };

    @TempDir
    private Path folder;

    private Program.Outcome run(final String... more) throws IOException, InterruptedException {
        final List<String> all = new ArrayList<>(Arrays.asList(SMALL));
        all.addAll(Arrays.asList(more));
        return Program.run(folder, all.toArray(String[]::new));
    }

    private Program.Outcome exact(final String... more) throws IOException, InterruptedException {
        final List<String> all = new ArrayList<>(Arrays.asList(EXACT));
        all.addAll(Arrays.asList(more));
        return run(all.toArray(String[]::new));
    }

    @Test
    void measuresAlongAPath() throws Exception {
        final Program.Outcome outcome = exact("--json", "--out", "a");
        assertEquals(0, outcome.code(), outcome.err());
        final JsonNode result = new ObjectMapper().readTree(outcome.out());
        assertEquals(12, result.path("points").asInt());
        assertEquals(0, result.path("notConverged").asInt());
        assertTrue(result.path("l0Low").asDouble() <= result.path("l0High").asDouble(), outcome.out());
        final List<String> table = Files.readAllLines(folder.resolve("a/smoothness.csv"));
        assertEquals(
                "step,loss,gradientNorm,smoothness,rayleighQuotient,residual,products,alongStep", table.getFirst());
        assertEquals(13, table.size());
        for (int i = 1; i < table.size(); i++) {
            final double[] row = Arrays.stream(table.get(i).split(","))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            assertEquals(2 * (i - 1), row[0]);
            assertTrue(row[2] > 0 && row[3] > 0 && Math.abs(row[4]) <= row[3] * (1 + 1e-12), table.get(i));
            assertTrue(row[7] > 0 && row[7] <= 1.05 * row[3], "steeper along the step than anywhere: " + table.get(i));
        }
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(folder.resolve("a/figure.svg").toFile());
        assertTrue(Files.readString(folder.resolve("a/index.html")).contains("LSTM of 6 units on glosses"));
        assertEquals(0, exact("--out", "again").code());
        assertEquals(
                Files.readString(folder.resolve("a/smoothness.csv")),
                Files.readString(folder.resolve("again/smoothness.csv")),
                "the same for a seed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--every=0|every 0: must be at least 1",
                "--every=50|steps 400, every 50: make fewer than 10 points; more steps, or measure more often",
                "--set=steps=8|steps 8, every 4: make fewer than 10 points; more steps, or measure more often",
                "--set=evaluateEvery=50|steps 400, every 50: make fewer than 10 points; more steps, or measure more often",
                "--hidden=0|hidden size 0: must be at least 1",
                "--measured=0|measured 0: must be at least 1",
                "--tolerance=2|tolerance 2.0: must lie in (0, 1)",
                "--products=1|products 1: must be at least 2",
                "--step=fast|step size 'fast': write 0.1, 0.1/step:100:0.5 or 0.1/power:0.5"
            })
    void mistakesAreOneSentence(final String option, final String sentence) throws IOException, InterruptedException {
        final Program.Outcome outcome = Program.run(folder, "smoothness", option);
        assertEquals(
                "borep: " + sentence, outcome.err().lines().reduce((a, b) -> b).orElseThrow());
        assertEquals(2, outcome.code());
        assertTrue(Files.notExists(folder.resolve("runs")), "nothing was written");
    }
}
