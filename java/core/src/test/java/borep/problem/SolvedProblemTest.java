package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Problems with known solutions in float64: oracles against central differences and symmetries, solutions against the oracles. */
class SolvedProblemTest {
    private static final double STEP = 1e-5;
    private static final double DIFFERENCE = 1e-7;
    private static final double EXACT = 1e-12;
    private static final Device DEVICE = new ReferenceDevice();

    private static Iterable<SolvedProblemCases.Case> cases() {
        return SolvedProblemCases.all(DEVICE);
    }

    private static Reals reals(final double... values) {
        final Reals reals = DEVICE.reals(values.length);
        reals.set(values);
        return reals;
    }

    private static Reals direction(final int size, final int purpose) {
        return ProblemCases.vector(DEVICE, size, 7, purpose);
    }

    /** A point beside y*(x), so that nothing holds there by accident. */
    private static Reals beside(final SolvedProblemCases.Case c) {
        final Reals y = reals(c.problem().lowerSolution(c.x()));
        DEVICE.kernels().update().axpy(.4, direction(y.size(), 1), y);
        return y;
    }

    private static FirstOrder upper(final SolvedProblem problem, final Reals x, final Reals y) {
        final FirstOrder out =
                new FirstOrder(DEVICE.reals(1), DEVICE.reals(problem.upperSize()), DEVICE.reals(problem.lowerSize()));
        problem.upper(x, y, problem.newUpperSample(), out);
        return out;
    }

    private static FirstOrder lower(final SolvedProblem problem, final Reals x, final Reals y) {
        final FirstOrder out =
                new FirstOrder(DEVICE.reals(1), DEVICE.reals(problem.upperSize()), DEVICE.reals(problem.lowerSize()));
        problem.lower(x, y, problem.newLowerSample(), out);
        return out;
    }

    private static SecondOrder along(final SolvedProblem problem, final Reals x, final Reals y, final Reals z) {
        final SecondOrder out = new SecondOrder(
                DEVICE.reals(1),
                DEVICE.reals(problem.lowerSize()),
                DEVICE.reals(problem.lowerSize()),
                DEVICE.reals(problem.upperSize()));
        problem.lowerAlong(x, y, z, problem.newLowerSample(), out);
        return out;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void oraclesAreSlopes(final SolvedProblemCases.Case c) {
        final SolvedProblem problem = c.problem();
        final Reals x = reals(c.x());
        final Reals y = beside(c);
        final Reals dx = direction(x.size(), 2);
        final Reals dy = direction(y.size(), 3);
        final FirstOrder f = upper(problem, x, y);
        final FirstOrder g = lower(problem, x, y);
        same("f by x", slope(x, dx, () -> value(upper(problem, x, y))), dot(f.gradientX(), dx));
        same("f by y", slope(y, dy, () -> value(upper(problem, x, y))), dot(f.gradientY(), dy));
        same("g by x", slope(x, dx, () -> value(lower(problem, x, y))), dot(g.gradientX(), dx));
        same("g by y", slope(y, dy, () -> value(lower(problem, x, y))), dot(g.gradientY(), dy));
        final Reals z = direction(y.size(), 4);
        final SecondOrder products = along(problem, x, y, z);
        same("product", slope(y, z, () -> dot(lower(problem, x, y).gradientY(), dy)), dot(products.product(), dy));
        same("mixed", slope(x, dx, () -> dot(lower(problem, x, y).gradientY(), z)), dot(products.mixed(), dx));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theHessianIsSymmetricAndFusedOraclesEqualSeparateOnes(final SolvedProblemCases.Case c) {
        final Reals x = reals(c.x());
        final Reals y = beside(c);
        final Reals u = direction(y.size(), 5);
        final Reals v = direction(y.size(), 6);
        final SecondOrder alongV = along(c.problem(), x, y, v);
        final double uHv = dot(u, alongV.product());
        assertEquals(uHv, dot(v, along(c.problem(), x, y, u).product()), EXACT * (1 + Math.abs(uHv)), c.name());
        final FirstOrder g = lower(c.problem(), x, y);
        assertEquals(value(g), alongV.value().get(0), EXACT * (1 + Math.abs(value(g))), c.name());
        assertArrayEquals(g.gradientY().toDoubles(), alongV.gradient().toDoubles(), EXACT, c.name());
        final Reals alone = DEVICE.reals(x.size());
        c.problem().lowerAlong(x, y, v, c.problem().newLowerSample(), new SecondOrder(null, null, null, alone));
        assertArrayEquals(alongV.mixed().toDoubles(), alone.toDoubles(), EXACT, c.name());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void solutionsSolve(final SolvedProblemCases.Case c) {
        final SolvedProblem problem = c.problem();
        final Reals x = reals(c.x());
        final Reals y = reals(problem.lowerSolution(c.x()));
        final Reals z = reals(problem.systemSolution(c.x()));
        final FirstOrder f = upper(problem, x, y);
        final SecondOrder g = along(problem, x, y, z);
        assertArrayEquals(new double[y.size()], g.gradient().toDoubles(), EXACT, c.name() + ": ∇_y g(x, y*)");
        assertArrayEquals(f.gradientY().toDoubles(), g.product().toDoubles(), EXACT, c.name() + ": ∇²_yy g z*");
        assertEquals(value(f), problem.objective(c.x()), EXACT * (1 + Math.abs(value(f))), c.name() + ": Φ");
        DEVICE.kernels().update().axpy(-1, g.mixed(), f.gradientX());
        assertArrayEquals(f.gradientX().toDoubles(), problem.hypergradient(c.x()), EXACT, c.name() + ": ∇Φ");
        final Reals dx = direction(x.size(), 8);
        same(
                c.name() + ": ∇Φ",
                slope(x, dx, () -> problem.objective(x.toDoubles())),
                dot(reals(problem.hypergradient(c.x())), dx));
    }

    /** No slope at the minimiser, and uphill from there in every direction that is tried. */
    @ParameterizedTest
    @MethodSource("cases")
    void minimisersAreMinimal(final SolvedProblemCases.Case c) {
        c.problem().minimiser(c.x()).ifPresent(best -> {
            assertArrayEquals(new double[best.length], c.problem().hypergradient(best), 1e-10, c.name());
            for (int k = 0; k < 20; k++) {
                final double[] d = direction(best.length, 100 + k).toDoubles();
                final double away = c.problem().objective(HostMatrix.plus(best, .2, d));
                assertTrue(away > c.problem().objective(best), c.name());
            }
        });
    }

    /** Numbers that were computed apart from this code, in Python. */
    @Test
    void printedValues() {
        final Quadratic worked = SolvedProblemCases.golden(DEVICE);
        final double[] x0 = {1, 2};
        assertArrayEquals(new double[] {-1.1142857143, 2.2571428571}, worked.lowerSolution(x0), 1e-10);
        assertArrayEquals(new double[] {-1.3530612245, 3.4408163265}, worked.systemSolution(x0), 1e-10);
        assertArrayEquals(new double[] {-0.2673469388, 3.6408163265}, worked.hypergradient(x0), 1e-10);
        assertEquals(6.0403061224, worked.objective(x0), 1e-10);
        final double[] best = worked.minimiser(x0).orElseThrow();
        assertArrayEquals(new double[] {-1.6844602610, -1.3309608541}, best, 1e-10);
        assertArrayEquals(new double[] {0.9879003559, -0.7826809015}, worked.lowerSolution(best), 1e-10);
        assertEquals(0.3354389087, worked.objective(best), 1e-10);
        final UniformlyConvex toy = new UniformlyConvex(DEVICE, 4, 1);
        assertEquals(-Math.PI / 2, toy.minimiser(new double[] {1}).orElseThrow()[0], 1e-15);
        assertEquals(
                -0.8414709848, toy.objective(toy.minimiser(new double[] {1}).orElseThrow()), 1e-10);
        assertEquals(3 * Math.PI / 2, toy.minimiser(new double[] {4}).orElseThrow()[0], 1e-15);
        final LinearRecurrence recurrence = new LinearRecurrence(DEVICE, 5, 2, .8, .1, 1.2);
        assertEquals(0.7627652058, recurrence.minimiser(new double[] {1}).orElseThrow()[0], 1e-10);
    }

    /** X = √n I, X_v = √m I: λ* = ‖a‖² / aᵀb − 1, which the bisection must find. */
    @Test
    void ridgeOfAnOrthonormalDesign() {
        final double[] a = {1, -2, .5};
        final double[] b = {.7, -.9, .6};
        final RidgeSelection problem = new RidgeSelection(DEVICE, orthonormal(a, b));
        final double lambda = HostMatrix.dot(a, a) / HostMatrix.dot(a, b) - 1;
        assertEquals(Math.log(lambda), problem.minimiser(new double[] {0}).orElseThrow()[0], 1e-12);
        assertArrayEquals(
                HostMatrix.scaled(1 / (1 + lambda), a), problem.lowerSolution(new double[] {Math.log(lambda)}), 1e-12);
        final RidgeSelection unbounded = new RidgeSelection(DEVICE, orthonormal(a, new double[] {3, -4, 1}));
        assertTrue(unbounded.minimiser(new double[] {0}).isEmpty(), "aᵀb > ‖a‖²: no penalty is best");
    }

    private static RidgeSelection.Data orthonormal(final double[] a, final double... b) {
        final double root = Math.sqrt(a.length);
        final double[][] design = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            design[i][i] = root;
        }
        return new RidgeSelection.Data(design, HostMatrix.scaled(root, a), design, HostMatrix.scaled(root, b), true, 0);
    }

    /** The matrix behind ill-conditioned problems has the eigenvalues that were asked for. */
    @Test
    void spectraAreAsAsked() {
        final double[] eigenvalues = {1, 10, 100, 1000};
        final double[][] matrix = HostMatrix.symmetric(eigenvalues, 5);
        for (int i = 0; i < 4; i++) {
            assertEquals(matrix[i][(i + 1) % 4], matrix[(i + 1) % 4][i], 1e-10);
        }
        assertTrue(Math.abs(matrix[0][3]) > 1, "not diagonal");
        // the characteristic polynomial is 0 at its eigenvalues: the shifted matrix maps some vector to almost 0
        for (final double eigenvalue : eigenvalues) {
            final double[][] shifted = new double[4][];
            for (int i = 0; i < 4; i++) {
                shifted[i] = matrix[i].clone();
                shifted[i][i] -= eigenvalue + 1e-7;
            }
            final double[] v = HostMatrix.solve(shifted, new double[] {1, 1, 1, 1});
            assertTrue(HostMatrix.dot(v, v) > 1e8, "no eigenvalue " + eigenvalue);
        }
    }

    /** Exponents far beyond what exp holds, and a softmax that is 0 but for one. */
    @Test
    void logSumExpDoesNotOverflow() {
        final LogSumExp problem = new LogSumExp(DEVICE, LogSumExp.Data.random(3, .5, 10, 1));
        final Reals x = reals(900, -900, 1);
        final Reals y = reals(1, 1, 1);
        final FirstOrder g = lower(problem, x, y);
        assertTrue(Math.abs(value(g) - 900) < 20, "g is " + value(g));
        assertTrue(Double.isFinite(dot(g.gradientY(), y)), "∇_y g");
        assertTrue(Double.isFinite(problem.objective(new double[] {900, -900, 1})), "Φ");
    }

    @Test
    void theAreaCountsPairs() {
        final double[][] features = {{3}, {2}, {1}, {1}};
        final AucMinMax problem =
                new AucMinMax(DEVICE, new AucMinMax.Data(features, new boolean[] {false, true, true, false}));
        assertEquals(1.5 / 4, problem.area(new double[] {1, 0, 0}));
        assertEquals(2.5 / 4, problem.area(new double[] {-1, 0, 0}));
        assertEquals(.5, problem.area(new double[] {0, 0, 0}));
    }

    private static double slope(final Reals point, final Reals direction, final DoubleSupplier value) {
        final double[] start = point.toDoubles();
        DEVICE.kernels().update().axpy(STEP, direction, point);
        final double above = value.getAsDouble();
        DEVICE.kernels().update().axpy(-2 * STEP, direction, point);
        final double below = value.getAsDouble();
        point.set(start);
        return (above - below) / (2 * STEP);
    }

    private static void same(final String name, final double difference, final double computed) {
        assertEquals(difference, computed, DIFFERENCE * (1 + Math.abs(computed)), name);
    }

    private static double value(final FirstOrder out) {
        return out.value().get(0);
    }

    private static double dot(final Reals a, final Reals b) {
        return HostMatrix.dot(a.toDoubles(), b.toDoubles());
    }
}
