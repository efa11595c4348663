package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Devices;
import borep.kernel.Loss;
import borep.model.NetworkShape;
import borep.problem.TextProblem;
import borep.problem.cases.ProblemCases;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BO-REP on every text problem: steps allocate nothing, and a run repeated is the same run bit for bit. */
class SteadyStateTest {
    private static final int STEPS = 100;
    /** Windows of steps until the compiler is done; a steady state must come before. */
    private static final int MOST_WINDOWS = 80;

    private static final BoRepSettings SETTINGS =
            Hyperparameters.with(BoRepSettings.DEFAULT, Map.of("refinement.epochs", "1"));

    @ParameterizedTest
    @ValueSource(strings = {"vector", "scalar", "reference"})
    void stepsAllocateNothing(final String name) {
        int checked = 0;
        try (Device device = Devices.choose(name, 1).device()) {
            for (final NetworkShape shape :
                    List.of(ProblemCases.shapes().get(1), ProblemCases.shapes().get(3))) {
                for (final TextProblem problem : ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 3)) {
                    final BoRep solver = new BoRep(problem, SETTINGS, 3);
                    solver.initialise();
                    long bytes = Long.MAX_VALUE;
                    for (int window = 0; window < MOST_WINDOWS && bytes > 0; window++) {
                        bytes = allocated(solver);
                    }
                    assertEquals(0, bytes, name + " " + problem.getClass().getSimpleName() + " " + shape);
                    checked++;
                }
            }
        }
        assertEquals(10, checked);
    }

    /** Bytes that {@link #STEPS} steps put on the heap. */
    private static long allocated(final BoRep solver) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().threadId();
        final long before = threads.getThreadAllocatedBytes(thread);
        for (int k = 0; k < STEPS; k++) {
            solver.step();
        }
        return threads.getThreadAllocatedBytes(thread) - before;
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector", "scalar", "reference"})
    void aRepeatedRunIsTheSame(final String name) {
        try (Device device = Devices.choose(name, 2).device()) {
            for (final TextProblem problem :
                    ProblemCases.problems(device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, 3)) {
                final double[][] runs = new double[2][];
                for (int run = 0; run < runs.length; run++) {
                    final BoRep solver = new BoRep(problem, SETTINGS, 3);
                    solver.initialise();
                    for (int k = 0; k < 20; k++) {
                        solver.step();
                    }
                    runs[run] = solver.y().toDoubles();
                }
                assertArrayEquals(runs[0], runs[1], problem.getClass().getSimpleName());
            }
        }
    }
}
