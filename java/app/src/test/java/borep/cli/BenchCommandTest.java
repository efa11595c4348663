package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {
    private static final String SMALL = " --repeats 2 --warm-up 0 --seconds 0 --threads 1 --json";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bench | a subcommand is missing: recurrent, iteration, machine",
                "bench recurrent --cell gru | cell 'gru': must be lstm or rnn",
                "bench recurrent --pass jvp | pass 'jvp': must be forward, gradient or hvp",
                "bench recurrent --hidden 0 | hidden size 0: must be at least 1",
                "bench recurrent --ragged --steps 4 | steps 4: must be at least 5",
                "bench recurrent --words -1 | words -1: must be at least 0",
                "bench recurrent --batch many | Invalid value for option '--batch'",
                "bench recurrent --repeats -1 | repeats -1: must be at least 0",
                "bench recurrent --warm-up -1 | seconds 3.0, warm-up -1.0: must not be negative",
                "bench recurrent --threads -2 | threads -2: must be at least 1, or 0 for all cores",
                "bench recurrent --device abacus | device 'abacus': must be one of",
                "bench iteration --problem maml | problem 'maml': must be hyper-representation, hyperparameter or hyper-cleaning",
                "bench iteration --batch 0 | batch size 0: must be at least 1",
                "bench iteration --head 0 | head width 0: must be at least 1",
                "bench recurrent --words 2000000000 --warm-up 0 | the network and its tapes: does not fit into the",
                "bench recurrent --hidden 100000 --warm-up 0 | the network and its tapes: does not fit into the",
                "bench machine --threads 0 | threads 0: must be at least 1",
                "bench machine --threads 10000 | threads 10000: must be at most 1024"
            })
    void aMistakeIsOneSentenceAndExitCode2(final String arguments, final String sentence) {
        final StringWriter err = new StringWriter();
        assertEquals(Main.MISTAKE, execute(arguments, new StringWriter(), err));
        assertTrue(err.toString().startsWith("borep: " + sentence), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
    }

    @Test
    void theLastLineIsOneObject() throws IOException {
        final JsonNode line = lastLine("bench recurrent --cell rnn --layers 2 --input 4 --hidden 3 --steps 6 --batch 2"
                + " --pass gradient --ragged --words 3" + SMALL);
        assertTrue(line.path("medianMillis").asDouble() > 0, line::toString);
        assertTrue(line.path("peakGflops").asDouble() > 0, line::toString);
        assertTrue(line.path("flops").asLong() > 0, line::toString);
        assertTrue(line.path("liveMegabytes").asDouble() > 0, line::toString);
        assertEquals(1, line.path("threads").asInt());
        assertEquals(2, line.path("repeats").asInt());
        assertTrue(line.has("stealShare") && line.has("peakShare") && line.has("gflops"), line::toString);
        assertEquals("gradient", line.path("shape").path("pass").asText());
        assertEquals(3, line.path("shape").path("words").asInt());
        final int rows = line.path("shape").path("rows").asInt();
        assertTrue(rows >= 6 + 5 && rows <= 6 + 6, "rows " + rows);
    }

    @Test
    void anIterationIsMeasuredWithItsDefaults() throws IOException {
        final JsonNode line = lastLine("bench iteration --problem hyperparameter --hidden 4 --head 3" + SMALL);
        assertEquals(50, line.path("shape").path("batch").asInt());
        assertTrue(
                line.path("medianMillis").asDouble() > 0 && line.path("flops").asLong() > 0, line::toString);
    }

    /** A GPU's work is waited for, and not compared with the processor's peak. */
    @Test
    void theCudaDeviceIsMeasured() throws IOException {
        assumeFalse(
                System.getProperty("borep.cuda.emulator", "").isBlank(),
                "the native library is missing: './borep test' builds it where CMake and a C++ compiler are installed");
        final String cuda = " --device cuda-emulated" + SMALL;
        final JsonNode line =
                lastLine("bench recurrent --cell lstm --input 4 --hidden 3 --steps 6 --batch 2 --pass hvp" + cuda);
        assertTrue(
                line.path("medianMillis").asDouble() > 0 && line.path("flops").asLong() > 0, line::toString);
        assertTrue(line.path("peakGflops").isNull() && line.path("peakShare").isNull(), line::toString);
        final JsonNode iteration =
                lastLine("bench iteration --problem hyper-cleaning --batch 2 --hidden 4 --head 3" + cuda);
        assertTrue(iteration.path("medianMillis").asDouble() > 0, iteration::toString);
        assertTrue(iteration.path("flops").isNull() && iteration.path("gflops").isNull(), iteration::toString);
    }

    private static JsonNode lastLine(final String arguments) throws IOException {
        final StringWriter out = new StringWriter();
        final StringWriter err = new StringWriter();
        assertEquals(0, execute(arguments, out, err), err::toString);
        return new ObjectMapper().readTree(out.toString().lines().toList().getLast());
    }

    private static int execute(final String arguments, final StringWriter out, final StringWriter err) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.split(" "));
    }
}
