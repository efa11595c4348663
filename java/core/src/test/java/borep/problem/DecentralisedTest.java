package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.cases.Answers;
import borep.problem.cases.ProblemCases;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Agents together: every oracle is the average of theirs, each on a sample of its own. */
class DecentralisedTest {
    private static final int AGENTS = 3;
    private static final int P = 2;
    private static final int Q = 4;

    private final Device device = new ReferenceDevice();
    private final List<NoisyProblem> agents = IntStream.range(0, AGENTS)
            .mapToObj(i ->
                    new NoisyProblem(new Quadratic(device, Quadratic.Data.random(P, Q, 5, .3, .2, i)), .5, .5, 10 + i))
            .toList();
    private final Decentralised all = new Decentralised(agents);
    private final Reals x = ProblemCases.vector(device, P, 1, 1);
    private final Reals y = ProblemCases.vector(device, Q, 1, 2);
    private final Reals z = ProblemCases.vector(device, Q, 1, 3);

    private Sample drawn(final Sample sample) {
        sample.draw(ProblemCases.at(device, 6), 2, 1);
        return sample;
    }

    private FirstOrder first(final int wanted) {
        return new FirstOrder(vector(wanted, 1, 1), vector(wanted, 2, P), vector(wanted, 4, Q));
    }

    private SecondOrder second(final int wanted) {
        return new SecondOrder(vector(wanted, 1, 1), vector(wanted, 2, Q), vector(wanted, 4, Q), vector(wanted, 8, P));
    }

    private Reals vector(final int wanted, final int bit, final int size) {
        return (wanted & bit) == 0 ? null : ProblemCases.vector(device, size, 9, bit); // not clean before
    }

    private void add(final Reals part, final Reals sum) {
        if (sum != null) {
            device.kernels().update().axpy(1.0 / AGENTS, part, sum);
        }
    }

    private void clear(final Reals... sums) {
        for (final Reals sum : sums) {
            if (sum != null) {
                device.kernels().update().fill(sum, 0);
            }
        }
    }

    private static void same(final Reals expected, final Reals actual) {
        if (expected != null) {
            assertArrayEquals(expected.toDoubles(), actual.toDoubles(), 1e-14);
        }
    }

    @Test
    void firstOrderIsTheAverage() {
        for (int wanted = 1; wanted < 8; wanted++) {
            for (final boolean upper : new boolean[] {true, false}) {
                final FirstOrder mean = first(wanted);
                clear(mean.value(), mean.gradientX(), mean.gradientY());
                for (final NoisyProblem agent : agents) {
                    final FirstOrder one = first(wanted);
                    if (upper) {
                        agent.upper(x, y, drawn(agent.newUpperSample()), one);
                    } else {
                        agent.lower(x, y, drawn(agent.newLowerSample()), one);
                    }
                    add(one.value(), mean.value());
                    add(one.gradientX(), mean.gradientX());
                    add(one.gradientY(), mean.gradientY());
                }
                final FirstOrder together = first(wanted);
                if (upper) {
                    all.upper(x, y, drawn(all.newUpperSample()), together);
                } else {
                    all.lower(x, y, drawn(all.newLowerSample()), together);
                }
                same(mean.value(), together.value());
                same(mean.gradientX(), together.gradientX());
                same(mean.gradientY(), together.gradientY());
            }
        }
    }

    @Test
    void secondOrderIsTheAverage() {
        for (int wanted = 1; wanted < 16; wanted++) {
            final SecondOrder mean = second(wanted);
            clear(mean.value(), mean.gradient(), mean.product(), mean.mixed());
            for (final NoisyProblem agent : agents) {
                final SecondOrder one = second(wanted);
                agent.lowerAlong(x, y, z, drawn(agent.newLowerSample()), one);
                add(one.value(), mean.value());
                add(one.gradient(), mean.gradient());
                add(one.product(), mean.product());
                add(one.mixed(), mean.mixed());
            }
            final SecondOrder together = second(wanted);
            all.lowerAlong(x, y, z, drawn(all.newLowerSample()), together);
            same(mean.value(), together.value());
            same(mean.gradient(), together.gradient());
            same(mean.product(), together.product());
            same(mean.mixed(), together.mixed());
        }
    }

    @Test
    void agentsMustFitTogether() {
        assertEquals(
                "agents 0: must be at least 1",
                assertThrows(IllegalArgumentException.class, () -> new Decentralised(List.of()))
                        .getMessage());
        final Quadratic other = new Quadratic(device, Quadratic.Data.random(P, 3, 5, .3, 0, 1));
        assertEquals(
                "agent 1: its x and y have 2 and 3 numbers; must be 2 and 4, like agent 0's",
                assertThrows(IllegalArgumentException.class, () -> new Decentralised(List.of(agents.getFirst(), other)))
                        .getMessage());
        final Quadratic elsewhere = new Quadratic(new ReferenceDevice(), Quadratic.Data.random(P, Q, 5, .3, 0, 1));
        assertEquals(
                "agent 1: computes on another device than agent 0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Decentralised(List.of(agents.getFirst(), elsewhere)))
                        .getMessage());
        assertEquals(List.of(other), Decentralised.agentsOf(other));
        assertEquals(agents, Decentralised.agentsOf(all));
    }

    /** Batch k of all is the average of everybody's batch k; together they are the average of the wholes. */
    @Test
    void finiteSumsAreJoint() {
        final List<QuadraticSum> sums =
                List.of(ProblemCases.quadraticSum(device, 5), ProblemCases.quadraticSum(device, 6));
        final Decentralised together = new Decentralised(sums);
        assertEquals(FiniteSum.equal(4), together.lowerSum());
        assertEquals(FiniteSum.equal(3), together.upperSum());
        final Decentralised wholes =
                new Decentralised(sums.stream().map(QuadraticSum::whole).toList());
        assertEquals(FiniteSum.WHOLE, wholes.lowerSum());
        final BilevelProblem added = new LargeBatch(together, 0);
        final double[][] expected = answers(wholes);
        final double[][] actual = answers(added);
        for (int a = 0; a < expected.length; a++) {
            assertArrayEquals(expected[a], actual[a], 1e-14, Answers.NAMES[a]);
        }
        assertEquals(
                "agent 1: its upper level is a sum of 1 samples in batches of 1; must be 3 in batches of 1, like agent 0's;"
                        + " choose a solver without tables and full passes",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Decentralised(List.of(
                                                sums.getFirst(), sums.getLast().whole()))
                                        .upperSum())
                        .getMessage());
        assertThrows(IllegalArgumentException.class, all::lowerSum, "noise is no finite sum");
    }

    private double[][] answers(final BilevelProblem problem) {
        return Answers.of(
                        problem,
                        ProblemCases.vector(device, problem.upperSize(), 8, 1),
                        ProblemCases.vector(device, problem.lowerSize(), 8, 2),
                        ProblemCases.vector(device, problem.lowerSize(), 8, 3),
                        drawn(problem.newUpperSample()),
                        drawn(problem.newLowerSample()))
                .all();
    }
}
