package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Reals;
import borep.problem.cases.ProblemCases;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/** What holds for the oracles of every problem, in float64, at one point and one pair of samples. */
final class OracleChecks {
    private static final double STEP = 1e-5;
    private static final double DIFFERENCE = 1e-7;

    private final Device device;
    private final BilevelProblem problem;
    private final Sample upper;
    private final Sample lower;
    private final Reals x;
    private final Reals y;
    private final Reals z;
    private final long seed;
    private final String name;

    /** The problem at its starting point plus noise, with the samples of step 3. */
    OracleChecks(final BilevelProblem problem, final long seed, final String name) {
        this.device = problem.device();
        this.problem = problem;
        this.seed = seed;
        this.name = problem.getClass().getSimpleName() + " " + name + ", -Dborep.seed=" + seed;
        upper = problem.newUpperSample();
        lower = problem.newLowerSample();
        upper.draw(ProblemCases.at(device, 3), 1, 0);
        lower.draw(ProblemCases.at(device, 3), 2, 0);
        x = device.reals(problem.upperSize());
        y = device.reals(problem.lowerSize());
        problem.initialise(x, y);
        device.kernels().update().axpy(0.2, upperVector(7), x);
        device.kernels().update().axpy(0.2, lowerVector(8), y);
        problem.upperChanged();
        z = lowerVector(9);
    }

    private Reals upperVector(final int purpose) {
        return ProblemCases.vector(device, problem.upperSize(), seed, purpose);
    }

    private Reals lowerVector(final int purpose) {
        return ProblemCases.vector(device, problem.lowerSize(), seed, purpose);
    }

    void gradientsAreTheSlopesOfTheValues() {
        final FirstOrder f = all();
        problem.upper(x, y, upper, f);
        final FirstOrder g = all();
        problem.lower(x, y, lower, g);
        final Reals dx = upperVector(10);
        final Reals dy = lowerVector(11);
        same("f by x", slope(x, dx, true), dot(f.gradientX(), dx));
        assertEquals(
                problem.upperSeesX(),
                Arrays.stream(f.gradientX().toDoubles()).anyMatch(slope -> slope != 0),
                name + " f sees x");
        same("f by y", slope(y, dy, true), dot(f.gradientY(), dy));
        same("g by x", slope(x, dx, false), dot(g.gradientX(), dx));
        same("g by y", slope(y, dy, false), dot(g.gradientY(), dy));
    }

    void productsAreTheSlopesOfTheLowerGradient() {
        final SecondOrder out = along(z);
        final Reals u = lowerVector(12);
        // ⟨u, ∇²_yy g z⟩ = d/dt ⟨u, ∇_y g(x, y + t z)⟩ and ⟨dx, ∇²_xy g z⟩ = d/dt ⟨z, ∇_y g(x + t dx, y)⟩
        same("product", gradientSlope(y, z, u), dot(out.product(), u));
        final Reals dx = upperVector(13);
        same("mixed", gradientSlope(x, dx, z), dot(out.mixed(), dx));
    }

    void theHessianIsSymmetric() {
        final Reals u = lowerVector(14);
        final double uHz = dot(u, along(z).product());
        final double zHu = dot(z, along(u).product());
        assertEquals(uHz, zHu, 1e-12 * (1 + Math.abs(uHz)), name);
    }

    void fusedOraclesEqualSeparateOnes() {
        final SecondOrder fused = along(z);
        final int p = problem.upperSize();
        final int q = problem.lowerSize();
        final SecondOrder value = new SecondOrder(device.reals(1), null, null, null);
        final SecondOrder product = new SecondOrder(null, null, device.reals(q), null);
        final SecondOrder mixed = new SecondOrder(null, null, null, device.reals(p));
        problem.lowerAlong(x, y, z, lower, value);
        problem.lowerAlong(x, y, z, lower, product);
        problem.lowerAlong(x, y, z, lower, mixed);
        final FirstOrder first = all();
        problem.lower(x, y, lower, first);
        equal("value", fused.value(), value.value());
        equal("value without a direction", fused.value(), first.value());
        equal("product", fused.product(), product.product());
        equal("mixed", fused.mixed(), mixed.mixed());
        equal("gradient", fused.gradient(), first.gradientY());
        final FirstOrder byX = new FirstOrder(null, device.reals(p), null);
        final FirstOrder byY = new FirstOrder(null, null, device.reals(q));
        problem.lower(x, y, lower, byX);
        problem.lower(x, y, lower, byY);
        equal("g by x", first.gradientX(), byX.gradientX());
        equal("g by y", first.gradientY(), byY.gradientY());
        final FirstOrder above = all();
        problem.upper(x, y, upper, above);
        problem.upper(x, y, upper, byX);
        problem.upper(x, y, upper, byY);
        equal("f by x", above.gradientX(), byX.gradientX());
        equal("f by y", above.gradientY(), byY.gradientY());
    }

    void anAddedLowerGradientIsTheGradientPlusWhatWasThere() {
        final FirstOrder alone = all();
        problem.lower(x, y, lower, alone);
        final Reals start = lowerVector(15);
        final Reals sum = device.reals(problem.lowerSize());
        device.kernels().update().copy(start, sum);
        final Reals byX = device.reals(problem.upperSize());
        problem.addLower(x, y, lower, AddedGradient.into(sum, byX, device.reals(problem.lowerSize())));
        device.kernels().update().axpy(1, start, alone.gradientY());
        equal("sum", alone.gradientY(), sum);
        equal("g by x beside the sum", alone.gradientX(), byX);
    }

    /** With both levels on the upper level's sample, where the problem may take both terms in one sweep. */
    void theHypergradientOfOneSampleIsTheDifferenceOfItsTerms() {
        final FirstOrder above = all();
        final SecondOrder mixed = new SecondOrder(null, null, null, device.reals(problem.upperSize()));
        problem.upper(x, y, upper, above);
        problem.lowerAlong(x, y, z, upper, mixed);
        device.kernels().update().axpy(-1, mixed.mixed(), above.gradientX());
        final Hypergradient fused =
                Hypergradient.into(device.reals(problem.upperSize()), device.reals(problem.upperSize()));
        problem.upper(x, y, upper, new FirstOrder(null, null, device.reals(problem.lowerSize())));
        problem.hypergradient(x, y, z, upper, fused);
        equal("hypergradient", above.gradientX(), fused.estimate());
    }

    private void equal(final String what, final Reals expected, final Reals actual) {
        assertArrayEquals(expected.toDoubles(), actual.toDoubles(), 1e-14, name + " " + what);
    }

    /** @param isRandom whether another step must draw another realisation */
    void aReplayedSampleIsTheSameRealisation(final boolean isRandom) {
        final double[] before = gradient();
        lower.draw(ProblemCases.at(device, 4), 2, 0);
        final double[] other = gradient();
        lower.draw(ProblemCases.at(device, 3), 2, 0);
        assertArrayEquals(before, gradient(), name);
        assertEquals(isRandom, !Arrays.equals(before, other), name + ": another step");
    }

    private double[] gradient() {
        final FirstOrder out = new FirstOrder(null, null, device.reals(problem.lowerSize()));
        problem.lower(x, y, lower, out);
        return out.gradientY().toDoubles();
    }

    void movingXInPlaceIsSeenAfterUpperChanged() {
        final FirstOrder out = new FirstOrder(device.reals(1), null, null);
        problem.lower(x, y, lower, out);
        final double before = out.value().get(0);
        device.kernels().update().axpy(1, upperVector(15), x);
        problem.upperChanged();
        problem.lower(x, y, lower, out);
        assertEquals(1, Math.signum(Math.abs(before - out.value().get(0))), name);
    }

    private FirstOrder all() {
        return new FirstOrder(device.reals(1), device.reals(problem.upperSize()), device.reals(problem.lowerSize()));
    }

    private SecondOrder along(final Reals direction) {
        final SecondOrder out = new SecondOrder(
                device.reals(1),
                device.reals(problem.lowerSize()),
                device.reals(problem.lowerSize()),
                device.reals(problem.upperSize()));
        problem.lowerAlong(x, y, direction, lower, out);
        return out;
    }

    private double slope(final Reals point, final Reals direction, final boolean isUpper) {
        final FirstOrder out = new FirstOrder(device.reals(1), null, null);
        return difference(point, direction, () -> {
            if (isUpper) {
                problem.upper(x, y, upper, out);
            } else {
                problem.lower(x, y, lower, out);
            }
            return out.value().get(0);
        });
    }

    private double gradientSlope(final Reals point, final Reals direction, final Reals against) {
        final FirstOrder out = new FirstOrder(null, null, device.reals(problem.lowerSize()));
        return difference(point, direction, () -> {
            problem.lower(x, y, lower, out);
            return dot(out.gradientY(), against);
        });
    }

    private double difference(final Reals point, final Reals direction, final DoubleSupplier value) {
        final double[] start = point.toDoubles();
        device.kernels().update().axpy(STEP, direction, point);
        problem.upperChanged();
        final double above = value.getAsDouble();
        device.kernels().update().axpy(-2 * STEP, direction, point);
        problem.upperChanged();
        final double below = value.getAsDouble();
        point.set(start);
        problem.upperChanged();
        return (above - below) / (2 * STEP);
    }

    private void same(final String what, final double difference, final double computed) {
        assertEquals(difference, computed, DIFFERENCE * (1 + Math.abs(computed)), name + " " + what);
    }

    private static double dot(final Reals a, final Reals b) {
        final double[] u = a.toDoubles();
        final double[] v = b.toDoubles();
        double sum = 0;
        for (int i = 0; i < u.length; i++) {
            sum += u[i] * v[i];
        }
        return sum;
    }
}
