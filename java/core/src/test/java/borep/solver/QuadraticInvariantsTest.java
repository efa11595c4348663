package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Philox;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.NoisyProblem;
import borep.problem.Quadratic;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold exactly on the worked quadratic, beside the tables of {@link WorkedQuadraticTest}. */
class QuadraticInvariantsTest {
    private static final double[][] A = {{2, .5}, {.5, 1}};
    private static final double[][] B = {{1, 0}, {.5, -1}};
    private static final double[] OFFSET = {.1, -.2};
    private static final double[][] C = {{1, .5}, {0, 1}};
    private static final double[] D = {1, -1};
    private static final double RHO = .1;
    private static final double PRINTED = 1e-9;

    private final Device device = new ReferenceDevice();
    private final Quadratic problem = new Quadratic(device, Quadratic.Data.worked(0));

    private Solver solver(final String name, final Map<String, String> settings) {
        return solver(name, problem, settings);
    }

    private static Solver solver(final String name, final BilevelProblem problem, final Map<String, String> settings) {
        final Solver solver = Solvers.create(name, problem, settings, 7);
        solver.initialise();
        return solver;
    }

    private static double[] times(final double[][] m, final double... v) {
        return new double[] {m[0][0] * v[0] + m[0][1] * v[1], m[1][0] * v[0] + m[1][1] * v[1]};
    }

    private static double[][] transposed(final double[][] m) {
        return new double[][] {{m[0][0], m[1][0]}, {m[0][1], m[1][1]}};
    }

    /** Cramer's rule. */
    private static double[] solve(final double[][] m, final double... v) {
        final double determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
        return new double[] {
            (v[0] * m[1][1] - m[0][1] * v[1]) / determinant, (m[0][0] * v[1] - v[0] * m[1][0]) / determinant
        };
    }

    private static double[] plus(final double[] a, final double factor, final double... b) {
        return new double[] {a[0] + factor * b[0], a[1] + factor * b[1]};
    }

    private static double dot(final double[] a, final double... b) {
        return a[0] * b[0] + a[1] * b[1];
    }

    /** Cᵀ(Cy − d). */
    private static double[] upperGradientY(final double... y) {
        return times(transposed(C), plus(times(C, y), -1, D));
    }

    private double distance(final double... x) {
        final double[] away = plus(x, -1, problem.minimiser(x).orElseThrow());
        return Math.sqrt(dot(away, away));
    }

    /** The table's first row; AID-CG whose y has settled is that method. */
    @Test
    void gradientDescentOnTheTrueObjective() {
        final Solver solver =
                solver("aid-cg", Map.of("eta", "0.05", "alpha", "0.5", "lowerSteps", "200", "linearSteps", "2"));
        final double[][] rows = {
            {1.0133673469, 1.8179591837}, {1.0219369117, 1.6497873386}, {1.0261702454, 1.4943352865}
        };
        double[] x = {1, 2};
        for (int k = 0; k < 1000; k++) {
            solver.step();
            x = plus(x, -.05, problem.hypergradient(x));
            assertArrayEquals(x, solver.x().toDoubles(), 1e-12, "step " + (k + 1));
            if (k < rows.length) {
                assertArrayEquals(rows[k], x, PRINTED);
            }
        }
        assertEquals(7.8e-7, distance(x), 5e-9);
    }

    /** As many steps of conjugate gradients as unknowns solve the system. */
    @ParameterizedTest
    @ValueSource(strings = {"amigo-cg", "aid-cg"})
    void conjugateGradientsSolveExactly(final String name) {
        final Solver solver = solver(name, Map.of("eta", "0.05", "alpha", "0.3", "linearSteps", "2"));
        for (int k = 0; k < 30; k++) {
            solver.step();
            final double[] z = solve(A, upperGradientY(solver.y().toDoubles()));
            assertArrayEquals(z, solver.z().toDoubles(), 1e-12, "step " + (k + 1));
        }
    }

    /** LancBiO with a subspace of one vector: steepest descent on the linear system with an exact line search. */
    @Test
    void lancBioOfOneVectorIsSteepestDescent() {
        final Solver solver = solver("lancbio", Map.of("eta", "0.05", "alpha", "0.3", "period", "1"));
        double[] z = {0, 0};
        for (int k = 0; k < 30; k++) {
            solver.step();
            final double[] r = plus(upperGradientY(solver.y().toDoubles()), -1, times(A, z));
            z = plus(z, dot(r, r) / dot(r, times(A, r)), r);
            assertArrayEquals(z, solver.z().toDoubles(), 1e-10, "step " + (k + 1));
        }
    }

    /** A subspace cannot have more vectors than y has numbers: what would follow is rounding. */
    @Test
    void lancBioOfMoreVectorsThanUnknowns() {
        final Solver solver = solver("lancbio", Map.of("eta", "0.05", "alpha", "0.3", "period", "10"));
        for (int k = 0; k < 1000; k++) {
            solver.step();
        }
        assertTrue(distance(solver.x().toDoubles()) < 1e-5);
    }

    /** From z = 0 both subspaces are spanned by ∇_y f alone. */
    @Test
    void subBioAndLancBioBeginAlike() {
        final Solver one = solver("lancbio", Map.of("eta", "0.05", "alpha", "0.3", "period", "1"));
        final Solver other = solver("subbio", Map.of("eta", "0.05", "alpha", "0.3", "hessianStep", "0.3"));
        one.step();
        other.step();
        assertArrayEquals(one.x().toDoubles(), other.x().toDoubles(), 1e-12);
        assertArrayEquals(one.z().toDoubles(), other.z().toDoubles(), 1e-12);
    }

    /**
     * Every step of the random-index Neumann estimate is the one of the index it drew, Q η_H (I − η_H A)^p; enumerated, they average
     * to the sum of Q − 1 factors.
     */
    @Test
    void randomNeumannIndices() {
        final int terms = 6;
        final double step = .3;
        final Solver solver = solver(
                "ttsa",
                Map.of(
                        "eta", "0.05",
                        "alpha", "0.3",
                        "neumann.kind", "random",
                        "neumann.terms", Integer.toString(terms),
                        "neumann.step", Double.toString(step)));
        final Set<Integer> drawn = new HashSet<>();
        double[] x = {1, 2};
        for (int k = 0; k < 60; k++) {
            solver.step();
            final int p = Philox.below(terms, 7, k, Purpose.NEUMANN, 0);
            drawn.add(p);
            final double[] z = power(p, step, upperGradientY(solver.y().toDoubles()));
            final double[] estimate =
                    plus(new double[] {RHO * x[0], RHO * x[1]}, -terms * step, times(transposed(B), z));
            x = plus(x, -.05, estimate);
            assertArrayEquals(x, solver.x().toDoubles(), 1e-10, "step " + (k + 1) + ", p = " + p);
        }
        assertEquals(terms, drawn.size());
        double[] mean = {0, 0};
        for (int p = 0; p < terms; p++) {
            mean = plus(mean, step, power(p, step, 1, -2));
        }
        assertArrayEquals(new double[] {0.9317998125, -2.0621702813}, mean, PRINTED);
    }

    /** (I − step·A)^p v. */
    private static double[] power(final int p, final double step, final double... v) {
        double[] r = v;
        for (int k = 0; k < p; k++) {
            r = plus(r, -step, times(A, r));
        }
        return r;
    }

    /** Truncated Neumann sums have a fixed point of their own, where everybody who uses them ends. */
    @ParameterizedTest
    @ValueSource(strings = {"stocbio", "ttsa", "sustain", "mrbo"})
    void truncatedSumsEndAtTheirFixedPoint(final String name) {
        final Map<String, String> settings = new HashMap<>(Map.of(
                "eta", "0.05",
                "alpha", "0.3",
                "gamma", "0.3",
                "neumann.kind", "sum",
                "neumann.terms", "5",
                "neumann.step", "0.3"));
        settings.keySet().retainAll(Solvers.kind(name).settings().keySet());
        final Solver solver = solver(name, settings);
        for (int k = 0; k < 4000; k++) {
            solver.step();
        }
        assertArrayEquals(
                new double[] {-1.6510763652, -1.2887170432}, solver.x().toDoubles(), 1e-8);
    }

    /** Without noise STORM's correction is exact: every weight gives the same run. */
    @ParameterizedTest
    @ValueSource(strings = {"sustain", "mrbo"})
    void withoutNoiseStormIsTheGradient(final String name) {
        final Map<String, String> settings =
                Map.of("eta", "0.05", "alpha", "0.3", "neumann.kind", "sum", "neumann.step", "0.3");
        final Map<String, String> little = new HashMap<>(settings);
        little.putAll(Map.of("weightX", "0.1", "weightY", "0.1"));
        final Map<String, String> much = new HashMap<>(settings);
        much.putAll(Map.of("weightX", "0.9", "weightY", "0.9"));
        final Solver one = solver(name, little);
        final Solver other = solver(name, much);
        for (int k = 0; k < 50; k++) {
            one.step();
            other.step();
            assertArrayEquals(one.x().toDoubles(), other.x().toDoubles(), 1e-10, "step " + (k + 1));
        }
        // and with noise it matters
        final Solver noisy = solver(name, new NoisyProblem(problem, .1, .1, 3), little);
        final Solver noisier = solver(name, new NoisyProblem(problem, .1, .1, 3), much);
        for (int k = 0; k < 5; k++) {
            noisy.step();
            noisier.step();
        }
        assertTrue(Math.abs(noisy.x().get(0) - noisier.x().get(0)) > 1e-4);
    }

    /** The noise belongs to the iteration: resumed from a checkpoint a noisy run is the same, bit for bit. */
    @ParameterizedTest
    @ValueSource(strings = {"bo-rep", "slip", "accbo", "soba", "stocbio", "sustain", "lancbio", "f2sa"})
    void noisyRunsResume(final String name) {
        final BilevelProblem noisy = new NoisyProblem(problem, .1, .2, 3);
        final Solver whole = solver(name, noisy, Map.of());
        for (int k = 0; k < 7; k++) {
            whole.step();
        }
        final Map<String, double[]> checkpoint = new HashMap<>();
        whole.state().forEach((vector, values) -> checkpoint.put(vector, values.toDoubles()));
        final Solver resumed = solver(name, noisy, Map.of());
        resumed.state().forEach((vector, values) -> values.set(checkpoint.get(vector)));
        resumed.resume(7);
        final double[] before = whole.x().toDoubles();
        for (int k = 0; k < 5; k++) {
            whole.step();
        }
        for (int k = 0; k < 5; k++) {
            resumed.step();
        }
        assertArrayEquals(whole.x().toDoubles(), resumed.x().toDoubles());
        assertArrayEquals(whole.y().toDoubles(), resumed.y().toDoubles());
        assertTrue(!Arrays.equals(before, whole.x().toDoubles()), "x has moved");
    }

    /** F2SA ends where ρx + λBᵀ(y_λ − y*) = 0 with y_λ = (CᵀC + λA)⁻¹(Cᵀd − λ(Bx + c)); the bias falls like 1/λ. */
    @Test
    void f2saEndsAtThePenaltyPoint() {
        final double[] bias = new double[2];
        final int[] lambdas = {5, 50};
        for (int i = 0; i < 2; i++) {
            final double lambda = lambdas[i];
            final Solver solver = solver(
                    "f2sa",
                    Map.of(
                            "eta", "0.05",
                            "alpha", Double.toString(.25 / lambda),
                            "gamma", "0.3",
                            "lambda", Double.toString(lambda),
                            "growth", "0"));
            for (int k = 0; k < 6000; k++) {
                solver.step();
            }
            final double[] x = solver.x().toDoubles();
            final double[] pull = plus(times(B, x), 1, OFFSET);
            final double[][] h = new double[2][2];
            for (int row = 0; row < 2; row++) {
                final double[] column = times(transposed(C), C[0][row], C[1][row]);
                h[0][row] = column[0] + lambda * A[0][row];
                h[1][row] = column[1] + lambda * A[1][row];
            }
            final double[] penalised = solve(h, plus(times(transposed(C), D), -lambda, pull));
            final double[] gap = plus(penalised, -1, problem.lowerSolution(x));
            final double[] slope = plus(new double[] {RHO * x[0], RHO * x[1]}, lambda, times(transposed(B), gap));
            assertArrayEquals(new double[2], slope, 1e-8, "λ = " + lambda);
            assertArrayEquals(penalised, solver.y().toDoubles(), 1e-8, "y_λ, λ = " + lambda);
            bias[i] = distance(x);
        }
        assertEquals(10, bias[0] / bias[1], 2);
    }

    /** Where BO-REP circles: mean distance and objective over the last 500 of 3,000 steps, paper and public code. */
    @ParameterizedTest
    @CsvSource({"false, false, 0.322, 0.4247", "true, false, 0.032, 0.3363", "true, true, 16.3, 183"})
    void longRunsOfBoRep(final boolean official, final boolean contaminated, final double away, final double value) {
        final Map<String, String> settings = new HashMap<>(Map.of(
                "eta", "0.05",
                "alpha", "0.3",
                "gamma", "0.3",
                "updatePeriod", "2",
                "lowerSteps", "3",
                "ballRadius", "Infinity",
                "average", "false",
                "refinement.epochs", "0",
                "refinement.steps", "3"));
        settings.put("official.accumulate", Boolean.toString(official));
        settings.put("official.refreshAtStart", Boolean.toString(official));
        settings.put("official.newZ", Boolean.toString(official));
        settings.put("official.contaminate", Boolean.toString(contaminated));
        final Solver solver = solver("bo-rep", settings);
        double distances = 0;
        double values = 0;
        for (int k = 0; k < 3000; k++) {
            solver.step();
            if (k >= 2500) {
                final double[] x = solver.x().toDoubles();
                distances += distance(x) / 500;
                values += problem.objective(x) / 500;
            }
        }
        assertEquals(away, distances, .02 * away);
        assertEquals(value, values, .02 * value);
    }
}
