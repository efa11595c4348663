package borep.solver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.kernel.reference.ReferenceDevice;
import borep.problem.LogSumExp;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** LancBiO and SubBiO on LancBiO's synthetic problem, whose lower Hessian changes with both variables. */
class SubspaceSolversTest {
    private final LogSumExp problem = new LogSumExp(new ReferenceDevice(), LogSumExp.Data.random(8, .5, 30, 9));

    private Solver solver(final String name, final Map<String, String> further) {
        final Map<String, String> settings =
                new HashMap<>(Map.of("eta", "0.1", "alpha", "0.03", "hessianStep", "0.03", "gamma", "0.03"));
        settings.putAll(further);
        settings.keySet().retainAll(Solvers.kind(name).settings().keySet());
        final Solver solver = Solvers.create(name, problem, settings, 1);
        solver.initialise();
        return solver;
    }

    private static double distance(final double[] a, final double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    /** How far z is from the solution of the linear system at (x, y*(x)). */
    private double systemError(final Solver solver) {
        return distance(
                solver.z().toDoubles(), problem.systemSolution(solver.x().toDoubles()));
    }

    @ParameterizedTest
    @CsvSource({"lancbio, 1", "lancbio, 3", "lancbio, 8", "subbio, 2"})
    void theyReachAStationaryPoint(final String name, final String period) {
        final Solver solver = solver(name, Map.of("period", period));
        final double[] none = new double[8];
        final double before = distance(problem.hypergradient(solver.x().toDoubles()), none);
        for (int k = 0; k < 4000; k++) {
            solver.step();
        }
        final double after = distance(problem.hypergradient(solver.x().toDoubles()), none);
        assertTrue(after < 1e-7 * before, "‖∇Φ‖ from " + before + " to " + after);
        assertTrue(systemError(solver) < 1e-7, "z is off by " + systemError(solver));
    }

    /** What a Krylov space is for: after as many iterations z is nearer to the solution than by as many gradient steps. */
    @Test
    void aKrylovSpaceSolvesTheSystemSooner() {
        final Solver krylov = solver("lancbio", Map.of("period", "8"));
        final Solver gradient = solver("amigo-gd", Map.of("lowerSteps", "1", "linearSteps", "1"));
        for (int k = 0; k < 64; k++) {
            krylov.step();
            gradient.step();
        }
        assertTrue(
                systemError(krylov) < 0.5 * systemError(gradient),
                systemError(krylov) + " against " + systemError(gradient));
    }
}
