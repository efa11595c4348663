package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.AllocationProbe;
import borep.device.Device;
import borep.device.Devices;
import borep.kernel.Loss;
import borep.model.NetworkShape;
import borep.problem.BilevelProblem;
import borep.problem.TextProblem;
import borep.problem.cases.ProblemCases;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BO-REP on every text problem: steps allocate nothing, and a run repeated is the same run bit for bit. */
class SteadyStateTest {
    private static final BoRepSettings SETTINGS =
            Hyperparameters.with(BoRepSettings.DEFAULT, Map.of("refinement.epochs", "1"));

    @ParameterizedTest
    @ValueSource(strings = {"vector", "scalar", "reference"})
    void stepsAllocateNothing(final String name) throws ReflectiveOperationException {
        int checked = 0;
        try (Device device = Devices.choose(name, 1).device()) {
            for (final NetworkShape shape :
                    List.of(ProblemCases.shapes().get(1), ProblemCases.shapes().get(3))) {
                for (final TextProblem problem : ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 3)) {
                    allocatesNothing(problem, name + " " + shape);
                    checked++;
                }
            }
            for (final BilevelProblem problem : ProblemCases.dataProblems(device, 3)) {
                allocatesNothing(problem, name);
                checked++;
            }
        }
        assertEquals(24, checked);
    }

    private static void allocatesNothing(final BilevelProblem problem, final String name)
            throws ReflectiveOperationException {
        final BoRep solver = new BoRep(problem, SETTINGS, 3);
        solver.initialise();
        final AllocationProbe probe = new AllocationProbe(thread -> false);
        assertEquals(
                0,
                probe.steadyBytes(solver::step),
                name + " " + problem.getClass().getSimpleName());
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
