package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.model.NetworkShape;
import borep.problem.cases.Answers;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every two-point method lives on: a sample evaluated at two points is the same realisation at both. So evaluated at a first point,
 * at a second and at the first again, every oracle repeats itself bit by bit; and so does another sample drawn the same.
 */
class SampleReplayTest {
    private static Map<String, BilevelProblem> problems(final Device device) {
        final Map<String, BilevelProblem> problems = new LinkedHashMap<>();
        SolvedProblemCases.all(device).forEach(one -> problems.put(one.name(), one.problem()));
        problems.put("quadratic sum", ProblemCases.quadraticSum(device, 5));
        problems.put("whole quadratic sum", new LargeBatch(ProblemCases.quadraticSum(device, 5), 0));
        problems.put("large batches of a quadratic sum", new LargeBatch(ProblemCases.quadraticSum(device, 5), 3));
        problems.put("phase retrieval", new PhaseRetrieval(device, new PhaseRetrieval.Settings(40, 6, 8, .1, 3), 1));
        for (final BilevelProblem data : ProblemCases.dataProblems(device, 3)) {
            final String name = data.getClass().getSimpleName() + " " + problems.size();
            problems.put(name, data);
            problems.put("whole " + name, new LargeBatch(data, 0));
        }
        for (final NetworkShape shape :
                List.of(ProblemCases.shapes().get(1), ProblemCases.shapes().get(3))) {
            for (final TextProblem text : ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, 3)) {
                final String name = text.getClass().getSimpleName() + " " + problems.size();
                problems.put(name, text);
                problems.put("whole " + name, new LargeBatch(text, 0));
                problems.put("large batches of " + name, new LargeBatch(text, 2));
            }
        }
        return problems;
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector"})
    void everySampleIsTheSameAtTwoPoints(final String where) {
        int drawn = 0;
        int taken = 0;
        try (Device device = Devices.choose(where, 1).device()) {
            for (final Map.Entry<String, BilevelProblem> entry :
                    problems(device).entrySet()) {
                check(entry.getKey(), entry.getValue(), sample -> sample.draw(ProblemCases.at(device, 4), 3, 2));
                drawn++;
                if (isSum(entry.getValue())) {
                    final int last = Math.min(
                                    entry.getValue().upperSum().batches(),
                                    entry.getValue().lowerSum().batches())
                            - 1;
                    check(entry.getKey() + ", batch " + last, entry.getValue(), sample -> sample.take(last));
                    taken++;
                }
            }
        }
        assertTrue(drawn >= 72, drawn + " problems");
        assertTrue(taken >= 62, taken + " finite sums");
    }

    private static boolean isSum(final BilevelProblem problem) {
        try {
            problem.upperSum();
            problem.lowerSum();
            return true;
        } catch (IllegalArgumentException e) {
            return false; // its sentence is FiniteSumTest's
        }
    }

    private static void check(final String name, final BilevelProblem problem, final Consumer<Sample> draw) {
        final Device device = problem.device();
        final Reals[] x = {
            ProblemCases.vector(device, problem.upperSize(), 8, 1),
            ProblemCases.vector(device, problem.upperSize(), 8, 2)
        };
        final Reals[] y = {
            ProblemCases.vector(device, problem.lowerSize(), 8, 3),
            ProblemCases.vector(device, problem.lowerSize(), 8, 4)
        };
        final Reals z = ProblemCases.vector(device, problem.lowerSize(), 8, 5);
        final Sample upper = problem.newUpperSample();
        final Sample lower = problem.newLowerSample();
        draw.accept(upper);
        draw.accept(lower);
        final Answers here = Answers.of(problem, x[0], y[0], z, upper, lower);
        final Answers there = Answers.of(problem, x[1], y[1], z, upper, lower);
        final Answers again = Answers.of(problem, x[0], y[0], z, upper, lower);
        final Sample sameUpper = problem.newUpperSample();
        final Sample sameLower = problem.newLowerSample();
        draw.accept(sameUpper);
        draw.accept(sameLower);
        final Answers same = Answers.of(problem, x[1], y[1], z, sameUpper, sameLower);
        for (int a = 0; a < Answers.NAMES.length; a++) {
            assertArrayEquals(here.all()[a], again.all()[a], name + ": " + Answers.NAMES[a]);
            assertArrayEquals(there.all()[a], same.all()[a], name + ": " + Answers.NAMES[a] + ", drawn again");
        }
        assertFalse(Arrays.equals(here.gy(), there.gy()), name + ": the points are the same");
    }

    /** Other lanes, purposes and steps are other realisations, wherever there is randomness. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "vector"})
    void samplesDiffer(final String where) {
        try (Device device = Devices.choose(where, 1).device()) {
            final QuadraticSum problem = ProblemCases.quadraticSum(device, 5);
            final Reals x = ProblemCases.vector(device, problem.upperSize(), 8, 1);
            final Reals y = ProblemCases.vector(device, problem.lowerSize(), 8, 3);
            final FirstOrder want = new FirstOrder(null, null, device.reals(problem.lowerSize()));
            final Sample sample = problem.newLowerSample();
            final long different = java.util.stream.IntStream.range(0, 64)
                    .mapToObj(lane -> {
                        sample.draw(ProblemCases.at(device, lane / 16), 1 + lane / 4 % 4, lane % 4);
                        problem.lower(x, y, sample, want);
                        return Arrays.toString(want.gradientY().toDoubles());
                    })
                    .distinct()
                    .count();
            assertEquals(problem.lowerSum().batches(), different); // every term turns up
        }
    }
}
