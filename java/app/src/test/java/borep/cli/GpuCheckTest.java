package borep.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bench/gpu-check} in a copy of the repository, with programs that only play a GPU's, on a PATH of nothing else. */
class GpuCheckTest {
    private static final List<String> TOOLS =
            List.of("cat", "cmp", "date", "dirname", "find", "head", "mkdir", "rm", "tail", "timeout", "tr");
    private static final List<String> TESTS = List.of(
            "recurrent_persistent",
            "launches",
            "matmul",
            "recurrent",
            "dense",
            "sparse",
            "pooling",
            "loss",
            "update",
            "batch",
            "program",
            "guard",
            "loop");
    private static final int NOT_RUN = 77;

    @TempDir
    private Path folder;

    private Path root;
    private Path bin;
    private Path out;

    @BeforeEach
    void layOut() throws IOException {
        root = folder.resolve("a clone");
        out = folder.resolve("out");
        bin = Files.createDirectory(folder.resolve("bin"));
        final Path bench = Files.createDirectories(root.resolve("bench"));
        final Path measured = Files.createDirectories(root.resolve("target/gpu/native/bench"));
        final Path tested = Files.createDirectories(root.resolve("target/gpu/native/test"));
        Files.copy(LauncherTest.repository().resolve("bench/gpu-check"), bench.resolve("gpu-check"));
        for (final String tool : TOOLS) {
            LauncherTest.script(bin.resolve(tool), "exec " + LauncherTest.installed(tool) + " \"$@\"");
        }
        for (final String tool : List.of("cmake", "compute-sanitizer", "ctest", "git", "nvidia-smi", "python3")) {
            LauncherTest.script(bin.resolve(tool), ":");
        }
        LauncherTest.script(root.resolve("borep"), ":");
        LauncherTest.script(bench.resolve("gpu-table"), "echo tables of \"$1\"");
        for (final String name : List.of("ceilings", "matmul_bench", "recurrent_bench")) {
            LauncherTest.script(measured.resolve("borep_cuda_" + name), "echo '{\"of\":\"" + name + "\"}'");
        }
        for (final String name : TESTS) {
            LauncherTest.script(tested.resolve("borep_cuda_" + name + "_test"), ":");
        }
        Files.createFile(root.resolve("target/gpu/native/libborep_cuda.so"));
    }

    @Test
    void aMissingCompilerIsNotTakenForABrokenDevice() throws Exception {
        Files.delete(root.resolve("target/gpu/native/libborep_cuda.so"));
        final Program.Outcome outcome = check("launches", out.toString());
        assertEquals(2, outcome.code(), outcome::toString);
        assertEquals("gpu-check: CMake has found no CUDA compiler; set CUDACXX to the path of nvcc\n", outcome.err());
        assertFalse(Files.exists(out.resolve("gpu-launches.env")), "nothing is avoided from now on");
    }

    @Test
    void graphsOfManyStepsMustEndWithTheBitsOfGraphsOfOne() throws Exception {
        LauncherTest.script(
                root.resolve("borep"),
                "[ \"$1\" = run ] || exit 0; while [ \"$1\" != --out ]; do shift; done; mkdir -p \"$2\"; "
                        + "case $2 in *cleaning-cuda-loop) echo other ;; *) echo one ;; esac >\"$2/model.safetensors\"");
        final Program.Outcome outcome = check("loop", out.toString());
        assertEquals(1, outcome.code(), outcome::toString);
        assertEquals(2, outcome.out().split("the same bits", -1).length - 1, outcome::out);
        LauncherTest.script(root.resolve("borep"), ":");
        final Program.Outcome again = check("loop", out.toString());
        assertEquals(0, again.code(), "what the last phase has left is not compared: " + again);
    }

    @Test
    void whatWorksEndsWithZeroInEveryPhase() throws Exception {
        final Program.Outcome outcome = check("all", out.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        assertEquals("", outcome.err());
        assertEquals("{\"of\":\"ceilings\"}\n", Files.readString(out.resolve("gpu-ceilings.jsonl")));
        assertEquals("{\"of\":\"recurrent_bench\"}\n", Files.readString(out.resolve("gpu-kernels.jsonl")));
    }

    @ParameterizedTest
    @CsvSource({
        "ceilings, target/gpu/native/bench/borep_cuda_ceilings",
        "kernels, target/gpu/native/bench/borep_cuda_matmul_bench",
        "kernels, target/gpu/native/bench/borep_cuda_recurrent_bench",
        "baselines, ../bin/python3"
    })
    void aMeasurementThatFailsFailsItsPhaseAndStopsNothing(final String phase, final String program) throws Exception {
        // Python is asked for PyTorch first, and has it.
        LauncherTest.script(
                root.resolve(program).normalize(), "[ \"${1:-}\" = -c ] || { echo '{\"of\":\"one\"}'; exit 3; }");
        final Program.Outcome alone = check(phase, out.toString());
        assertEquals(1, alone.code(), alone::toString);
        assertTrue(alone.out().contains("{\"of\":\"one\"}\nfailed (3)\n"), alone::out);
        assertTrue(alone.out().endsWith("tables of " + out + "\n"), alone::out);
        assertEquals(phase.equals("kernels"), Files.exists(out.resolve("gpu-kernels.jsonl")));

        final Program.Outcome all = check("all", out.toString());
        assertEquals(2, all.code(), all::toString);
        final String failed = phase.equals("baselines") ? "iterations baselines" : phase; // both ask Python
        assertEquals("gpu-check: these phases failed: " + failed + "; each can be run again alone\n", all.err());
    }

    @Test
    void whatLacksAToolIsNotRunAndIsNoFailure() throws Exception {
        LauncherTest.script(bin.resolve("python3"), "exit 1");
        Files.delete(bin.resolve("compute-sanitizer"));
        final Program.Outcome alone = check("baselines", out.toString());
        assertEquals(NOT_RUN, alone.code());
        final String torch =
                "gpu-check: not run: python3 has no PyTorch; install it there, or run this phase elsewhere\n";
        assertEquals(torch, alone.err());
        assertFalse(Files.exists(out.resolve("gpu-baselines.jsonl")));

        final Program.Outcome all = check("all", out.toString());
        assertEquals(0, all.code(), all::toString);
        assertEquals(
                torch + "gpu-check: not run: compute-sanitizer is missing; it comes with the CUDA toolkit\n"
                        + "gpu-check: not run, because something is missing: baselines sanitizers\n",
                all.err());
    }

    @Test
    void withoutPythonItMeasuresAndSaysWhereTheTablesAre() throws Exception {
        Files.delete(bin.resolve("python3"));
        final Program.Outcome outcome = check("ceilings", out.toString());
        assertEquals(0, outcome.code(), outcome::toString);
        assertEquals(
                "gpu-check: no tables: python3 is missing; bench/gpu-table " + out + " makes them elsewhere\n",
                outcome.err());
    }

    /** A device without conditional nodes is in order: only the way that needs them is avoided. */
    @Test
    void aWayThatTheDeviceDoesNotHaveIsAvoidedAndIsNoFailure() throws Exception {
        final Path launches = root.resolve("target/gpu/native/test/borep_cuda_launches_test");
        LauncherTest.script(launches, "[ \"$1\" != loop ] || exit 77");
        final Program.Outcome absent = check("launches", out.toString());
        assertEquals(0, absent.code(), absent::toString);
        assertEquals("export BOREP_CUDA_GRAPHS=phase\n", Files.readString(out.resolve("gpu-launches.env")));
        LauncherTest.script(launches, "[ \"$1\" != launch ]");
        assertEquals(1, check("launches", out.toString()).code());
        assertEquals("export BOREP_SWEEPS=stepwise\n", Files.readString(out.resolve("gpu-launches.env")));
    }

    @Test
    void aDryRunNeedsNothing() throws Exception {
        for (final String tool : List.of("cmake", "compute-sanitizer", "ctest", "git", "nvidia-smi", "python3")) {
            Files.delete(bin.resolve(tool));
        }
        final Program.Outcome dry = check("--dry-run", "all", out.toString());
        assertEquals(0, dry.code(), dry::toString);
        assertEquals("", dry.err());
        assertTrue(dry.out().contains("borep_cuda_ceilings\n"), dry::out);
        assertFalse(Files.exists(out));
        assertEquals(NOT_RUN, check("ceilings", out.toString()).code(), "no GPU");
    }

    private Program.Outcome check(final String... words) throws IOException, InterruptedException {
        final List<String> command =
                new ArrayList<>(List.of(root.resolve("bench/gpu-check").toString()));
        command.addAll(List.of(words));
        final ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", bin.toString());
        return Program.await(builder.start());
    }
}
