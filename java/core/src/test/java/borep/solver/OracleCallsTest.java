package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Guard;
import borep.device.Program;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.CountingProblem;
import borep.problem.Decentralised;
import borep.problem.DecentralisedQuadratic;
import borep.problem.FirstOrder;
import borep.problem.Quadratic;
import borep.problem.Sample;
import borep.problem.cases.ProblemCases;
import borep.solver.cases.SuitedProblems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a solver says of its own oracle calls is what arrives at the problem, whatever way the calls go. */
class OracleCallsTest {
    private final Device device = new ReferenceDevice();

    private static List<String> names() {
        return Solvers.kinds().stream().map(Solvers.Kind::name).toList();
    }

    private static long[] kinds(final CountingProblem.Counts counts) {
        return new long[] {
            counts.upperGradientX(),
            counts.upperGradientY(),
            counts.lowerGradientX(),
            counts.lowerGradientY(),
            counts.hessianVectorProducts(),
            counts.mixedProducts(),
            counts.total()
        };
    }

    /** On text in several batches and, where the solver takes it, on a sum of four and three quadratics; large batches of both sorts. */
    @ParameterizedTest
    @MethodSource("names")
    void everySolverCountsWhatItAsks(final String name) {
        final List<BilevelProblem> problems = new ArrayList<>(List.of(SuitedProblems.of(device, name)));
        if (!List.of("maml", "m-sobirl", "sobirl").contains(name)) {
            problems.add(ProblemCases.quadraticSum(device, 5));
        }
        int checked = 0;
        for (final BilevelProblem problem : problems) {
            for (final String largeBatch : List.of("0", "5")) {
                final CountingProblem outside = CountingProblem.of(problem);
                final Map<String, String> settings = new HashMap<>(Map.of("largeBatch", largeBatch, "period", "4"));
                settings.keySet().retainAll(Solvers.kind(name).settings().keySet());
                final Solver solver = Solvers.create(name, outside, settings, 3);
                solver.initialise();
                assertArrayEquals(new long[7], kinds(solver.calls()), name);
                for (int k = 1; k <= 10; k++) {
                    solver.step();
                    assertArrayEquals(kinds(outside.counts()), kinds(solver.calls()), name + " after step " + k);
                    checked++;
                }
                assertTrue(solver.calls().total() >= 10, name);
            }
        }
        assertEquals(20 * problems.size(), checked);
    }

    /** An oracle of all agents is one of each: DSGDA-GT, who asks them one by one, and SLIP, who does not know of them. */
    @ParameterizedTest
    @CsvSource({"dsgda-gt, 18", "slip, 15"}) // 3 agents: 2 ∇_y g, 2 ∇_x g, ∇_y f, ∇_x f; 5 oracles
    void everyAgentCounts(final String name, final long perIteration) {
        final Decentralised problem = new DecentralisedQuadratic(
                device,
                List.of(
                        Quadratic.Data.random(2, 3, 4, .5, 0, 1),
                        Quadratic.Data.random(2, 3, 4, .5, 0, 2),
                        Quadratic.Data.random(2, 3, 4, .5, 0, 3)),
                .1,
                1);
        final CountingProblem outside = CountingProblem.of(problem);
        final Map<String, String> settings = name.equals("slip") ? Map.of("warmSteps", "0") : Map.of();
        final Solver solver = Solvers.create(name, outside, settings, 3);
        solver.initialise();
        for (int k = 1; k <= 4; k++) {
            solver.step();
            assertEquals(k * perIteration, solver.calls().total());
            assertArrayEquals(kinds(outside.counts()), kinds(solver.calls()));
        }
        assertEquals(3, Decentralised.agentsOf(outside).size());
    }

    /** As a device that records: the calls are made once, for the recording, and replayed without anybody being called. */
    private static final class Recording implements Guard {
        private int replays;

        @Override
        public void begin() {}

        @Override
        public Program record(final Runnable calls) {
            calls.run();
            return () -> replays++;
        }

        @Override
        public void end() {}
    }

    @Test
    void replaysCountAndRecordingDoesNot() {
        final CountingProblem problem = new CountingProblem(ProblemCases.quadraticSum(device, 5));
        final Sample sample = problem.newUpperSample();
        sample.take(1);
        final Reals x = device.reals(2);
        final Reals y = device.reals(3);
        final FirstOrder both = new FirstOrder(null, device.reals(2), device.reals(3));
        final FirstOrder value = new FirstOrder(device.reals(1), null, null);
        final Recording guard = new Recording();
        final Program program = problem.counts().record(guard, () -> {
            problem.upper(x, y, sample, both);
            problem.upper(x, y, sample, both);
            problem.upper(x, y, sample, value);
        });
        assertArrayEquals(new long[7], kinds(problem.counts()));
        for (int run = 1; run <= 3; run++) {
            program.run();
            assertArrayEquals(new long[] {2 * run, 2 * run, 0, 0, 0, 0, 4 * run}, kinds(problem.counts()));
        }
        assertEquals(3, guard.replays);
    }
}
