package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.reference.ReferenceDevice;
import borep.model.NetworkShape;
import borep.problem.cases.ProblemCases;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Oracles of the text problems in float64: against central differences, against each other, and by symmetry. */
class TextProblemTest {
    private static final long SEED = Long.parseLong(orElse(System.getProperty("borep.seed"), "7"));
    private static final double STEP = 1e-5;
    private static final double DIFFERENCE = 1e-7;

    private final Device device = new ReferenceDevice();

    private static String orElse(final String text, final String otherwise) {
        return text == null || text.isEmpty() ? otherwise : text;
    }

    /** A problem at a point, with a sample of each level. */
    private record Setting(
            TextProblem problem, TextSample upper, TextSample lower, Reals x, Reals y, Reals z, String name) {}

    private int forEach(final Consumer<Setting> check) {
        int count = 0;
        for (final NetworkShape shape : ProblemCases.shapes()) {
            for (final Loss.Regulariser kind : Loss.Regulariser.values()) {
                for (final TextProblem problem : ProblemCases.problems(device, shape, kind, SEED)) {
                    final Reals x = device.reals(problem.upperSize());
                    final Reals y = device.reals(problem.lowerSize());
                    problem.initialise(x, y);
                    final TextSample upper = problem.newUpperSample();
                    final TextSample lower = problem.newLowerSample();
                    upper.draw(ProblemCases.at(device, 3), 1, 0);
                    lower.draw(ProblemCases.at(device, 3), 2, 0);
                    final Reals z = ProblemCases.vector(device, problem.lowerSize(), SEED, 9);
                    final String name =
                            problem.getClass().getSimpleName() + " " + shape + " " + kind + ", seed " + SEED;
                    check.accept(new Setting(problem, upper, lower, x, y, z, name));
                    count++;
                }
            }
        }
        return count;
    }

    @Test
    void gradientsAreTheSlopesOfTheValues() {
        assertEquals(40, forEach(s -> {
            final FirstOrder f = all(s);
            s.problem().upper(s.x(), s.y(), s.upper(), f);
            final FirstOrder g = all(s);
            s.problem().lower(s.x(), s.y(), s.lower(), g);
            final Reals dx = ProblemCases.vector(device, s.problem().upperSize(), SEED, 10);
            final Reals dy = ProblemCases.vector(device, s.problem().lowerSize(), SEED, 11);
            same(s.name() + " f by x", slope(s, s.x(), dx, true), dot(f.gradientX(), dx));
            same(s.name() + " f by y", slope(s, s.y(), dy, true), dot(f.gradientY(), dy));
            same(s.name() + " g by x", slope(s, s.x(), dx, false), dot(g.gradientX(), dx));
            same(s.name() + " g by y", slope(s, s.y(), dy, false), dot(g.gradientY(), dy));
        }));
    }

    @Test
    void productsAreTheSlopesOfTheLowerGradient() {
        forEach(s -> {
            final SecondOrder out = along(s, s.z());
            final Reals u = ProblemCases.vector(device, s.problem().lowerSize(), SEED, 12);
            // ⟨u, ∇²_yy g z⟩ = d/dt ⟨u, ∇_y g(x, y + t z)⟩ and ⟨dx, ∇²_xy g z⟩ = d/dt ⟨z, ∇_y g(x + t dx, y)⟩
            same(s.name() + " product", gradientSlope(s, s.y(), s.z(), u), dot(out.product(), u));
            final Reals dx = ProblemCases.vector(device, s.problem().upperSize(), SEED, 13);
            same(s.name() + " mixed", gradientSlope(s, s.x(), dx, s.z()), dot(out.mixed(), dx));
        });
    }

    @Test
    void theHessianIsSymmetric() {
        forEach(s -> {
            final Reals u = ProblemCases.vector(device, s.problem().lowerSize(), SEED, 14);
            final double uHz = dot(u, along(s, s.z()).product());
            final double zHu = dot(s.z(), along(s, u).product());
            assertEquals(uHz, zHu, 1e-12 * (1 + Math.abs(uHz)), s.name());
        });
    }

    @Test
    void fusedOraclesEqualSeparateOnes() {
        forEach(s -> {
            final SecondOrder fused = along(s, s.z());
            final int p = s.problem().upperSize();
            final int q = s.problem().lowerSize();
            final SecondOrder product = new SecondOrder(null, null, device.reals(q), null);
            final SecondOrder mixed = new SecondOrder(null, null, null, device.reals(p));
            final FirstOrder gradient = new FirstOrder(null, null, device.reals(q));
            s.problem().lowerAlong(s.x(), s.y(), s.z(), s.lower(), product);
            s.problem().lowerAlong(s.x(), s.y(), s.z(), s.lower(), mixed);
            s.problem().lower(s.x(), s.y(), s.lower(), gradient);
            assertArrayEquals(fused.product().toDoubles(), product.product().toDoubles(), 1e-14, s.name());
            assertArrayEquals(fused.mixed().toDoubles(), mixed.mixed().toDoubles(), 1e-14, s.name());
            assertArrayEquals(fused.gradient().toDoubles(), gradient.gradientY().toDoubles(), 1e-14, s.name());
        });
    }

    @Test
    void aReplayedSampleIsTheSameRealisation() {
        forEach(s -> {
            final double[] before = along(s, s.z()).product().toDoubles();
            s.lower().draw(ProblemCases.at(device, 4), 2, 0);
            final double[] other = along(s, s.z()).product().toDoubles();
            s.lower().draw(ProblemCases.at(device, 3), 2, 0);
            assertArrayEquals(before, along(s, s.z()).product().toDoubles(), s.name());
            assertFalse(Arrays.equals(before, other), s.name() + ": another step must draw another batch");
        });
    }

    @Test
    void movingXInPlaceIsSeenAfterUpperChanged() {
        forEach(s -> {
            final FirstOrder out = new FirstOrder(device.reals(1), null, null);
            s.problem().lower(s.x(), s.y(), s.lower(), out);
            final double before = out.value().get(0);
            device.kernels()
                    .update()
                    .axpy(1, ProblemCases.vector(device, s.problem().upperSize(), SEED, 15), s.x());
            s.problem().upperChanged();
            s.problem().lower(s.x(), s.y(), s.lower(), out);
            assertFalse(before == out.value().get(0), s.name());
        });
    }

    @Test
    void validationSamplesHaveNoLogit() {
        final TextProblem cleaning = ProblemCases.problems(
                        device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, SEED)
                .get(1);
        final Reals x = device.reals(cleaning.upperSize());
        final Reals y = device.reals(cleaning.lowerSize());
        final IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> cleaning.lower(x, y, cleaning.newUpperSample(), new FirstOrder(device.reals(1), null, null)));
        assertEquals("validation samples have no logit: g is defined on training samples", e.getMessage());
    }

    private FirstOrder all(final Setting s) {
        return new FirstOrder(
                device.reals(1),
                device.reals(s.problem().upperSize()),
                device.reals(s.problem().lowerSize()));
    }

    private SecondOrder along(final Setting s, final Reals z) {
        final SecondOrder out = new SecondOrder(
                device.reals(1),
                device.reals(s.problem().lowerSize()),
                device.reals(s.problem().lowerSize()),
                device.reals(s.problem().upperSize()));
        s.problem().lowerAlong(s.x(), s.y(), z, s.lower(), out);
        return out;
    }

    private double slope(final Setting s, final Reals point, final Reals direction, final boolean upper) {
        final FirstOrder out = new FirstOrder(device.reals(1), null, null);
        return difference(s, point, direction, () -> {
            if (upper) {
                s.problem().upper(s.x(), s.y(), s.upper(), out);
            } else {
                s.problem().lower(s.x(), s.y(), s.lower(), out);
            }
            return out.value().get(0);
        });
    }

    private double gradientSlope(final Setting s, final Reals point, final Reals direction, final Reals against) {
        final FirstOrder out =
                new FirstOrder(null, null, device.reals(s.problem().lowerSize()));
        return difference(s, point, direction, () -> {
            s.problem().lower(s.x(), s.y(), s.lower(), out);
            return dot(out.gradientY(), against);
        });
    }

    private double difference(
            final Setting s, final Reals point, final Reals direction, final java.util.function.DoubleSupplier value) {
        final double[] start = point.toDoubles();
        device.kernels().update().axpy(STEP, direction, point);
        s.problem().upperChanged();
        final double above = value.getAsDouble();
        device.kernels().update().axpy(-2 * STEP, direction, point);
        s.problem().upperChanged();
        final double below = value.getAsDouble();
        point.set(start);
        s.problem().upperChanged();
        return (above - below) / (2 * STEP);
    }

    private static void same(final String name, final double difference, final double computed) {
        assertEquals(difference, computed, DIFFERENCE * (1 + Math.abs(computed)), name);
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
