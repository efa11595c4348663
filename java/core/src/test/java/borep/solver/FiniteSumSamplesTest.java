package borep.solver;

import static borep.solver.SecondWriting.SEED;
import static borep.solver.SecondWriting.plus;
import static borep.solver.SecondWriting.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Philox;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.QuadraticSum;
import borep.problem.QuadraticSum.LowerTerm;
import borep.problem.QuadraticSum.UpperTerm;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SABA and SRBA written down a second time, on the host and batch by batch, where both levels have as many batches: i and j are drawn
 * apart.
 */
class FiniteSumSamplesTest {
    private static final double EXACT = 1e-11;
    private static final int STEPS = 100;
    private static final int N = 4;
    private static final double RHO = .2;
    private static final double ETA = .05;
    private static final double ALPHA = .15;
    private static final double GAMMA = .1;
    private static final String COMMON = "eta=0.05;alpha=0.15;gamma=0.1";

    private static final List<LowerTerm> LOWER = IntStream.range(0, N)
            .mapToObj(i -> new LowerTerm(
                    new double[][] {{2 + .3 * i, .5}, {.5, 1 + .2 * i}},
                    new double[][] {{1 - .4 * i, .2 * i}, {.5, .3 * i - 1}},
                    new double[] {.3 * i - .2, .3 - .2 * i}))
            .toList();
    private static final List<UpperTerm> UPPER = IntStream.range(0, N)
            .mapToObj(j ->
                    new UpperTerm(new double[][] {{1 + .2 * j, .5}, {-.1 * j, 1}}, new double[] {1 - .5 * j, .3 * j - 1
                    }))
            .toList();

    private static int lowerBatch(final int k) {
        return Philox.below(N, SEED, k, Purpose.LOWER_BATCH, 0);
    }

    private static int upperBatch(final int k) {
        return Philox.below(N, SEED, k, Purpose.UPPER_BATCH, 0);
    }

    private static double[] times(final double[][] m, final double[] v) {
        return new double[] {m[0][0] * v[0] + m[0][1] * v[1], m[1][0] * v[0] + m[1][1] * v[1]};
    }

    private static double[] transposeTimes(final double[][] m, final double[] v) {
        return new double[] {m[0][0] * v[0] + m[1][0] * v[1], m[0][1] * v[0] + m[1][1] * v[1]};
    }

    /** A point, and what one batch answers there. */
    private record At(double[] x, double[] y, double[] z) {
        /** ∇_y g_i, ∇²_yy g_i z and ∇²_xy g_i z. */
        double[][] lower(final int i) {
            final LowerTerm term = LOWER.get(i);
            return new double[][] {
                plus(plus(times(term.a(), y), 1, times(term.b(), x)), 1, term.c()),
                times(term.a(), z),
                transposeTimes(term.b(), z)
            };
        }

        /** ∇_y f_j and ∇_x f_j. */
        double[][] upper(final int j) {
            final UpperTerm term = UPPER.get(j);
            return new double[][] {
                transposeTimes(term.c(), plus(times(term.c(), y), -1, term.d())), {RHO * x[0], RHO * x[1]}
            };
        }

        /** D_y, D_z and D_x of a pair of batches. */
        double[][] directions(final int i, final int j) {
            return directions(lower(i), upper(j));
        }

        static double[][] directions(final double[][] lower, final double[][] upper) {
            return new double[][] {lower[0], plus(lower[1], -1, upper[0]), plus(upper[1], -1, lower[2])};
        }

        At moved(final double[][] d) {
            return new At(plus(x, -ETA, d[2]), plus(y, -ALPHA, d[0]), plus(z, -GAMMA, d[1]));
        }

        static At start() {
            return new At(new double[] {1, -2}, new double[2], new double[2]);
        }
    }

    private static Solver solver(final String name, final String further) {
        final QuadraticSum problem =
                new QuadraticSum(new ReferenceDevice(), LOWER, UPPER, RHO, new double[] {1, -2}, 7);
        final Solver solver = Solvers.create(name, problem, settings(COMMON, further), SEED);
        solver.initialise();
        return solver;
    }

    private static void assertAt(final At at, final Solver solver, final int k) {
        assertArrayEquals(at.x(), solver.x().toDoubles(), EXACT, "x, step " + (k + 1));
        assertArrayEquals(at.y(), solver.y().toDoubles(), EXACT, "y, step " + (k + 1));
        assertArrayEquals(at.z(), solver.z().toDoubles(), EXACT, "z, step " + (k + 1));
    }

    /** In these runs every batch of g meets every batch of f: one random number for both would not do that. */
    @Test
    void allPairsOfBatchesAreSeen() {
        final Set<Integer> pairs = new HashSet<>();
        for (int k = 0; k < STEPS; k++) {
            pairs.add(N * lowerBatch(k) + upperBatch(k));
        }
        assertEquals(N * N, pairs.size());
    }

    /** SAGA's estimate of the sum for each oracle of a level; then the batch's row is what it answered. */
    private static double[][] visit(final double[][][] table, final int batch, final double[][] answers) {
        final double[][] estimates = new double[answers.length][];
        for (int o = 0; o < answers.length; o++) {
            double[] estimate = plus(answers[o], -1, table[batch][o]);
            for (int l = 0; l < N; l++) {
                estimate = plus(estimate, 1.0 / N, table[l][o]);
            }
            estimates[o] = estimate;
        }
        table[batch] = answers;
        return estimates;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saba(final boolean firstPass) {
        final Solver solver = solver("saba", "firstPass=" + firstPass);
        At at = At.start();
        final double[][][] lower = new double[N][3][2];
        final double[][][] upper = new double[N][2][2];
        for (int i = 0; firstPass && i < N; i++) {
            lower[i] = at.lower(i);
            upper[i] = at.upper(i);
        }
        for (int k = 0; k < STEPS; k++) {
            final int i = lowerBatch(k);
            final int j = upperBatch(k);
            at = at.moved(At.directions(visit(lower, i, at.lower(i)), visit(upper, j, at.upper(j))));
            solver.step();
            assertAt(at, solver, k);
        }
    }

    /** With a ball so small that z often ends on it, and without one. */
    @ParameterizedTest
    @CsvSource({"0.3, 5, true", "Infinity, 5, false", "Infinity, 0, false"})
    void srba(final double radius, final int period, final boolean binds) {
        final Solver solver = solver("srba", "radius=" + radius + ";period=" + period);
        At at = At.start();
        At before = at;
        double[][] d = new double[3][2];
        int projected = 0;
        for (int k = 0; k < STEPS; k++) {
            if (k % (period > 0 ? period : N) == 0) {
                d = new double[3][2];
                for (int i = 0; i < N; i++) {
                    add(1.0 / N, at.directions(i, i), d);
                }
            } else {
                add(1, at.directions(lowerBatch(k), upperBatch(k)), d);
                add(-1, before.directions(lowerBatch(k), upperBatch(k)), d);
            }
            before = at;
            at = at.moved(d);
            final double length = Math.hypot(at.z()[0], at.z()[1]);
            if (length > radius) {
                at = new At(at.x(), at.y(), new double[] {at.z()[0] * radius / length, at.z()[1] * radius / length});
                projected++;
            }
            solver.step();
            assertAt(at, solver, k);
        }
        assertTrue(binds ? projected > 5 && projected < STEPS - 5 : projected == 0, projected + " projections");
    }

    private static void add(final double factor, final double[][] directions, final double[][] sum) {
        for (int o = 0; o < sum.length; o++) {
            sum[o] = plus(sum[o], factor, directions[o]);
        }
    }
}
