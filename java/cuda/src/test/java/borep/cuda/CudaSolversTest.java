package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.problem.BilevelProblem;
import borep.problem.DecentralisedQuadratic;
import borep.problem.MdpTables;
import borep.problem.PhaseRetrieval;
import borep.problem.Quadratic;
import borep.problem.TabularMdp;
import borep.solver.Solver;
import borep.solver.Solvers;
import borep.solver.cases.SuitedProblems;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Solvers that are made for some problems, on the device: the same way as on the host, and no step waits. */
class CudaSolversTest {
    private static final int STEPS = 30;
    /** Of a coordinate, relative to the vector's largest, after {@link #STEPS} steps. */
    private static final double TOLERANCE = 1e-4;

    private static BilevelProblem problem(final Device device, final String solver) {
        return switch (solver) {
            case "ian-sgd", "nsgd" -> new PhaseRetrieval(device, new PhaseRetrieval.Settings(60, 5, 9, .1, 4), 2);
            case "dsgda-gt" ->
                new DecentralisedQuadratic(
                        device,
                        List.of(Quadratic.Data.random(3, 4, 5, .5, 0, 1), Quadratic.Data.random(3, 4, 9, .5, 0, 2)),
                        .2,
                        1);
            case "m-sobirl", "sobirl" -> new TabularMdp(device, MdpTables.published(5, 3, 4, .6, 1, 3));
            default -> SuitedProblems.of(device, solver);
        };
    }

    private static Solver solver(final Device device, final String name) {
        final Solver solver = Solvers.create(name, problem(device, name), Map.of(), 3);
        solver.initialise();
        return solver;
    }

    @ParameterizedTest
    @ValueSource(strings = {"ian-sgd", "nsgd", "maml", "anil", "dsgda-gt", "m-sobirl", "sobirl"})
    void goTheSameWayWithoutWaiting(final String name) {
        try (CudaDevice cuda = Emulated.open();
                Device vector = Devices.choose("vector", 1).device()) {
            final Solver there = solver(cuda, name);
            final Solver here = solver(vector, name);
            there.step();
            here.step();
            final CudaDevice.Statistics before = cuda.statistics();
            for (int k = 1; k < STEPS; k++) {
                there.step();
                here.step();
            }
            final CudaDevice.Statistics after = cuda.statistics();
            assertEquals(before.synchronisations(), after.synchronisations(), name + " waits");
            assertEquals(before.allocations(), after.allocations(), name + " allocates");
            assertEquals(before.kernels(), after.kernels(), name + " launches kernels one by one");
            assertEquals(STEPS, there.iteration());
            assertEquals(here.calls().total(), there.calls().total(), name + ": oracle calls");
            assertEquals(here.calls().lowerGradientY(), there.calls().lowerGradientY(), name + ": calls for ∇_y g");
            assertClose(name + " x", here.x().toDoubles(), there.x().toDoubles());
            assertClose(name + " y", here.y().toDoubles(), there.y().toDoubles());
        }
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
}
