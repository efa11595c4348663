package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.kernel.Loss;
import borep.model.NetworkShape;
import borep.problem.BilevelProblem;
import borep.problem.cases.ProblemCases;
import borep.solver.BoRepSettings;
import borep.solver.Hyperparameters;
import borep.solver.Solver;
import borep.solver.Solvers;
import borep.solver.cases.BadSteps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The whole loop of BO-REP on the device, on all problems and networks of the shared table. */
class CudaLoopTest {
    private static final int STEPS = 200;
    /** Largest difference of a coordinate of x or y after {@link #STEPS} steps, relative to the vector's largest. */
    private static final double TOLERANCE = 2e-3;

    private static final Map<String, String> SETTINGS =
            Map.of("eta", "0.01", "alpha", "0.05", "refinement.epochs", "1");

    private static List<BilevelProblem> problems(final Device device) {
        final List<BilevelProblem> all = new ArrayList<>();
        for (final NetworkShape shape : ProblemCases.shapes()) {
            all.addAll(ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 3));
        }
        all.addAll(ProblemCases.dataProblems(device, 3));
        return all;
    }

    private static Solver solver(final BilevelProblem problem, final Map<String, String> settings) {
        final Solver solver = Solvers.create("bo-rep", problem, settings, 3);
        solver.initialise();
        return solver;
    }

    /** The same seed draws the same batches as on the host, so the runs stay together for 200 steps. */
    @Test
    void trajectoriesAgreeWithTheVectorDevice() {
        int compared = 0;
        try (Device cuda = Emulated.open();
                Device vector = Devices.choose("vector", 1).device()) {
            final List<BilevelProblem> there = problems(cuda);
            final List<BilevelProblem> here = problems(vector);
            for (int i = 0; i < here.size(); i++) {
                final Solver a = solver(there.get(i), SETTINGS);
                final Solver b = solver(here.get(i), SETTINGS);
                for (int k = 0; k < STEPS; k++) {
                    a.step();
                    b.step();
                }
                final String name = here.get(i).getClass().getSimpleName() + " " + i;
                assertClose(name + " x", b.x().toDoubles(), a.x().toDoubles());
                assertClose(name + " y", b.y().toDoubles(), a.y().toDoubles());
                compared++;
            }
        }
        assertEquals(34, compared);
    }

    private static void assertClose(final String name, final double[] expected, final double[] actual) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(expected[i] - actual[i]));
        }
        assertTrue(error <= TOLERANCE * largest, name + ": off by " + error + " of " + largest);
    }

    @Test
    void iterationsNeverWaitForTheDevice() {
        try (CudaDevice cuda = Emulated.open()) {
            for (final BilevelProblem problem : problems(cuda)) {
                final Solver solver = solver(problem, SETTINGS);
                solver.step(); // the first refines y, call by call
                final CudaDevice.Statistics before = cuda.statistics();
                for (int k = 0; k < 20; k++) {
                    solver.step();
                }
                final CudaDevice.Statistics after = cuda.statistics();
                final String name = problem.getClass().getSimpleName();
                assertEquals(before.synchronisations(), after.synchronisations(), name + " waits");
                assertEquals(before.kernels(), after.kernels(), name + " launches kernels one by one");
                assertEquals(before.allocations(), after.allocations(), name + " allocates");
                final BoRepSettings settings = Hyperparameters.with(BoRepSettings.DEFAULT, SETTINGS);
                assertEquals(20 + 20 / settings.updatePeriod(), after.replays() - before.replays(), name);
                solver.metrics().records().await(21);
                solver.metrics().requireFinite(20, 21);
            }
        }
    }

    /** A checkpoint in between changes no bit. */
    @Test
    void aResumedRunIsTheSame() {
        try (CudaDevice cuda = Emulated.open()) {
            final BilevelProblem problem = problems(cuda).get(1);
            final Solver whole = solver(problem, SETTINGS);
            for (int k = 0; k < 15; k++) {
                whole.step();
            }
            final Map<String, double[]> checkpoint = new HashMap<>();
            whole.state().forEach((name, vector) -> checkpoint.put(name, vector.toDoubles()));
            for (int k = 0; k < 15; k++) {
                whole.step();
            }
            final Solver resumed = solver(problem, SETTINGS);
            resumed.state().forEach((name, vector) -> vector.set(checkpoint.get(name)));
            resumed.resume(15);
            for (int k = 0; k < 15; k++) {
                resumed.step();
            }
            assertEquals(30, resumed.iteration());
            assertArrayEquals(whole.x().toDoubles(), resumed.x().toDoubles());
            assertArrayEquals(whole.y().toDoubles(), resumed.y().toDoubles());
        }
    }

    /** Steps are undone that the host had enqueued before it could see a bad one. */
    @Test
    void badStepsLeaveNoTrace() {
        try (CudaDevice cuda = Emulated.open()) {
            assertEquals(Solvers.kinds().size(), BadSteps.check(cuda));
        }
    }

    @Test
    void tensorCoresStayNearFloat32() {
        final double[][] ends = new double[CudaDevice.Precision.values().length][];
        for (final CudaDevice.Precision precision : CudaDevice.Precision.values()) {
            try (CudaDevice cuda = Emulated.open()) {
                cuda.setPrecision(precision);
                final Solver solver = solver(problems(cuda).getFirst(), SETTINGS);
                for (int k = 0; k < 10; k++) {
                    solver.step();
                }
                ends[precision.ordinal()] = solver.y().toDoubles();
            }
        }
        assertClose("3xTF32", ends[0], ends[1]);
        double difference = 0;
        for (int i = 0; i < ends[0].length; i++) {
            difference = Math.max(difference, Math.abs(ends[0][i] - ends[2][i]));
        }
        assertTrue(difference > 0 && difference < 0.02, "TF32 differs by " + difference);
    }
}
