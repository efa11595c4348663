package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.CountingProblem;
import borep.problem.Decentralised;
import borep.problem.NoisyProblem;
import borep.problem.Quadratic;
import borep.problem.cases.SolvedProblemCases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DSGDA-GT: gradient tracking, consensus, the end point of all agents together, and one agent alone. */
class DsgdaGtTest {
    private static final double LAMBDA = 5;

    private final Device device = new ReferenceDevice();

    private static Quadratic.Data data(final int agent) {
        return Quadratic.Data.random(2, 3, 4, .5, 0, 40 + agent);
    }

    private Decentralised agents(final int count, final double noise) {
        return new Decentralised(IntStream.range(0, count)
                .mapToObj(i -> new NoisyProblem(new Quadratic(device, data(i)), noise, noise, i))
                .toList());
    }

    private static Solver run(final BilevelProblem problem, final Map<String, String> settings, final int steps) {
        final Solver solver = Solvers.create("dsgda-gt", problem, settings, 1);
        solver.initialise();
        for (int k = 0; k < steps; k++) {
            solver.step();
        }
        return solver;
    }

    /** Sum over the agents of one of a solver's vectors. */
    private static double[] sum(final Solver solver, final String name, final int agents) {
        final double[] all = solver.state().get(name).toDoubles();
        final double[] sum = new double[all.length / agents];
        for (int i = 0; i < all.length; i++) {
            sum[i % sum.length] += all[i];
        }
        return sum;
    }

    /** Whatever the noise and the weights: Σ s_i = Σ d_i after every step, while no tracker is its agent's gradient. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"ring", "complete", "0.6,0.4,0,0;0,0.6,0.4,0;0,0,0.6,0.4;0.4,0,0,0.6"})
    void trackersSumToTheGradients(final String mixing) {
        final Solver solver = run(agents(4, .7), Map.of("mixing", mixing), 0);
        for (int k = 0; k < 200; k++) {
            solver.step();
            for (final String variable : List.of("x", "y", "w")) {
                final double[] gradients = sum(solver, "gradients." + variable, 4);
                assertArrayEquals(gradients, sum(solver, "trackers." + variable, 4), 1e-11, variable + " " + k);
            }
        }
        final double tracker = solver.state().get("trackers.x").get(0);
        assertTrue(Math.abs(tracker - solver.state().get("gradients.x").get(0)) > 1e-3, mixing);
    }

    /** Without noise all agree, and where they are the penalty function of the averages is stationary, not that of any one. */
    @ParameterizedTest
    @CsvSource({"ring, 4", "complete, 4", "ring, 7"})
    void endsWhereTheAveragesAreStationary(final String mixing, final int n) {
        final Solver solver =
                run(agents(n, 0), Map.of("mixing", mixing, "eta", "0.02", "alpha", "0.1", "gamma", "0.1"), 8000);
        final double[] x = solver.x().toDoubles();
        final double[] y = solver.y().toDoubles();
        final double[] w = sum(solver, "agents.w", n);
        for (int i = 0; i < w.length; i++) {
            w[i] /= n;
        }
        assertEquals(0, solver.metrics().get(3), 1e-10); // disagreement
        final double[] byX = new double[2];
        final double[] byY = new double[3];
        final double[] byW = new double[3];
        double own = 0;
        for (int agent = 0; agent < n; agent++) {
            final Quadratic.Data d = data(agent);
            final double[] upper = transposeTimes(d.cUp(), minus(times(d.cUp(), y), d.d()));
            final double[] atY = plus(plus(times(d.a(), y), times(d.b(), x)), d.c());
            final double[] atW = plus(plus(times(d.a(), w), times(d.b(), x)), d.c());
            final double[] difference = transposeTimes(d.b(), minus(y, w));
            for (int i = 0; i < 3; i++) {
                byY[i] += upper[i] + LAMBDA * atY[i];
                byW[i] += atW[i];
                own = Math.max(own, Math.abs(atW[i]));
            }
            for (int i = 0; i < 2; i++) {
                byX[i] += d.rho() * x[i] + LAMBDA * difference[i];
            }
        }
        assertArrayEquals(new double[2], byX, 1e-9);
        assertArrayEquals(new double[3], byY, 1e-9);
        assertArrayEquals(new double[3], byW, 1e-9);
        assertTrue(own > .1, "agents hardly differ: " + own);
    }

    /** One agent, and several that are all the same: simultaneous F2SA with a y-step divided by λ, by hand. */
    @ParameterizedTest
    @CsvSource({"1, ring", "3, complete", "5, ring"})
    void oneAgentIsF2sa(final int n, final String mixing) {
        final Quadratic golden = SolvedProblemCases.golden(device);
        final BilevelProblem problem = n == 1 ? golden : new Decentralised(java.util.Collections.nCopies(n, golden));
        final Solver solver = run(problem, Map.of("mixing", mixing, "eta", "0.05", "alpha", "0.2", "gamma", "0.3"), 0);
        final double[][] a = {{2, .5}, {.5, 1}};
        final double[][] b = {{1, 0}, {.5, -1}};
        final double[] c = {.1, -.2};
        final double[][] cUp = {{1, .5}, {0, 1}};
        double[] x = {1, 2};
        double[] y = new double[2];
        double[] w = new double[2];
        for (int k = 0; k < 60; k++) {
            final double[] upper = transposeTimes(cUp, minus(times(cUp, y), new double[] {1, -1}));
            final double[] atY = plus(plus(times(a, y), times(b, x)), c);
            final double[] atW = plus(plus(times(a, w), times(b, x)), c);
            final double[] pull = transposeTimes(b, minus(y, w));
            x = new double[] {x[0] - .05 * (.1 * x[0] + LAMBDA * pull[0]), x[1] - .05 * (.1 * x[1] + LAMBDA * pull[1])};
            y = new double[] {y[0] - .2 * (upper[0] / LAMBDA + atY[0]), y[1] - .2 * (upper[1] / LAMBDA + atY[1])};
            w = new double[] {w[0] - .3 * atW[0], w[1] - .3 * atW[1]};
            solver.step();
            assertArrayEquals(x, solver.x().toDoubles(), 1e-12, "x " + k);
            assertArrayEquals(y, solver.y().toDoubles(), 1e-12, "y " + k);
        }
    }

    /** Every agent asks its own problem, once or twice each, and nothing of second order. */
    @Test
    void callsAreCountedByAgent() {
        final List<CountingProblem> counted = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            counted.add(new CountingProblem(new Quadratic(device, data(i))));
        }
        run(new Decentralised(counted), Map.of(), 10);
        for (final CountingProblem agent : counted) {
            assertEquals(20, agent.counts().lowerGradientY());
            assertEquals(20, agent.counts().lowerGradientX());
            assertEquals(10, agent.counts().upperGradientY());
            assertEquals(10, agent.counts().upperGradientX());
            assertEquals(60, agent.counts().total());
        }
    }

    /** With λ large, independent samples of ∇_x g at y and at w make d^x noisy; a common one cancels. */
    @Test
    void aCommonSampleIsQuiet() {
        final double[] spread = new double[2];
        for (int common = 0; common < 2; common++) {
            final Solver solver = run(
                    agents(1, .5),
                    Map.of(
                            "lambda",
                            "50",
                            "eta",
                            "1e-9",
                            "alpha",
                            "1e-9",
                            "gamma",
                            "1e-9",
                            "commonSample",
                            Boolean.toString(common == 1)),
                    0);
            for (int k = 0; k < 400; k++) {
                solver.step();
                final double d = solver.state().get("gradients.x").get(0);
                spread[common] += d * d / 400;
            }
        }
        assertTrue(spread[0] > 100 * spread[1], spread[0] + " and " + spread[1]);
    }

    @Test
    void repeatsAndResumesBitForBit() {
        final Solver whole = run(agents(3, .4), Map.of(), 7);
        final Map<String, double[]> checkpoint = new HashMap<>();
        whole.state().forEach((name, vector) -> checkpoint.put(name, vector.toDoubles()));
        final Solver resumed = run(agents(3, .4), Map.of(), 0);
        resumed.state().forEach((name, vector) -> vector.set(checkpoint.get(name)));
        resumed.resume(7);
        final Solver again = run(agents(3, .4), Map.of(), 12);
        for (int k = 0; k < 5; k++) {
            whole.step();
            resumed.step();
        }
        whole.state().forEach((name, vector) -> {
            assertArrayEquals(vector.toDoubles(), resumed.state().get(name).toDoubles(), name);
            assertArrayEquals(vector.toDoubles(), again.state().get(name).toDoubles(), name);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "star|mixing 'star': has 1 rows; write ring, complete, or 2 rows of as many weights",
                "1,0;0,1|mixing: averaging again and again does not bring all agents together (‖W − 11ᵀ/n‖ is 1.0",
                "0,1;1,0|mixing: averaging again and again does not bring all agents together (‖W − 11ᵀ/n‖ is 1.0",
                "0.5,0.4;0.5,0.6|mixing row 0: sums to 0.9",
                "0.6,0.4;0.6,0.4|mixing column 0: sums to 1.2",
                "1.5,-0.5;-0.5,1.5|mixing weight -0.5 of agent 0: must not be negative",
                "0.5,0.5;0.5|mixing row '0.5': must have 2 weights, one for each agent",
                "0.5,half;0.5,0.5|mixing weight 'half': must be a number",
                "0.5,NaN;0.5,0.5|mixing weight NaN of agent 0: must not be negative",
            })
    void weightsAreChecked(final String mixing, final String sentence) {
        final String said = assertThrows(
                        IllegalArgumentException.class, () -> run(agents(2, 0), Map.of("mixing", mixing), 0))
                .getMessage();
        assertTrue(said.startsWith(sentence), said);
    }

    /** Eigenvalues of a ring are ½ + ½ cos(2πk/n). */
    @Test
    void theContractionIsTheSecondSingularValue() {
        assertEquals(.5, MixingMatrix.parse("ring", 4).contraction(), 1e-12);
        assertEquals(
                .5 + .5 * Math.cos(2 * Math.PI / 9),
                MixingMatrix.parse("ring", 9).contraction(),
                1e-12);
        assertEquals(0, MixingMatrix.parse("complete", 5).contraction(), 1e-12);
        assertEquals(0, MixingMatrix.parse("ring", 1).contraction(), 1e-12);
        assertEquals(.5, MixingMatrix.parse("ring", 2).weight(0, 1));
        assertEquals(.2, MixingMatrix.parse("0.6,0.4;0.4,0.6", 2).contraction(), 1e-12);
    }

    private static double[] times(final double[][] matrix, final double[] v) {
        final double[] out = new double[matrix.length];
        for (int i = 0; i < out.length; i++) {
            for (int j = 0; j < v.length; j++) {
                out[i] += matrix[i][j] * v[j];
            }
        }
        return out;
    }

    private static double[] transposeTimes(final double[][] matrix, final double[] v) {
        final double[] out = new double[matrix[0].length];
        for (int i = 0; i < v.length; i++) {
            for (int j = 0; j < out.length; j++) {
                out[j] += matrix[i][j] * v[i];
            }
        }
        return out;
    }

    private static double[] plus(final double[] a, final double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] + b[i]).toArray();
    }

    private static double[] minus(final double[] a, final double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray();
    }
}
