package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.CountingProblem;
import borep.problem.MdpTables;
import borep.problem.TabularMdp;
import borep.problem.cases.SolvedProblemCases;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** M-SoBiRL and tabular SoBiRL: the paper's iteration, its hypergradient against central differences, and where both lead. */
class SobirlTest {
    private static final double DIFFERENCE = 1e-5;
    /** Too small to move x. */
    private static final String STILL = "1e-30";

    private final Device device = new ReferenceDevice();

    private TabularMdp process(final boolean imitation, final double temperature) {
        return new TabularMdp(
                device,
                imitation
                        ? MdpTables.imitation(4, 3, 4, .7, temperature, 11)
                        : MdpTables.published(4, 3, 4, .7, temperature, 11));
    }

    private static Solver run(
            final String name, final BilevelProblem problem, final Map<String, String> settings, final int steps) {
        final Solver solver = Solvers.create(name, problem, settings, 1);
        solver.initialise();
        for (int k = 0; k < steps; k++) {
            solver.step();
        }
        return solver;
    }

    /** How far a solver that goes on from another one's state moves x in a step of size 1. */
    private static double[] hypergradient(
            final String name, final BilevelProblem problem, final Map<String, String> settings, final Solver from) {
        final Map<String, String> bold = new HashMap<>(settings);
        bold.put("eta", "1");
        final Solver solver = run(name, problem, bold, 0);
        from.state().forEach((vector, values) -> solver.state().get(vector).set(values.toDoubles()));
        solver.resume(from.iteration());
        final double[] before = solver.x().toDoubles();
        solver.step();
        final double[] after = solver.x().toDoubles();
        for (int i = 0; i < before.length; i++) {
            before[i] -= after[i];
        }
        return before;
    }

    /** Φ by central differences through the soft-optimal policy. */
    private static double[] differences(final TabularMdp problem, final double[] x) {
        final double[] slopes = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            final double[] ahead = x.clone();
            final double[] behind = x.clone();
            ahead[i] += DIFFERENCE;
            behind[i] -= DIFFERENCE;
            slopes[i] = (problem.objective(ahead) - problem.objective(behind)) / (2 * DIFFERENCE);
        }
        return slopes;
    }

    private static void close(final double[] expected, final double[] actual, final double relative) {
        final double size = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertTrue(size > 1e-3, "nothing to see");
        assertArrayEquals(expected, actual, relative * size);
    }

    /** Where w, V and π have arrived the estimate is ∇Φ. */
    @ParameterizedTest
    @CsvSource({"true, 1", "true, 0.3", "false, 1", "false, 0.3"})
    void hypergradientsAreTheSlopesOfTheObjective(final boolean imitation, final double temperature) {
        final TabularMdp problem = process(imitation, temperature);
        final Map<String, String> still = Map.of("eta", STILL, "zeta", "0.4");
        final double[] x = {.3, -.8, .5, 1.1};
        final Solver solver = run("m-sobirl", problem, still, 0);
        solver.x().set(x);
        solver.resume(0);
        for (int k = 0; k < 4000; k++) {
            solver.step();
        }
        assertArrayEquals(x, solver.x().toDoubles());
        final double[] slopes = differences(problem, x);
        close(slopes, hypergradient("m-sobirl", problem, still, solver), 1e-7);

        final Map<String, String> deep = Map.of("eta", STILL, "lowerSteps", "120", "horizon", "120");
        final Solver rollouts = run("sobirl", problem, deep, 0);
        rollouts.x().set(x);
        rollouts.resume(0);
        close(slopes, hypergradient("sobirl", problem, deep, rollouts), 1e-7);
    }

    /** Rollouts of H steps leave out what has the weight γ^H; one step is the advantage of the reward. */
    @Test
    void longerRolloutsAreNearer() {
        final TabularMdp problem = process(true, .5);
        final double[] x = {.3, -.8, .5, 1.1};
        final double[] slopes = differences(problem, x);
        double before = Double.POSITIVE_INFINITY;
        for (final int horizon : new int[] {1, 11, 21, 31}) {
            final Map<String, String> settings =
                    Map.of("eta", STILL, "lowerSteps", "120", "horizon", Integer.toString(horizon));
            final Solver solver = run("sobirl", problem, settings, 0);
            solver.x().set(x);
            solver.resume(0);
            final double[] h = hypergradient("sobirl", problem, settings, solver);
            double error = 0;
            for (int i = 0; i < h.length; i++) {
                error = Math.max(error, Math.abs(h[i] - slopes[i]));
            }
            if (horizon == 1) {
                assertArrayEquals(rewardAdvantage(x), h, 1e-12);
            } else {
                assertTrue(error < .1 * before, "H = " + horizon + ": " + error + " after " + before);
            }
            before = error;
        }
    }

    /** (1/τ) Σ (π ⊙ ∇_π f)(s, a) (∇r(s, a) − Σ_b π(b | s) ∇r(s, b)), by hand. */
    private static double[] rewardAdvantage(final double[] x) {
        final MdpTables tables = MdpTables.imitation(4, 3, 4, .7, .5, 11);
        final double[] pi = SecondSobirl.softOptimal(tables, x, 200);
        final double[] h = new double[x.length];
        for (int pair = 0; pair < pi.length; pair++) {
            final double weight = pi[pair] * (pi[pair] - tables.target()[pair]) / .5;
            for (int i = 0; i < h.length; i++) {
                double mean = 0;
                for (int b = pair - pair % 3; b < pair - pair % 3 + 3; b++) {
                    mean += pi[b] * tables.features()[b][i];
                }
                h[i] += weight * (tables.features()[pair][i] - mean);
            }
        }
        return h;
    }

    /** Six iterations of the paper written out: U, A, b as matrices. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void iterationsAreThePapers(final boolean imitation) {
        final MdpTables tables =
                imitation ? MdpTables.imitation(3, 2, 2, .6, .7, 4) : MdpTables.published(3, 2, 2, .6, .7, 4);
        final Solver solver = run(
                "m-sobirl", new TabularMdp(device, tables), Map.of("eta", "0.3", "zeta", "0.4", "lowerSteps", "2"), 0);
        final SecondSobirl twin = new SecondSobirl(tables);
        for (int k = 0; k < 6; k++) {
            solver.step();
            twin.step(.3, .4, 2);
            assertArrayEquals(twin.x, solver.x().toDoubles(), 1e-12, "x " + k);
            assertArrayEquals(twin.w, solver.state().get("w").toDoubles(), 1e-12, "w " + k);
            assertArrayEquals(twin.v, solver.state().get("values").toDoubles(), 1e-12, "V " + k);
        }
    }

    /** All lead to the same x: the planted one, and the stationary point of the published problem. */
    @Test
    void theyAgree() {
        final TabularMdp imitation = process(true, .5);
        final double[] planted = imitation.minimiser(new double[4]).orElseThrow();
        assertArrayEquals(
                planted,
                run("m-sobirl", imitation, Map.of("eta", "0.5"), 20_000).x().toDoubles(),
                1e-6);
        assertArrayEquals(
                planted,
                run("sobirl", imitation, Map.of("eta", "0.5"), 20_000).x().toDoubles(),
                1e-5);
        final TabularMdp published = process(false, 1);
        final double[] model =
                run("m-sobirl", published, Map.of("eta", "0.05"), 3000).x().toDoubles();
        final double[] rollouts = run("sobirl", published, Map.of("eta", "0.05", "horizon", "80"), 3000)
                .x()
                .toDoubles();
        assertArrayEquals(new double[4], published.hypergradient(model), 1e-9);
        assertArrayEquals(model, rollouts, 1e-8);
    }

    /** A general method on the squared Bellman residual ends there too. */
    @Test
    void theBellmanResidualIsALowerLevel() {
        final TabularMdp published = process(false, 1);
        final double[] implicit = run(
                        "amigo-cg",
                        published,
                        Map.of("eta", "0.05", "alpha", "0.4", "lowerSteps", "40", "linearSteps", "20"),
                        1500)
                .x()
                .toDoubles();
        assertArrayEquals(new double[4], published.hypergradient(implicit), 1e-6);
    }

    @Test
    void otherProblemsAreRefused() {
        for (final String name : new String[] {"m-sobirl", "sobirl"}) {
            assertEquals(
                    name
                            + ": solves entropy-regularised decision processes alone, and this problem is none; run it on mdp",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> run(name, SolvedProblemCases.golden(device), Map.of(), 0))
                            .getMessage());
        }
    }

    @Test
    void callsAreCounted() {
        final CountingProblem problem = CountingProblem.of(process(true, 1));
        run("m-sobirl", problem, Map.of("lowerSteps", "7"), 5);
        assertEquals(5 * 9, problem.counts().lowerGradientY()); // P: 7 sweeps, Q, Aᵀ
        assertEquals(5, problem.counts().hessianVectorProducts()); // Pᵀ: A
        assertEquals(5, problem.counts().mixedProducts());
        assertEquals(5, problem.counts().upperGradientX());
        assertEquals(5, problem.counts().upperGradientY());
        assertEquals(0, problem.counts().lowerGradientX());
    }

    @Test
    void tablesAreChecked() {
        assertEquals(
                "discount 1.0: must lie in [0, 1)",
                assertThrows(IllegalArgumentException.class, () -> MdpTables.imitation(2, 2, 2, 1, 1, 1))
                        .getMessage());
        assertEquals(
                "temperature 0.0: must be positive and finite",
                assertThrows(IllegalArgumentException.class, () -> MdpTables.published(2, 2, 2, .5, 0, 1))
                        .getMessage());
        final double[][] half = {{.5}};
        assertEquals(
                "transition row 0: sums to 0.5; its numbers must be probabilities that sum to 1",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new MdpTables(
                                        half, half, null, new double[1], .5, 1, new double[1], 0, new double[1], null))
                        .getMessage());
    }
}
