package borep.experiment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.solver.Hyperparameters;
import borep.solver.Solver;
import borep.solver.Solvers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every solver on every problem with a known solution, by the names of the command line: it runs, or says in one sentence why not. */
class SolversOnProblemsTest {
    /** Those whose f does not see x itself. */
    private static final Set<String> UPPER_SEES_Y_ALONE = Set.of("ridge", "uniformly-convex", "mdp");

    private static final Set<String> ONE_LEVEL = Set.of("ian-sgd", "nsgd");
    private static final Set<String> DECISION_PROCESSES = Set.of("m-sobirl", "sobirl");
    private final Device device = new ReferenceDevice();

    static List<ExperimentKind> kinds() {
        return Experiments.kinds().stream()
                .filter(SolvedExperiment.Kind.class::isInstance)
                .toList();
    }

    private Solver solver(final ExperimentKind kind, final String solver, final Map<String, String> changes) {
        final RunSettings settings = Hyperparameters.with(
                Hyperparameters.with(kind.preset(), changes), Map.of("solver", solver, "steps", "5"));
        return kind.open(device, settings, kind.solverPreset(solver))
                .phases()
                .getLast()
                .solver()
                .get();
    }

    private static double[] x(final Solver solver, final int steps) {
        solver.initialise();
        for (int k = 0; k < steps; k++) {
            solver.step();
        }
        return solver.x().toDoubles();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void runsOrSaysWhyNot(final ExperimentKind kind) {
        final Set<String> refused = new TreeSet<>();
        for (final Solvers.Kind solver : Solvers.kinds()) {
            try {
                final Solver made = solver(kind, solver.name(), Map.of());
                x(made, 5); // fewer where smoothness is unbounded and the solver diverges
                assertTrue(made.iteration() > 0, solver.name());
            } catch (IllegalArgumentException e) {
                refused.add(solver.name());
                assertTrue(
                        e.getMessage().matches("(" + solver.name() + ": |this problem's )[^\\n]*; [^\\n.]*"),
                        e.getMessage());
            }
        }
        final Set<String> expected = new TreeSet<>();
        if (UPPER_SEES_Y_ALONE.contains(kind.name())) {
            expected.addAll(ONE_LEVEL);
        }
        if (!kind.name().equals("mdp")) {
            expected.addAll(DECISION_PROCESSES);
        }
        final Solver any = solver(kind, "slip", Map.of());
        if (any.x().size() != any.y().size()) {
            expected.add("maml");
        }
        assertEquals(expected, refused, kind.name());
    }

    /** Another seed is other samples of the same problem, and the same seed the same run. */
    @ParameterizedTest
    @CsvSource({
        "phase-retrieval, ian-sgd, batch, 8",
        "decentralised-quadratic, dsgda-gt, sigma, 0.1",
        "quadratic-sum, saba, terms, 5",
        "quadratic, slip, sigma, 0.1"
    })
    void seedsChooseSamples(final String problem, final String name, final String setting, final String value) {
        final ExperimentKind kind = Experiments.kind(problem);
        final Map<String, String> one = Map.of("seed", "1", setting, value);
        final Map<String, String> two = Map.of("seed", "2", setting, value);
        assertArrayEquals(x(solver(kind, name, one), 0), x(solver(kind, name, two), 0));
        final double[] moved = x(solver(kind, name, one), 5);
        assertArrayEquals(moved, x(solver(kind, name, one), 5));
        assertNotEquals(moved[0], x(solver(kind, name, two), 5)[0]);
        assertFalse(Double.isNaN(moved[0]));
    }
}
