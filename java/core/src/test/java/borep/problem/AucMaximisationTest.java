package borep.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import borep.model.NetworkShape;
import borep.model.TextSet;
import borep.problem.cases.ProblemCases;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The AUC objective against its formula written out, the closed form of α*, and Danskin's hypergradient. */
class AucMaximisationTest {
    private static final long SEED = Long.getLong("borep.seed", 7);
    private static final double P = 0.7;
    private static final double STEP = 1e-5;

    private final Device device = new ReferenceDevice();

    private Reals number(final double value) {
        final Reals number = device.reals(1);
        number.set(new double[] {value});
        return number;
    }

    /** F and S of {@link AucObjective}, sample by sample. */
    private static double[] written(
            final double[] scores,
            final int[] labels,
            final double a,
            final double b,
            final double alpha,
            final double c) {
        double squares = 0;
        double s = P * (1 - P) * c;
        for (int i = 0; i < scores.length; i++) {
            final double h = 1 / (1 + Math.exp(-scores[i]));
            final boolean positive = labels[i] == 1;
            squares += positive ? (1 - P) * (h - a) * (h - a) : P * (h - b) * (h - b);
            s += (positive ? -(1 - P) * h : P * h) / scores.length;
        }
        return new double[] {squares / scores.length + 2 * (1 + alpha) * s - P * (1 - P) * alpha * alpha, s};
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void theObjectiveIsItsFormula(final double margin) {
        final double[] scores = {-2, 0.5, 3, 0, -0.25};
        final int[] labels = {0, 1, 1, 0, 1};
        final AucObjective objective = new AucObjective(device, 5, P, margin);
        final Reals deviceScores = device.reals(5);
        deviceScores.set(scores);
        final Reals mean = device.reals(5);
        device.kernels().update().fill(mean, 1.0 / 5);
        objective.forward(deviceScores, ProblemCases.ints(device, labels), mean);
        final Reals value = device.reals(1);
        final Reals s = device.reals(1);
        objective.value(number(0.3), number(-0.2), number(1.7), value);
        objective.separation(s);
        final double[] expected = written(scores, labels, 0.3, -0.2, 1.7, margin);
        assertEquals(expected[0], value.get(0), 1e-15);
        assertEquals(expected[1], s.get(0), 1e-15);
    }

    /** Both levels on the same texts, all of them in every batch. */
    private AucMaximisation problem() {
        final NetworkShape shape = ProblemCases.shapes().getFirst().withClasses(1);
        final TextSet set = ProblemCases.texts(device, shape.pair(), 2, SEED);
        final TextLevel level = new TextLevel(
                set, Sampler.uniform(device, SEED, ProblemCases.POPULATION, false), ProblemCases.POPULATION);
        return new AucMaximisation(device, shape, P, 1, level, level, SEED);
    }

    private Sample draw(final Sample sample) {
        sample.draw(ProblemCases.at(device, 1), 1, 0);
        return sample;
    }

    /** α* = α − ∇_y g / ∇²_yy g from any α: g is quadratic. */
    private double optimum(final AucMaximisation problem, final Reals x, final double from) {
        final FirstOrder g = new FirstOrder(null, null, device.reals(1));
        problem.lower(x, number(from), draw(problem.newLowerSample()), g);
        return from - g.gradientY().get(0) / (2 * P * (1 - P));
    }

    @Test
    void alphaHasItsClosedForm() {
        final AucMaximisation problem = problem();
        final Reals x = device.reals(problem.upperSize());
        problem.initialise(x, device.reals(1));
        final double alpha = optimum(problem, x, 0);
        assertEquals(alpha, optimum(problem, x, 5), 1e-13);
        // F(α = 0) − F(α = −1) = 2 S + p (1 − p)
        final FirstOrder at = new FirstOrder(device.reals(1), null, null);
        problem.upper(x, number(0), draw(problem.newUpperSample()), at);
        final double f0 = at.value().get(0);
        problem.upper(x, number(-1), draw(problem.newUpperSample()), at);
        final double s = (f0 - at.value().get(0) - P * (1 - P)) / 2;
        assertEquals(s / (P * (1 - P)), alpha, 1e-12);
        final FirstOrder g = new FirstOrder(null, null, device.reals(1));
        problem.lower(x, number(alpha), draw(problem.newLowerSample()), g);
        assertEquals(0, g.gradientY().get(0), 1e-14);
    }

    @Test
    void theHypergradientIsDanskins() {
        final AucMaximisation problem = problem();
        final Reals x = device.reals(problem.upperSize());
        problem.initialise(x, device.reals(1));
        device.kernels().update().axpy(1, ProblemCases.vector(device, x.size(), SEED, 3), x);
        final FirstOrder f = new FirstOrder(device.reals(1), device.reals(x.size()), device.reals(1));
        problem.upper(x, number(optimum(problem, x, 0)), draw(problem.newUpperSample()), f);
        assertEquals(0, f.gradientY().get(0), 1e-14, "∇_y f at α*");
        final Reals direction = ProblemCases.vector(device, x.size(), SEED, 4);
        final Reals slope = device.reals(1);
        device.kernels().update().dot(f.gradientX(), direction, slope);
        final double[] ends = new double[2];
        for (int side = 0; side < 2; side++) {
            final Reals moved = device.reals(x.size());
            device.kernels().update().copy(x, moved);
            device.kernels().update().axpy(side == 0 ? STEP : -STEP, direction, moved);
            problem.upper(moved, number(optimum(problem, moved, 0)), draw(problem.newUpperSample()), f);
            ends[side] = f.value().get(0);
        }
        assertEquals((ends[0] - ends[1]) / (2 * STEP), slope.get(0), 1e-7 * (1 + Math.abs(slope.get(0))));
    }
}
