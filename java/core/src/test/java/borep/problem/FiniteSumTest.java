package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Batch;
import borep.kernel.Loss;
import borep.kernel.Pooling;
import borep.kernel.reference.ReferenceDevice;
import borep.model.NetworkShape;
import borep.problem.cases.Answers;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Batches of a finite sum add up to the whole, however they are cut. */
class FiniteSumTest {
    private final Device device = new ReferenceDevice();

    /** A point (x, y) and a direction z. */
    private record Point(Reals x, Reals y, Reals z) {}

    private Point point(final BilevelProblem problem) {
        return new Point(
                ProblemCases.vector(device, problem.upperSize(), 8, 1),
                ProblemCases.vector(device, problem.lowerSize(), 8, 2),
                ProblemCases.vector(device, problem.lowerSize(), 8, 3));
    }

    private Answers answers(final BilevelProblem problem, final Sample upper, final Sample lower) {
        final Point at = point(problem);
        return Answers.of(problem, at.x, at.y, at.z, upper, lower);
    }

    private Answers drawn(final BilevelProblem problem) {
        final Sample upper = problem.newUpperSample();
        final Sample lower = problem.newLowerSample();
        upper.draw(ProblemCases.at(device, 3), 2, 1);
        lower.draw(ProblemCases.at(device, 3), 2, 1);
        return answers(problem, upper, lower);
    }

    private static void assertSame(
            final double[][] expected, final double[][] actual, final double tolerance, final String where) {
        for (int a = 0; a < expected.length; a++) {
            assertArrayEquals(expected[a], actual[a], tolerance, where + ": " + Answers.NAMES[a]);
        }
    }

    @Test
    void quadraticsAddUpToTheirWhole() {
        final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
        assertEquals(4, problem.lowerSum().batches());
        assertEquals(3, problem.upperSum().batches());
        final Quadratic whole = problem.whole();
        final Answers expected = answers(whole, whole.newUpperSample(), whole.newLowerSample());
        assertSame(expected.all(), drawn(new LargeBatch(problem, 0)).all(), 1e-14, "quadratic");
        assertSame(
                expected.all(),
                drawn(new LargeBatch(new LargeBatch(problem, 0), 0)).all(),
                1e-14,
                "twice");
    }

    /** Twelve texts in batches of five: two whole ones and one of two; against one batch of twelve. */
    @Test
    void textsAddUpToTheirMean() {
        int checked = 0;
        for (final NetworkShape shape : ProblemCases.shapes()) {
            if (shape.pool() == Pooling.Mode.MAX_PADDED) {
                continue; // its features depend on the longest text of the batch, so every cut is another sum
            }
            final List<TextProblem> parts = ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 3);
            final List<TextProblem> wholes =
                    ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 3, ProblemCases.POPULATION);
            for (int i = 0; i < parts.size(); i++) {
                final String where = parts.get(i).getClass().getSimpleName() + " " + shape;
                assertEquals(3, parts.get(i).lowerSum().batches(), where);
                final Answers expected = drawn(wholes.get(i));
                assertSame(
                        expected.all(), drawn(new LargeBatch(parts.get(i), 0)).all(), 1e-13, where);
                assertSame(
                        expected.all(), drawn(new LargeBatch(wholes.get(i), 0)).all(), 1e-13, where);
                checked++;
            }
        }
        assertEquals(15, checked);
    }

    /** Twelve sparse samples, texts of the AUC, and measurements, in batches of five, against one batch of twelve. */
    @Test
    void samplesOfAllSortsAddUpToTheirMean() {
        final List<BilevelProblem> parts = new ArrayList<>(ProblemCases.dataProblems(device, 3));
        final List<BilevelProblem> wholes =
                new ArrayList<>(ProblemCases.dataProblems(device, 3, ProblemCases.POPULATION));
        parts.add(new PhaseRetrieval(device, new PhaseRetrieval.Settings(12, 3, 5, .1, 2), 1));
        wholes.add(new PhaseRetrieval(device, new PhaseRetrieval.Settings(12, 3, 12, .1, 2), 1));
        int cut = 0;
        for (int i = 0; i < parts.size(); i++) {
            final String where = parts.get(i).getClass().getSimpleName() + " " + i;
            assertEquals(1, wholes.get(i).upperSum().batches(), where);
            cut += parts.get(i).upperSum().batches() == 3 ? 1 : 0;
            final Answers expected = drawn(wholes.get(i));
            assertSame(expected.all(), drawn(new LargeBatch(parts.get(i), 0)).all(), 1e-13, where);
            assertSame(expected.all(), drawn(new LargeBatch(wholes.get(i), 0)).all(), 1e-13, where);
        }
        assertEquals(9, cut); // 3 of two classes, 3 of three, 2 AUC, phase retrieval
    }

    /** A batch that is larger than the set is one batch, every text in it once. */
    @Test
    void batchesLargerThanTheSetAreTheSet() {
        final NetworkShape shape = ProblemCases.shapes().getFirst();
        final TextProblem large = ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 3, 20)
                .get(1);
        final TextProblem whole = ProblemCases.problems(
                        device, shape, Loss.Regulariser.SQUARED, 3, ProblemCases.POPULATION)
                .get(1);
        assertEquals(1, large.upperSum().batches());
        assertSame(drawn(whole).all(), drawn(new LargeBatch(large, 0)).all(), 1e-13, "20 of 12");
    }

    @Test
    void everyTextIsInOneBatch() {
        final TextProblem problem = ProblemCases.problems(
                        device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, 3)
                .get(1);
        final TextSample sample = problem.newLowerSample();
        final List<Integer> seen = new ArrayList<>();
        for (int i = 0; i < problem.lowerSum().batches(); i++) {
            sample.take(i);
            final int[] indices = sample.batch().indices().toArray();
            final double[] mean = sample.mean().toDoubles();
            for (int b = 0; b < indices.length; b++) {
                final boolean counts = b < problem.lowerSum().size(i);
                assertEquals(counts ? 1.0 / problem.lowerSum().size(i) : 0, mean[b]);
                if (counts) {
                    seen.add(indices[b]);
                }
            }
        }
        assertEquals(
                IntStream.range(0, ProblemCases.POPULATION).boxed().toList(),
                seen.stream().sorted().toList());
    }

    /** Large batches of drawn ones: their mean, different for every lane and step, disjoint from the small ones' lanes. */
    @Test
    void largeBatchesAreMeansOfDrawnOnes() {
        final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
        final Counter step = ProblemCases.at(device, 3);
        final Answers[] parts = new Answers[6];
        final double[] weights = new double[parts.length];
        Arrays.fill(weights, 1.0 / parts.length);
        for (int i = 0; i < parts.length; i++) {
            final Sample upper = problem.newUpperSample();
            final Sample lower = problem.newLowerSample();
            upper.draw(step, 2 + 256, 6 + i);
            lower.draw(step, 2 + 256, 6 + i);
            parts[i] = answers(problem, upper, lower);
        }
        assertSame(
                Answers.sum(weights, parts), drawn(new LargeBatch(problem, 6)).all(), 1e-14, "six drawn");
    }

    @Test
    void tasksAreFixed() {
        final Batch.Tasks tasks =
                Sampler.group(device, new int[] {0, 1, 0, 1, 0, 1, 1}, new int[] {0, 0, 1, 1, 0, 1, 0}, 2, 2);
        final Sampler sampler = Sampler.tasks(device, 4, tasks, true, 0);
        assertEquals(4, sampler.sum(2).batches());
        assertEquals(.25, sampler.sum(2).weight(3));
        final var first = device.ints(8);
        final var second = device.ints(8);
        sampler.cut(2, first);
        sampler.cut(2, second);
        assertArrayEquals(first.toArray(), second.toArray());
        for (int task = 0; task < 4; task++) { // both classes of one domain
            final int a = first.toArray()[2 * task];
            final int b = first.toArray()[2 * task + 1];
            assertEquals(a % 2 == 0, b % 2 == 0 || b == 6, "a task of one domain: " + a + ", " + b);
        }
    }

    @Test
    void whatIsNoSumSaysSo() {
        final BilevelProblem stream = new NoisyProblem(SolvedProblemCases.golden(device), .1, .1, 1);
        assertEquals(
                "this problem's upper level is no finite sum; choose a solver without tables and full passes",
                assertThrows(IllegalArgumentException.class, stream::upperSum).getMessage());
        assertEquals(
                "finite sum of 0 samples in batches of 3: both must be at least 1",
                assertThrows(IllegalArgumentException.class, () -> new FiniteSum(0, 3))
                        .getMessage());
        assertEquals(
                "large batch of -1 batches: must be at least 1, or 0 for all",
                assertThrows(IllegalArgumentException.class, () -> new LargeBatch(stream, -1))
                        .getMessage());
        assertThrows(
                UnsupportedOperationException.class,
                () -> stream.newUpperSample().take(0));
    }
}
