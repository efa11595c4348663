package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.AllocationProbe;
import borep.device.Device;
import borep.device.Devices;
import borep.problem.BilevelProblem;
import borep.problem.Decentralised;
import borep.problem.MdpTables;
import borep.problem.NoisyProblem;
import borep.problem.PhaseRetrieval;
import borep.problem.Quadratic;
import borep.problem.TabularMdp;
import borep.problem.cases.ProblemCases;
import borep.solver.cases.SuitedProblems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Solvers on the problems that they are made for: steps in their steady state put nothing on the heap. */
class SolverAllocationTest {
    @ParameterizedTest
    @CsvSource({"ian-sgd, vector", "nsgd, vector", "ian-sgd, reference", "nsgd, reference"})
    void singleLevel(final String name, final String where) throws ReflectiveOperationException {
        try (Device device = Devices.choose(where, 1).device()) {
            check(name, new PhaseRetrieval(device, new PhaseRetrieval.Settings(40, 6, 8, .1, 3), 1), Map.of());
        }
    }

    @ParameterizedTest
    @CsvSource({"vector", "reference"})
    void decentralised(final String where) throws ReflectiveOperationException {
        try (Device device = Devices.choose(where, 1).device()) {
            final List<NoisyProblem> agents = IntStream.range(0, 3)
                    .mapToObj(i -> new NoisyProblem(
                            new Quadratic(device, Quadratic.Data.random(2, 3, 4, .5, 0, i)), .5, .5, i))
                    .toList();
            check("dsgda-gt", new Decentralised(agents), Map.of());
            check("bo-rep", new Decentralised(agents), Map.of("refinement.epochs", "1"));
        }
    }

    @ParameterizedTest
    @CsvSource({"maml, vector", "anil, vector", "maml, reference", "anil, reference"})
    void metaLearning(final String name, final String where) throws ReflectiveOperationException {
        try (Device device = Devices.choose(where, 1).device()) {
            check(name, SuitedProblems.of(device, name), Map.of("tasks", "2", "lowerSteps", "2"));
        }
    }

    @ParameterizedTest
    @CsvSource({"m-sobirl, vector", "sobirl, vector", "m-sobirl, reference", "sobirl, reference", "slip, vector"})
    void reinforcementLearning(final String name, final String where) throws ReflectiveOperationException {
        try (Device device = Devices.choose(where, 1).device()) {
            check(name, new TabularMdp(device, MdpTables.published(5, 3, 4, .5, 1, 2)), Map.of());
        }
    }

    private static Stream<Arguments> everywhere() {
        return Stream.of("vector", "reference")
                .flatMap(where -> Solvers.kinds().stream().map(kind -> Arguments.of(kind.name(), where)));
    }

    /** On text, in batches, and on a sum of quadratics where the solver takes it. */
    @ParameterizedTest
    @MethodSource("everywhere")
    void everySolver(final String name, final String where) throws ReflectiveOperationException {
        try (Device device = Devices.choose(where, 1).device()) {
            final Map<String, String> settings = new HashMap<>(Map.of("refinement.epochs", "1", "largeBatch", "0"));
            settings.keySet().retainAll(Solvers.kind(name).settings().keySet());
            check(name, SuitedProblems.of(device, name), settings);
            if (!List.of("maml", "m-sobirl", "sobirl").contains(name)) {
                check(name, ProblemCases.quadraticSum(device, 5), settings);
            }
        }
    }

    private static void check(final String name, final BilevelProblem problem, final Map<String, String> settings)
            throws ReflectiveOperationException {
        final Solver solver = Solvers.create(name, problem, settings, 3);
        solver.initialise();
        assertEquals(0, new AllocationProbe(thread -> false).steadyBytes(solver::step), name);
    }
}
