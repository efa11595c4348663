package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.UniformlyConvex;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** UniBiO on the toy it comes from ({@link borep.problem.UniformlyConvex}), whose lower level is not strongly convex for p > 2. */
class UniBioTest {
    private final Device device = new ReferenceDevice();

    private static Solver solver(final UniformlyConvex problem, final Map<String, String> settings) {
        final Solver solver = Solvers.create("unibio", problem, settings, 7);
        solver.initialise();
        return solver;
    }

    /** The public code's settings: T = 500, β = 0.9, I = 2, η by p. From x = 1 to −π/2, Φ* = −sin 1. */
    @ParameterizedTest
    @CsvSource({"2, 0.05, 4", "4, 0.03, 3", "6, 0.02, 3", "8, 0.01, 3"})
    void endsAtTheMinimiser(final int exponent, final double eta, final int epochs) {
        final UniformlyConvex problem = new UniformlyConvex(device, exponent, 1);
        final Solver solver = solver(
                problem,
                Map.of(
                        "eta",
                        Double.toString(eta),
                        "exponent",
                        Integer.toString(exponent),
                        "epochSgd.epochs",
                        Integer.toString(epochs),
                        "epochSgd.steps",
                        "5",
                        "epochSgd.step",
                        exponent == 2 ? "1" : "0.5",
                        "epochSgd.radius",
                        "1"));
        for (int k = 0; k < 500; k++) {
            solver.step();
        }
        assertEquals(-Math.PI / 2, solver.x().get(0), 5 * eta); // a step has always the length η
        assertEquals(-Math.sin(1), problem.objective(solver.x().toDoubles()), .02);
    }

    /** Epoch s makes ⌊T_0 2^(2(p−1)s/p)⌋ steps: 5, 16 and 56 at p = 8, and y is the average of the last ones. */
    @Test
    void epochsGrowWithTheExponent() {
        final UniformlyConvex toy = new UniformlyConvex(device, 8, 1);
        final borep.problem.CountingProblem problem = new borep.problem.CountingProblem(toy);
        final Solver solver = Solvers.create(
                "unibio", problem, Map.of("exponent", "8", "epochSgd.epochs", "3", "epochSgd.steps", "5"), 7);
        solver.initialise();
        solver.step();
        assertEquals(5 + 16 + 56, problem.counts().lowerGradientY());
        solver.step();
        assertEquals(5 + 16 + 56, problem.counts().lowerGradientY());
        solver.step();
        assertEquals(2 * (5 + 16 + 56), problem.counts().lowerGradientY());
    }

    /** Shrinking balls: y never leaves the ball of radius Σ R_0 2^(−s/p) around where an update began. */
    @Test
    void balls() {
        final UniformlyConvex problem = new UniformlyConvex(device, 2, 1);
        final Solver solver = solver(
                problem,
                Map.of(
                        "epochSgd.epochs",
                        "2",
                        "epochSgd.steps",
                        "4",
                        "epochSgd.step",
                        "100",
                        "epochSgd.radius",
                        "0.01"));
        final double[] before = solver.y().toDoubles();
        solver.step();
        final double moved = Math.abs(solver.y().get(0) - before[0]);
        org.junit.jupiter.api.Assertions.assertTrue(moved <= .01 * (1 + Math.sqrt(.5)) + 1e-12, "moved " + moved);
        org.junit.jupiter.api.Assertions.assertTrue(moved > 0);
    }

    @Test
    void rangesAreChecked() {
        final UniformlyConvex problem = new UniformlyConvex(device, 2, 1);
        assertEquals(
                "exponent 1.5: must be finite and at least 2",
                assertThrows(IllegalArgumentException.class, () -> solver(problem, Map.of("exponent", "1.5")))
                        .getMessage());
        assertEquals(
                "epochSgd.epochs 0: must be at least 1",
                assertThrows(IllegalArgumentException.class, () -> solver(problem, Map.of("epochSgd.epochs", "0")))
                        .getMessage());
    }

    /** BO-REP's refinement is the same epoch-SGD with p = 2: one update from the same point gives the same y. */
    @Test
    void boRepRefinesLikeOneUpdate() {
        final UniformlyConvex problem = new UniformlyConvex(device, 2, 1);
        final Map<String, String> epochs = Map.of("epochs", "3", "steps", "5", "step", "0.1", "radius", "1");
        final Map<String, String> ours = new java.util.HashMap<>();
        final Map<String, String> theirs = new java.util.HashMap<>();
        epochs.forEach((name, value) -> {
            ours.put("epochSgd." + name, value);
            theirs.put("refinement." + name, value);
        });
        final Solver uniBio = solver(problem, ours);
        final Solver boRep = Solvers.create("bo-rep", problem, theirs, 7);
        boRep.initialise();
        uniBio.step();
        boRep.step();
        assertArrayEquals(boRep.y().toDoubles(), uniBio.y().toDoubles());
    }
}
