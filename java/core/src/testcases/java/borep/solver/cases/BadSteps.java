package borep.solver.cases;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Ring;
import borep.problem.cases.SpoiledProblem;
import borep.solver.DivergedException;
import borep.solver.Solver;
import borep.solver.Solvers;
import java.util.Map;
import java.util.TreeMap;

/** A step that goes wrong, with every solver: it leaves no trace in the state, and the run can go on as if it had never been made. */
public final class BadSteps {
    private static final int GOOD = 5;

    private BadSteps() {}

    /** Number of solvers that passed. */
    public static int check(final Device device) {
        int checked = 0;
        for (final Solvers.Kind kind : Solvers.kinds()) {
            check(kind.name(), SpoiledProblem.of(SuitedProblems.of(device, kind.name())));
            checked++;
        }
        return checked;
    }

    private static void check(final String name, final SpoiledProblem problem) {
        final Solver solver = Solvers.create(name, problem, Map.of(), 3);
        final Ring records = solver.metrics().records();
        solver.initialise();
        steps(solver, GOOD);
        records.await(GOOD);
        assertFalse(records.isClosed(), name);
        final Map<String, double[]> good = state(solver);

        problem.spoil(true);
        steps(solver, 4);
        records.await(GOOD + 4); // ends although three of these never come
        assertTrue(records.isClosed(), name);
        assertEquals(GOOD + 1, records.written(), name + ": the bad step's record is the last");
        assertEquals(GOOD, solver.iteration(), name + ": bad steps are not counted");
        final Map<String, double[]> guarded = new TreeMap<>(good);
        guarded.keySet().removeIf(vector -> good.containsKey(vector + "Mean")); // SABA's tables are left to checkpoints
        assertTrue(guarded.size() == good.size() || name.equals("saba"), name);
        assertSame(name + " after bad steps", guarded, solver);
        final DivergedException refusal = assertThrows(
                DivergedException.class, () -> solver.metrics().requireFinite(GOOD, GOOD + 1));
        assertEquals(GOOD + 1, refusal.iteration());

        problem.spoil(false);
        solver.step();
        assertSame(name + " after a stop", guarded, solver);
        if (guarded.size() < good.size()) {
            good.forEach((vector, values) -> solver.state().get(vector).set(values));
        }
        solver.resume(GOOD);
        assertFalse(records.isClosed(), name);
        steps(solver, 3);
        final Solver whole = Solvers.create(name, problem, Map.of(), 3);
        whole.initialise();
        steps(whole, GOOD + 3);
        assertEquals(GOOD + 3, solver.iteration(), name);
        assertSame(name + " going on", state(whole), solver);
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

    private static void assertSame(final String when, final Map<String, double[]> expected, final Solver solver) {
        expected.forEach((name, values) ->
                assertArrayEquals(values, solver.state().get(name).toDoubles(), when + ": " + name));
    }
}
