package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Noise of known variance that belongs to the sample and to nothing else. */
class NoisyProblemTest {
    private static final double UPPER = .5;
    private static final double LOWER = 2;
    private static final int DRAWS = 20_000;
    private static final int LOWER_STEP = 2;

    private final Device device = new ReferenceDevice();
    private final Quadratic exact = SolvedProblemCases.golden(device);
    private final NoisyProblem noisy = new NoisyProblem(exact, UPPER, LOWER, 11);
    private final Reals x = ProblemCases.vector(device, 2, 7, 1);
    private final Reals y = ProblemCases.vector(device, 2, 7, 2);
    private final Reals z = ProblemCases.vector(device, 2, 7, 3);

    private FirstOrder first() {
        return new FirstOrder(null, device.reals(2), device.reals(2));
    }

    private SecondOrder second() {
        return new SecondOrder(null, device.reals(2), device.reals(2), device.reals(2));
    }

    private SecondOrder along(final BilevelProblem problem, final Reals at, final Sample sample) {
        final SecondOrder out = second();
        problem.lowerAlong(x, y, at, sample, out);
        return out;
    }

    private void forEachDraw(final Sample sample, final Consumer<Sample> check) {
        for (int step = 0; step < DRAWS; step++) {
            sample.draw(ProblemCases.at(device, step), LOWER_STEP, 0);
            check.accept(sample);
        }
    }

    /** Sums of a quantity that should be of mean 0, and of its square. */
    private static final class Moments {
        private double sum;
        private double squares;

        void add(final double value) {
            sum += value;
            squares += value * value;
        }

        /** Within five standard deviations of the estimates, for tails up to those of a product of normal numbers. */
        void check(final double variance, final String name) {
            assertEquals(0, sum / DRAWS, 5 * Math.sqrt(variance / DRAWS), name + ": mean");
            assertEquals(variance, squares / DRAWS, 5 * variance * Math.sqrt(12.0 / DRAWS), name + ": variance");
        }
    }

    @Test
    void gradientsHaveTheirVariance() {
        final FirstOrder f = first();
        final FirstOrder g = first();
        exact.upper(x, y, exact.newUpperSample(), f);
        exact.lower(x, y, exact.newLowerSample(), g);
        final Moments[] moments = {new Moments(), new Moments(), new Moments(), new Moments()};
        final FirstOrder out = first();
        forEachDraw(noisy.newUpperSample(), sample -> {
            noisy.upper(x, y, sample, out);
            moments[0].add(out.gradientX().get(0) - f.gradientX().get(0));
            moments[1].add(out.gradientY().get(1) - f.gradientY().get(1));
        });
        forEachDraw(noisy.newLowerSample(), sample -> {
            noisy.lower(x, y, sample, out);
            moments[2].add(out.gradientX().get(1) - g.gradientX().get(1));
            moments[3].add(out.gradientY().get(0) - g.gradientY().get(0));
        });
        moments[0].check(UPPER * UPPER, "∇_x f");
        moments[1].check(UPPER * UPPER, "∇_y f");
        moments[2].check(LOWER * LOWER, "∇_x g");
        moments[3].check(LOWER * LOWER, "∇_y g");
    }

    /** Var (S z)_0 = 2 z_0² + z_1² and Var (Eᵀ z)_0 = ‖z‖², times σ²: that of independent normal entries. */
    @Test
    void productsHaveTheirVariance() {
        final SecondOrder plain = along(exact, z, exact.newLowerSample());
        final Moments product = new Moments();
        final Moments mixed = new Moments();
        forEachDraw(noisy.newLowerSample(), sample -> {
            final SecondOrder out = along(noisy, z, sample);
            product.add(out.product().get(0) - plain.product().get(0));
            mixed.add(out.mixed().get(0) - plain.mixed().get(0));
        });
        final double first = z.get(0) * z.get(0);
        final double second = z.get(1) * z.get(1);
        product.check(LOWER * LOWER * (2 * first + second), "∇²_yy g·z");
        mixed.check(LOWER * LOWER * (first + second), "∇²_xy g·z");
    }

    @Test
    void theDisturbedHessianIsSymmetricAndLinear() {
        final Sample sample = noisy.newLowerSample();
        sample.draw(ProblemCases.at(device, 3), LOWER_STEP, 0);
        final double[] alongZ = along(noisy, z, sample).product().toDoubles();
        final double[] alongX = along(noisy, x, sample).product().toDoubles();
        assertEquals(HostMatrix.dot(x.toDoubles(), alongZ), HostMatrix.dot(z.toDoubles(), alongX), 1e-12);
        final Reals sum = device.reals(2);
        sum.set(HostMatrix.plus(z.toDoubles(), 3, x.toDoubles()));
        assertArrayEquals(
                HostMatrix.plus(alongZ, 3, alongX),
                along(noisy, sum, sample).product().toDoubles(),
                1e-12);
    }

    /** The same sample at two points: what differs is what differs without noise; so two-point corrections cancel it. */
    @Test
    void aReplayedSampleIsTheSameRealisation() {
        final Sample sample = noisy.newLowerSample();
        sample.draw(ProblemCases.at(device, 3), LOWER_STEP, 1);
        final SecondOrder here = along(noisy, z, sample);
        final Reals elsewhere = ProblemCases.vector(device, 2, 7, 4);
        final FirstOrder there = first();
        noisy.lower(x, elsewhere, sample, there);
        final FirstOrder plainThere = first();
        exact.lower(x, elsewhere, exact.newLowerSample(), plainThere);
        final double[] plainHere =
                along(exact, z, exact.newLowerSample()).gradient().toDoubles();
        assertArrayEquals(
                HostMatrix.plus(plainThere.gradientY().toDoubles(), -1, plainHere),
                HostMatrix.plus(
                        there.gradientY().toDoubles(), -1, here.gradient().toDoubles()),
                1e-12);
        final Sample again = noisy.newLowerSample();
        again.draw(ProblemCases.at(device, 3), LOWER_STEP, 1);
        assertArrayEquals(
                here.product().toDoubles(), along(noisy, z, again).product().toDoubles());
        for (final int[] other : new int[][] {{4, LOWER_STEP, 1}, {3, LOWER_STEP + 1, 1}, {3, LOWER_STEP, 2}}) {
            again.draw(ProblemCases.at(device, other[0]), other[1], other[2]);
            assertTrue(
                    !Arrays.equals(
                            here.product().toDoubles(),
                            along(noisy, z, again).product().toDoubles()),
                    Arrays.toString(other));
        }
    }

    @Test
    void noiseIsNotNegative() {
        final IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> new NoisyProblem(exact, -.1, 0, 1));
        assertEquals("noise of the upper level -0.1: must be finite and not negative", e.getMessage());
    }
}
