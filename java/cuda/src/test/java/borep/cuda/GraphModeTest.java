package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.kernel.Loss;
import borep.problem.BilevelProblem;
import borep.problem.TextProblem;
import borep.problem.cases.ProblemCases;
import borep.solver.Solver;
import borep.solver.Solvers;
import borep.solver.cases.BadSteps;
import borep.solver.cases.SuitedProblems;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Call by call, a graph for each program, several programs in one launch: the same run, never waiting for the device. */
class GraphModeTest {
    private static final int STEPS = 7;
    private static final GraphMode LOOP = new GraphMode(5);

    private static List<TextProblem> problems(final CudaDevice device) {
        return ProblemCases.problems(device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, 3);
    }

    private static Solver solver(final String name, final BilevelProblem problem) {
        final Solver solver = Solvers.create(name, problem, Map.of(), 3);
        solver.initialise();
        return solver;
    }

    private static void steps(final Solver solver, final int count) {
        for (int k = 0; k < count; k++) {
            solver.step();
        }
    }

    private static Map<String, double[]> state(final Solver solver) {
        final Map<String, double[]> state = new TreeMap<>();
        solver.state().forEach((name, vector) -> state.put(name, vector.toDoubles()));
        return state;
    }

    private static void assertSame(
            final String run, final Map<String, double[]> expected, final Map<String, double[]> actual) {
        assertEquals(expected.keySet(), actual.keySet(), run);
        expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), run + ": " + name));
    }

    /** State and last record of BO-REP on every text problem, and of every solver. */
    private static List<Map<String, double[]>> runs(final GraphMode mode) {
        final List<Map<String, double[]>> runs = new ArrayList<>();
        try (CudaDevice device = Emulated.open()) {
            device.setGraphs(mode);
            for (final TextProblem problem : problems(device)) {
                runs.add(run("bo-rep", problem));
            }
            for (final Solvers.Kind kind : Solvers.kinds()) {
                runs.add(run(kind.name(), SuitedProblems.of(device, kind.name())));
            }
        }
        return runs;
    }

    private static Map<String, double[]> run(final String name, final BilevelProblem problem) {
        final Solver solver = solver(name, problem);
        steps(solver, STEPS);
        final Map<String, double[]> run = state(solver);
        final int width = solver.metrics().names().size();
        final double[] record = new double[width];
        for (int place = 0; place < width; place++) {
            record[place] = solver.metrics().records().get(STEPS - 1, place);
        }
        run.put("record", record);
        return run;
    }

    @Test
    void allModesMakeTheSameRun() {
        final List<Map<String, double[]>> eager = runs(GraphMode.EAGER);
        assertEquals(Solvers.kinds().size() + 5, eager.size());
        for (final GraphMode mode : List.of(GraphMode.PHASE, LOOP, GraphMode.loop())) {
            final List<Map<String, double[]>> others = runs(mode);
            for (int i = 0; i < eager.size(); i++) {
                assertSame(mode + ", run " + i, eager.get(i), others.get(i));
            }
        }
    }

    @Test
    void loopsNeverWaitAndNeedFewLaunches() {
        try (CudaDevice device = Emulated.open()) {
            device.setGraphs(LOOP);
            final Solver solver = solver("bo-rep", problems(device).get(1));
            steps(solver, 20);
            device.flush();
            final CudaDevice.Statistics before = device.statistics();
            steps(solver, 20);
            device.flush();
            final CudaDevice.Statistics after = device.statistics();
            assertEquals(before.synchronisations(), after.synchronisations());
            assertEquals(before.kernels(), after.kernels());
            assertEquals(before.allocations(), after.allocations());
            final long programs = after.replays() - before.replays();
            assertTrue(programs >= 20, programs + " programs");
            assertEquals((programs + 4) / 5, after.launches() - before.launches());
            solver.metrics().records().await(40);
            assertEquals(40, solver.metrics().records().written());
        }
    }

    /** Reading, checkpoints and resuming come between two programs, wherever a launch would have ended. */
    @Test
    void aRunMayPauseAnywhere() {
        try (CudaDevice device = Emulated.open()) {
            device.setGraphs(LOOP);
            final TextProblem problem = problems(device).get(1);
            final Solver whole = solver("bo-rep", problem);
            steps(whole, 13);
            for (int pause = 0; pause < 7; pause++) {
                final Solver first = solver("bo-rep", problem);
                steps(first, pause);
                final Map<String, double[]> checkpoint = state(first);
                final Solver second = solver("bo-rep", problem);
                steps(second, 2); // gathered and not launched when the checkpoint comes
                second.state().forEach((name, vector) -> vector.set(checkpoint.get(name)));
                second.resume(pause);
                steps(second, 13 - pause);
                assertEquals(13, second.iteration());
                assertSame("paused at " + pause, state(whole), state(second));
            }
        }
    }

    @Test
    void badStepsLeaveNoTrace() {
        try (CudaDevice device = Emulated.open()) {
            device.setGraphs(LOOP);
            assertEquals(Solvers.kinds().size(), BadSteps.check(device));
        }
    }

    @Test
    void optionsAreTexts() {
        for (final String text : List.of("eager", "phase", "loop:2", "loop:256")) {
            assertEquals(text, GraphMode.parse(text).toString());
        }
        assertEquals(GraphMode.loop(), GraphMode.parse("loop"));
        for (final String text : List.of("loop:1", "loop:257", "loop:x", "graph", "")) {
            final IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> GraphMode.parse(text));
            assertEquals(
                    "graphs '" + text + "': write eager, phase, loop or loop:N, N from 2 to 256", refusal.getMessage());
        }
        System.setProperty("borep.cuda.graphs", "loop:9");
        try (CudaDevice device = Emulated.open()) {
            assertTrue(device.description().endsWith(", up to 9 programs a launch"), device.description());
        } finally {
            System.clearProperty("borep.cuda.graphs");
        }
    }
}
