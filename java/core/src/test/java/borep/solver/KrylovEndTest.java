package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.problem.Cosh;
import borep.problem.Quadratic;
import borep.problem.SolvedProblem;
import borep.problem.UniformlyConvex;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Subspaces that end: directions of rounding alone, and of length next to nothing, are left out. */
class KrylovEndTest {
    private static Solver solver(final String name, final SolvedProblem problem, final String... settings) {
        final Map<String, String> all = new HashMap<>(Map.of("period", "10"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        all.keySet().retainAll(Solvers.kind(name).settings().keySet());
        final Solver solver = Solvers.create(name, problem, all, 1);
        solver.initialise();
        return solver;
    }

    private static void steps(final Solver solver, final int count) {
        for (int k = 0; k < count; k++) {
            solver.step();
            solver.metrics().requireFinite(k);
        }
    }

    private static double norm(final double... a) {
        double sum = 0;
        for (final double ai : a) {
            sum += ai * ai;
        }
        return Math.sqrt(sum);
    }

    /** One eigenvalue: the second vector would be noise. */
    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void ofAMultipleOfTheIdentity(final String where) {
        try (Device device = Devices.choose(where, 1).device()) {
            final Quadratic problem = new Quadratic(
                    device,
                    new Quadratic.Data(
                            new double[][] {{1.7, 0, 0}, {0, 1.7, 0}, {0, 0, 1.7}},
                            new double[][] {{1, .3}, {.5, -1}, {-.2, .8}},
                            new double[] {.1, -.2, .3},
                            new double[][] {{1, .5, 0}, {0, 1, -.3}, {.2, 0, 1}},
                            new double[] {1, -1, .5},
                            .1,
                            0,
                            new double[] {1, 2}));
            final Solver solver = solver("lancbio", problem, "eta", "0.02", "alpha", "0.3");
            steps(solver, 3000);
            assertEquals(0, norm(problem.hypergradient(solver.x().toDoubles())), 1e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void ofTwoEigenvaluesOutOfFour(final String where) {
        try (Device device = Devices.choose(where, 1).device()) {
            final double[][] a = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 4, 0}, {0, 0, 0, 4}};
            final Cosh problem = new Cosh(device, a, .5, new double[] {1, -.8, .6, -1.2});
            final Solver solver = solver("lancbio", problem, "eta", "0.02", "alpha", "0.2");
            steps(solver, 3000);
            assertEquals(0, norm(solver.x().toDoubles()), 1e-6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void ofTheUniformlyConvexProblem(final String where) {
        try (Device device = Devices.choose(where, 1).device()) {
            final UniformlyConvex problem = new UniformlyConvex(device, 2, 1, .5, -.7);
            final Solver solver = solver("lancbio", problem, "eta", "0.05", "alpha", "0.3");
            for (int k = 0; k < 500; k++) {
                steps(solver, 1);
                final double off = norm(solver.z().toDoubles());
                assertTrue(off < 10, "z is " + off + " long after step " + k);
            }
            assertEquals(0, norm(problem.hypergradient(solver.x().toDoubles())), 1e-4);
        }
    }

    /** With one number y's second direction is the first one: v = b / H, as exactly as the device divides. */
    @ParameterizedTest
    @CsvSource({"vector, 1e-6", "reference, 1e-14"})
    void subBioWithOneNumber(final String where, final double digits) {
        try (Device device = Devices.choose(where, 1).device()) {
            final Quadratic problem = new Quadratic(
                    device,
                    new Quadratic.Data(
                            new double[][] {{1.7}},
                            new double[][] {{1, .3}},
                            new double[] {.1},
                            new double[][] {{1.1}, {-.7}},
                            new double[] {1, 2},
                            .1,
                            0,
                            new double[] {1, 2}));
            final Solver solver = solver("subbio", problem, "eta", "0.05", "alpha", "0.3", "hessianStep", "0.3");
            for (int k = 0; k < 300; k++) {
                steps(solver, 1);
                final double y = solver.y().get(0);
                final double b = 1.1 * (1.1 * y - 1) - .7 * (-.7 * y - 2);
                assertEquals(b / 1.7, solver.z().get(0), digits * Math.max(1, Math.abs(b)), "step " + k);
            }
        }
    }

    /** A residual of 1e-40 has no reciprocal among float32. */
    @ParameterizedTest
    @ValueSource(strings = {"lancbio", "subbio"})
    void atASolutionWhereAllIsNextToNothing(final String name) {
        try (Device device = Devices.choose("vector", 1).device()) {
            final Cosh problem = new Cosh(device, new double[][] {{1, 0}, {0, 4}}, .5, new double[] {1, -.8});
            final Solver solver = solver(name, problem, "eta", "0.05", "alpha", "0.2", "hessianStep", "0.2");
            steps(solver, 5000);
            assertEquals(0, norm(solver.x().toDoubles()), 1e-30);
        }
    }
}
