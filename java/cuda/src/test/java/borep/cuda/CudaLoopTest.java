package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.kernel.Loss;
import borep.model.NetworkShape;
import borep.problem.BilevelProblem;
import borep.problem.TextProblem;
import borep.problem.cases.ProblemCases;
import borep.solver.Solver;
import borep.solver.Solvers;
import borep.solver.cases.BadSteps;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The whole loop of BO-REP on the device, on all problems and networks of the shared table. */
class CudaLoopTest {
    /** Steps on the problems of the first network, and on all others, whose kernels are the same in other shapes. */
    private static final int LONG = 200;

    private static final int SHORT = 40;
    /** Text problems of one network in the shared table. */
    private static final int KINDS = 5;
    /** Largest difference of a coordinate of x or y at the end, relative to the vector's largest. */
    private static final double TOLERANCE = 2e-5;

    private static final Map<String, String> SETTINGS =
            Map.of("eta", "0.01", "alpha", "0.05", "refinement.epochs", "1");

    private static List<BilevelProblem> problems(final Device device) {
        final List<BilevelProblem> all = new ArrayList<>();
        for (final NetworkShape shape : ProblemCases.shapes()) {
            all.addAll(textProblems(device, shape));
        }
        all.addAll(ProblemCases.dataProblems(device, 3));
        return all;
    }

    private static List<TextProblem> textProblems(final Device device, final NetworkShape shape) {
        return ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 3);
    }

    private static Solver solver(final BilevelProblem problem, final Map<String, String> settings) {
        final Solver solver = Solvers.create("bo-rep", problem, settings, 3);
        solver.initialise();
        return solver;
    }

    /** The same seed draws the same batches as on the host, so the runs stay together; and no iteration waits for the device. */
    @Test
    void trajectoriesAgreeWithTheVectorDeviceWithoutWaiting() {
        int compared = 0;
        try (CudaDevice cuda = Emulated.open();
                Device vector = Devices.choose("vector", 1).device()) {
            final List<BilevelProblem> there = problems(cuda);
            final List<BilevelProblem> here = problems(vector);
            for (int i = 0; i < here.size(); i++) {
                final String name = here.get(i).getClass().getSimpleName() + " " + i;
                final Solver a = solver(there.get(i), SETTINGS);
                final Solver b = solver(here.get(i), SETTINGS);
                final int steps = i < KINDS ? LONG : SHORT;
                stepWithoutWaiting(name, cuda, a, steps);
                for (int k = 0; k < steps; k++) {
                    b.step();
                }
                assertClose(name + " x", b.x().toDoubles(), a.x().toDoubles());
                assertClose(name + " y", b.y().toDoubles(), a.y().toDoubles());
                compared++;
            }
        }
        assertEquals(34, compared);
    }

    private static void assertClose(final String name, final double[] expected, final double[] actual) {
        final double largest = distance(new double[expected.length], expected);
        final double error = distance(expected, actual);
        assertTrue(error <= TOLERANCE * largest, name + ": off by " + error + " of " + largest);
    }

    private static void stepWithoutWaiting(
            final String name, final CudaDevice cuda, final Solver solver, final int steps) {
        solver.step(); // the first refines y, call by call
        final CudaDevice.Statistics before = cuda.statistics();
        for (int k = 1; k < steps; k++) {
            solver.step();
        }
        final CudaDevice.Statistics after = cuda.statistics();
        assertEquals(before.synchronisations(), after.synchronisations(), name + " waits");
        assertEquals(before.kernels(), after.kernels(), name + " launches kernels one by one");
        assertEquals(before.allocations(), after.allocations(), name + " allocates");
        assertEquals(steps - 1, after.replays() - before.replays(), name);
        solver.metrics().records().await(steps);
        solver.metrics().requireFinite(steps - 1, steps);
    }

    /** A checkpoint in between changes no bit. */
    @Test
    void aResumedRunIsTheSame() {
        try (CudaDevice cuda = Emulated.open()) {
            final BilevelProblem problem =
                    textProblems(cuda, ProblemCases.shapes().getFirst()).get(1);
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
        final Map<CudaDevice.Precision, double[]> ends = new EnumMap<>(CudaDevice.Precision.class);
        for (final CudaDevice.Precision precision : CudaDevice.Precision.values()) {
            try (CudaDevice cuda = Emulated.open()) {
                cuda.setPrecision(precision);
                final Solver solver = solver(
                        textProblems(cuda, ProblemCases.shapes().getFirst()).getFirst(), SETTINGS);
                for (int k = 0; k < 10; k++) {
                    solver.step();
                }
                ends.put(precision, solver.y().toDoubles());
            }
        }
        final double[] exact = ends.get(CudaDevice.Precision.FP32);
        assertClose("3xTF32", exact, ends.get(CudaDevice.Precision.TF32_X3));
        final double tf32 = distance(exact, ends.get(CudaDevice.Precision.TF32));
        assertTrue(tf32 > 0 && tf32 < 0.02, "TF32 differs by " + tf32);
        final double bf16 = distance(exact, ends.get(CudaDevice.Precision.BF16));
        assertTrue(bf16 > tf32 && bf16 < 0.1, "BF16 differs by " + bf16);
    }

    private static double distance(final double[] expected, final double[] actual) {
        double distance = 0;
        for (int i = 0; i < expected.length; i++) {
            distance = Math.max(distance, Math.abs(expected[i] - actual[i]));
        }
        return distance;
    }
}
