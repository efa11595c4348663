package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.Cosh;
import borep.solver.cases.SuitedProblems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What all solvers promise: repetition, resuming, a description; and which of them unbounded smoothness drives away. */
class SolversTest {
    /** They take problems of one kind: where f sees x, where y can begin at x, decision processes. */
    private static final List<String> PARTICULAR = List.of("ian-sgd", "nsgd", "maml", "m-sobirl", "sobirl");

    private final Device device = new ReferenceDevice();

    private static List<String> names() {
        return Solvers.kinds().stream().map(Solvers.Kind::name).toList();
    }

    private static Solver solver(final String name, final BilevelProblem problem, final Map<String, String> settings) {
        final Solver solver = Solvers.create(name, problem, settings, 7);
        solver.initialise();
        return solver;
    }

    /** On a text problem: repeated bit for bit, and resumed from a checkpoint bit for bit. */
    @ParameterizedTest
    @MethodSource("names")
    void runsRepeatAndResume(final String name) {
        int problems = 0;
        for (final BilevelProblem problem : SuitedProblems.all(device, name)) {
            final Solver whole = solver(name, problem, Map.of());
            for (int k = 0; k < 7; k++) {
                whole.step();
            }
            final Map<String, double[]> checkpoint = new HashMap<>();
            whole.state().forEach((vector, values) -> checkpoint.put(vector, values.toDoubles()));
            for (int k = 0; k < 5; k++) {
                whole.step();
            }
            final Solver resumed = solver(name, problem, Map.of());
            resumed.state().forEach((vector, values) -> values.set(checkpoint.get(vector)));
            resumed.resume(7);
            for (int k = 0; k < 5; k++) {
                resumed.step();
            }
            final String where = name + " on " + problem.getClass().getSimpleName();
            assertEquals(12, resumed.iteration());
            assertArrayEquals(whole.x().toDoubles(), resumed.x().toDoubles(), where);
            assertArrayEquals(whole.y().toDoubles(), resumed.y().toDoubles(), where);
            resumed.metrics().requireFinite(12);
            assertEquals(12, whole.metrics().records().written(), where);
            problems++;
        }
        assertEquals(PARTICULAR.contains(name) ? 1 : 5, problems);
    }

    /** Where smoothness grows with the gradient (cosh), normalised and adaptive steps arrive and fixed ones of the same size leave. */
    @ParameterizedTest
    @CsvSource({
        "bo-rep, true",
        "slip, true",
        "accbo, true",
        "adambo, true",
        "vr-adambo, true",
        "soba, false",
        "ma-soba, false",
        "stocbio, false",
        "ttsa, false",
        "sustain, false",
        "mrbo, false",
        "amigo-gd, false",
        "amigo-cg, false",
        "aid-fp, false",
        "aid-cg, false",
        "subbio, false",
        "lancbio, false",
        "itd, false",
        "f2sa, false",
        "f3sa, false",
        "saba, false",
        "srba, false",
        "vrbo, false",
        "hoag, false",
        "unibio, true"
    })
    void unboundedSmoothnessSeparatesThem(final String name, final boolean arrives) {
        final Cosh problem = new Cosh(device, new double[][] {{1, 0}, {0, 4}}, .5, new double[] {10, -8});
        final Map<String, String> settings = new HashMap<>(Map.of(
                "eta",
                "0.05",
                "alpha",
                "0.1",
                "gamma",
                "0.1",
                "neumann.step",
                "0.1",
                "neumann.kind",
                "sum",
                "refinement.steps",
                "10"));
        settings.put("hessianStep", "0.1");
        settings.put("adaptive", "false");
        settings.keySet().retainAll(Solvers.kind(name).settings().keySet());
        final Solver solver = solver(name, problem, settings);
        double largest = 0;
        for (int k = 0; k < 6000; k++) {
            solver.step();
            for (final double value : solver.x().toDoubles()) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        assertEquals(arrives, !solver.metrics().records().isClosed(), name + " stays finite");
        final double[] x = solver.x().toDoubles();
        if (arrives) {
            assertTrue(Math.hypot(x[0], x[1]) < 1, name + " is at " + x[0] + ", " + x[1]);
            assertTrue(largest < 11, name + " went to " + largest);
        } else {
            final boolean atOnce = solver.metrics().records().written() == 1; // the first step is undone
            assertTrue(atOnce || largest > 500, name + " went no further than " + largest); // the last finite one
        }
    }

    @Test
    void kindsAreDescribed() {
        assertTrue(Solvers.kinds().size() >= 23);
        for (final Solvers.Kind kind : Solvers.kinds()) {
            assertTrue(kind.name().matches("[a-z0-9-]+"), kind.name());
            assertFalse(kind.settings().isEmpty(), kind.name());
            assertTrue(kind.oracles().contains("∇_x f"), kind.name());
            assertTrue(kind.paper().matches(".*(19|20|arXiv ).*"), kind.name());
            assertFalse(kind.problems().isBlank() || kind.calls().isBlank(), kind.name());
        }
        assertEquals(Solvers.kinds().size(), names().stream().distinct().count());
    }
}
