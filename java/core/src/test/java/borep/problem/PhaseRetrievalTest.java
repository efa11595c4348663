package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.cases.ProblemCases;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Phase retrieval: its gradient, its planted minimisers, its minibatches. */
class PhaseRetrievalTest {
    private static final PhaseRetrieval.Settings SMALL = new PhaseRetrieval.Settings(60, 4, 60, 0, 3);

    private final Device device = new ReferenceDevice();

    private Reals vector(final double... values) {
        final Reals vector = device.reals(values.length);
        vector.set(values);
        return vector;
    }

    private double value(final PhaseRetrieval problem, final Reals x, final Sample sample) {
        final FirstOrder out = new FirstOrder(device.reals(1), null, null);
        problem.upper(x, vector(0), sample, out);
        return out.value().get(0);
    }

    private double[] gradient(final PhaseRetrieval problem, final Reals x, final Sample sample) {
        final FirstOrder out = new FirstOrder(null, device.reals(problem.upperSize()), device.reals(1));
        problem.upper(x, vector(0), sample, out);
        assertEquals(0, out.gradientY().get(0));
        return out.gradientX().toDoubles();
    }

    private Sample drawn(final PhaseRetrieval problem, final int step) {
        final Sample sample = problem.newUpperSample();
        sample.draw(ProblemCases.at(device, step), 6, 0);
        return sample;
    }

    @Test
    void theGradientIsTheSlopeOfTheValue() {
        final PhaseRetrieval problem = new PhaseRetrieval(device, new PhaseRetrieval.Settings(60, 4, 7, .3, 3), 5);
        final Sample sample = drawn(problem, 2);
        final double[] at = {.7, -.4, 1.1, .2};
        final double[] gradient = gradient(problem, vector(at), sample);
        for (int j = 0; j < at.length; j++) {
            final double[] ahead = at.clone();
            final double[] behind = at.clone();
            ahead[j] += 1e-5;
            behind[j] -= 1e-5;
            final double slope =
                    (value(problem, vector(ahead), sample) - value(problem, vector(behind), sample)) / 2e-5;
            assertEquals(slope, gradient[j], 1e-8 * (1 + Math.abs(slope)));
        }
    }

    @Test
    void thePlantedSolutionAndItsMirrorImageAreMinimisers() {
        final PhaseRetrieval problem = new PhaseRetrieval(device, SMALL, 5);
        final Sample all = drawn(problem, 0);
        final double[] mirrored = Arrays.stream(problem.solution()).map(v -> -v).toArray();
        assertEquals(1, Arrays.stream(problem.solution()).map(v -> v * v).sum(), 1e-14);
        for (final double[] w : new double[][] {problem.solution(), mirrored}) {
            assertEquals(0, value(problem, vector(w), all), 1e-28);
            assertArrayEquals(new double[4], gradient(problem, vector(w), all), 1e-14);
        }
        final Reals start = device.reals(4);
        problem.initialise(start, device.reals(1));
        assertEquals(9, Arrays.stream(start.toDoubles()).map(v -> v * v).sum(), 1e-13);
    }

    @Test
    void minibatchesAverageToTheWhole() {
        final PhaseRetrieval whole = new PhaseRetrieval(device, SMALL, 5);
        final PhaseRetrieval parts = new PhaseRetrieval(device, new PhaseRetrieval.Settings(60, 4, 6, 0, 3), 5);
        final Reals x = vector(.7, -.4, 1.1, .2);
        final double[] mean = new double[4];
        final int draws = 4000;
        for (int k = 0; k < draws; k++) {
            final double[] gradient = gradient(parts, x, drawn(parts, k));
            for (int j = 0; j < mean.length; j++) {
                mean[j] += gradient[j] / draws;
            }
        }
        final double[] exact = gradient(whole, x, drawn(whole, 0));
        for (int j = 0; j < mean.length; j++) { // a minibatch has a deviation near 3
            assertEquals(exact[j], mean[j], .2);
        }
    }

    @Test
    void theLowerLevelHasNothingToSay() {
        final PhaseRetrieval problem = new PhaseRetrieval(device, SMALL, 5);
        final Reals x = vector(.7, -.4, 1.1, .2);
        final FirstOrder g = new FirstOrder(device.reals(1), device.reals(4), device.reals(1));
        problem.lower(x, vector(3), problem.newLowerSample(), g);
        assertEquals(4.5, g.value().get(0));
        assertEquals(3, g.gradientY().get(0));
        assertArrayEquals(new double[4], g.gradientX().toDoubles());
        final SecondOrder along = new SecondOrder(null, null, device.reals(1), device.reals(4));
        problem.lowerAlong(x, vector(3), vector(2), problem.newLowerSample(), along);
        assertEquals(2, along.product().get(0));
        assertArrayEquals(new double[4], along.mixed().toDoubles());
    }

    @Test
    void sizesAreChecked() {
        assertEquals(
                "batch 61: must lie between 1 and 60",
                assertThrows(IllegalArgumentException.class, () -> new PhaseRetrieval.Settings(60, 4, 61, 0, 3))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new PhaseRetrieval.Settings(60, 4, 6, -1, 3));
    }
}
