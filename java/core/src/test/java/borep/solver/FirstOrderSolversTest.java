package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** F2SA and F3SA: the penalty point, STORM on six gradients, the paper's exponents. */
class FirstOrderSolversTest {
    private static final Map<String, String> TABLE =
            Map.of("eta", "0.05", "alpha", "0.05", "gamma", "0.3", "lambda", "5", "growth", "0");

    private final Device device = new ReferenceDevice();

    private static Solver run(
            final String name, final BilevelProblem problem, final Map<String, String> settings, final int steps) {
        final Solver solver = Solvers.create(name, problem, settings, 7);
        solver.initialise();
        for (int k = 0; k < steps; k++) {
            solver.step();
        }
        return solver;
    }

    private static Map<String, String> table(final String... further) {
        final Map<String, String> settings = new HashMap<>(TABLE);
        for (int i = 0; i < further.length; i += 2) {
            settings.put(further[i], further[i + 1]);
        }
        return settings;
    }

    /** The minimiser of the penalty function at λ = 5 on the worked quadratic. */
    @ParameterizedTest
    @ValueSource(strings = {"f2sa", "f3sa"})
    void endsAtThePenaltyPoint(final String name) {
        final Solver solver = run(name, SolvedProblemCases.golden(device), TABLE, 3000);
        assertArrayEquals(
                new double[] {-1.6327395457, -1.3002285351}, solver.x().toDoubles(), 1e-7);
    }

    /** With nothing set, too: a λ that stays, and steps of y that suit it. */
    @ParameterizedTest
    @ValueSource(strings = {"f2sa", "f3sa"})
    void endsAtThePenaltyPointByDefault(final String name) {
        final Solver solver = run(name, SolvedProblemCases.golden(device), Map.of(), 8000);
        solver.metrics().requireFinite(8000);
        assertArrayEquals(
                new double[] {-1.6327395457, -1.3002285351}, solver.x().toDoubles(), 1e-3);
    }

    /** STORM's identity: without noise the estimates are the gradients, for every weight, so F3SA is F2SA. */
    @ParameterizedTest
    @ValueSource(strings = {"0.01", "0.3", "1", "1/power:0.8"})
    void withoutNoiseEveryWeightIsF2sa(final String weight) {
        for (final String coupled : new String[] {"false", "true"}) {
            final Solver plain = run("f2sa", SolvedProblemCases.golden(device), table("coupled", coupled), 100);
            final Solver storm =
                    run("f3sa", SolvedProblemCases.golden(device), table("coupled", coupled, "weight", weight), 100);
            assertArrayEquals(plain.x().toDoubles(), storm.x().toDoubles(), 1e-12, weight);
            assertArrayEquals(plain.y().toDoubles(), storm.y().toDoubles(), 1e-12, weight);
        }
    }

    /** With noise they are not: where nothing moves, each estimate's variance is w / (2 − w) of its gradient's. */
    @Test
    void withNoiseStormIsQuieter() {
        final double[] raw = variances("1");
        final double[] quiet = variances("0.1");
        for (int i = 0; i < ESTIMATES.length; i++) {
            assertTrue(raw[i] > 1e-3, ESTIMATES[i] + " has no noise");
            assertEquals(.1 / 1.9, quiet[i] / raw[i], .02, ESTIMATES[i]);
        }
    }

    /** The noisy ones: ∇_x f is ρx in every term. */
    private static final String[] ESTIMATES = {"lowerAtW", "upperAtY", "lowerAtY", "lowerXAtY", "lowerXAtW"};

    /** Variance of the first coordinate of every estimate, x, y and w held where they are. */
    private double[] variances(final String weight) {
        final Solver solver = still("f3sa", "weight", weight);
        final double[] sums = new double[ESTIMATES.length];
        final double[] squares = new double[ESTIMATES.length];
        final int steps = 10_000;
        for (int k = -200; k < steps; k++) {
            solver.step();
            for (int i = 0; i < sums.length && k >= 0; i++) {
                final double value = solver.state().get(ESTIMATES[i]).get(0);
                sums[i] += value / steps;
                squares[i] += value * value / steps;
            }
        }
        final double[] variances = new double[sums.length];
        Arrays.setAll(variances, i -> squares[i] - sums[i] * sums[i]);
        return variances;
    }

    /** On the noisy sum with steps of no length, y = w away from 0. */
    private Solver still(final String name, final String... further) {
        final Map<String, String> settings = table(further);
        settings.putAll(Map.of("eta", "1e-300", "alpha", "1e-300", "gamma", "1e-300"));
        final Solver solver = run(name, ProblemCases.quadraticSum(device, 5), settings, 0);
        solver.y().set(new double[] {.4, -.7, 1.1});
        solver.state().get("w").set(new double[] {.4, -.7, 1.1});
        return solver;
    }

    /** λ_k = γ_k / (2 α_k) grows like (k + 1)^(a − c). */
    @ParameterizedTest
    @EnumSource(F2sa.Noise.class)
    void thePapersMultiplierGrows(final F2sa.Noise noise) {
        final double slow = switch (noise) {
            case BOTH -> 1 / 7.0;
            case UPPER -> 1 / 5.0;
            case NONE -> 1 / 3.0;
        };
        final double storm = switch (noise) {
            case BOTH -> 1 / 5.0;
            case UPPER -> 1 / 4.0;
            case NONE -> 1 / 3.0;
        };
        final Solver f2sa = new F2sa(SolvedProblemCases.golden(device), F2sa.Settings.paper(noise, .05, .02, .2), 7);
        final Solver f3sa = new F3sa(SolvedProblemCases.golden(device), F3sa.Settings.paper(noise, .05, .02, .2), 7);
        f2sa.initialise();
        f3sa.initialise();
        for (int k = 0; k < 100; k++) {
            f2sa.step();
            f3sa.step();
            final int penalty = f2sa.metrics().names().indexOf("penalty");
            assertEquals(5 * Math.pow(k + 1, slow), f2sa.metrics().get(penalty), 1e-12);
            assertEquals(5 * Math.pow(k + 1, storm), f3sa.metrics().get(penalty), 1e-12);
        }
    }

    /** With a growing multiplier the bias of the penalty vanishes: x comes nearer to the minimiser than λ = 5 allows. */
    @Test
    void aGrowingMultiplierLosesItsBias() {
        final Solver solver =
                new F2sa(SolvedProblemCases.golden(device), F2sa.Settings.paper(F2sa.Noise.NONE, .05, .05, .5), 7);
        solver.initialise();
        for (int k = 0; k < 20_000; k++) {
            solver.step();
        }
        final double[] x = solver.x().toDoubles();
        final double distance = Math.hypot(x[0] + 1.6844602610, x[1] + 1.3309608541);
        assertTrue(distance < .01, "the penalty point at λ = 5 is 0.060 away, this one " + distance);
    }

    /** One sample for both ∇_x g: where y = w their difference is 0, with two samples it is noise. */
    @ParameterizedTest
    @ValueSource(strings = {"f2sa", "f3sa"})
    void aCommonSampleCancels(final String name) {
        final double[] x = {1, -2};
        final double exact = .3 * Math.hypot(x[0], x[1]); // ∇_x f = ρx
        final Solver common = still(name, "commonSample", "true");
        final Solver apart = still(name, "commonSample", "false");
        int noisy = 0;
        for (int k = 0; k < 50; k++) {
            common.step();
            apart.step();
            final int norm = common.metrics().names().indexOf("hypergradientNorm");
            assertEquals(exact, common.metrics().get(norm), 1e-12);
            noisy += Math.abs(apart.metrics().get(norm) - exact) > 1e-2 ? 1 : 0;
        }
        assertTrue(noisy > 25, noisy + " of 50 differ");
    }
}
