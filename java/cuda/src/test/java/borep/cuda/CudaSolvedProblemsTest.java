package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.device.Reals;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.NoisyProblem;
import borep.problem.Sample;
import borep.problem.SecondOrder;
import borep.problem.SolvedProblem;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import borep.solver.Solver;
import borep.solver.Solvers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The problems with known solutions on the device: oracles and their noise as on the host, and loops that never wait. */
class CudaSolvedProblemsTest {
    private static final double TOLERANCE = 2e-5;

    /** All that an oracle says, with noise, at a point beside the solution. */
    private static double[][] oracles(final SolvedProblemCases.Case c) {
        final BilevelProblem problem = new NoisyProblem(c.problem(), .3, .2, 5);
        final Device device = problem.device();
        final int p = problem.upperSize();
        final int q = problem.lowerSize();
        final Reals x = device.reals(p);
        x.set(c.x());
        final Reals y = device.reals(q);
        y.set(c.problem().lowerSolution(c.x()));
        device.kernels().update().axpy(.4, ProblemCases.vector(device, q, 7, 1), y);
        final Reals z = ProblemCases.vector(device, q, 7, 2);
        final Sample upper = problem.newUpperSample();
        final Sample lower = problem.newLowerSample();
        upper.draw(ProblemCases.at(device, 3), 1, 0);
        lower.draw(ProblemCases.at(device, 3), 2, 1);
        final FirstOrder f = new FirstOrder(device.reals(1), device.reals(p), device.reals(q));
        final FirstOrder g = new FirstOrder(device.reals(1), device.reals(p), device.reals(q));
        final SecondOrder h = new SecondOrder(device.reals(1), device.reals(q), device.reals(q), device.reals(p));
        problem.upper(x, y, upper, f);
        problem.lower(x, y, lower, g);
        problem.lowerAlong(x, y, z, lower, h);
        return List.of(
                        f.value(),
                        f.gradientX(),
                        f.gradientY(),
                        g.value(),
                        g.gradientX(),
                        g.gradientY(),
                        h.gradient(),
                        h.product(),
                        h.mixed())
                .stream()
                .map(Reals::toDoubles)
                .toArray(double[][]::new);
    }

    @Test
    void oraclesAgreeWithTheReference() {
        try (Device cuda = Emulated.open();
                Device reference = new ReferenceDevice()) {
            final List<SolvedProblemCases.Case> there = SolvedProblemCases.all(cuda);
            final List<SolvedProblemCases.Case> here = SolvedProblemCases.all(reference);
            for (int i = 0; i < here.size(); i++) {
                final double[][] expected = oracles(here.get(i));
                final double[][] actual = oracles(there.get(i));
                for (int k = 0; k < expected.length; k++) {
                    assertClose(here.get(i).name() + ", output " + k, expected[k], actual[k], TOLERANCE);
                }
            }
        }
    }

    /** Two hundred steps with noise from the device's own numbers stay beside those of the host. */
    @Test
    void noisyRunsAgreeWithTheVectorDevice() {
        try (CudaDevice cuda = Emulated.open();
                Device vector = Devices.choose("vector", 1).device()) {
            final Solver there = soba(SolvedProblemCases.golden(cuda));
            final Solver here = soba(SolvedProblemCases.golden(vector));
            there.step();
            here.step();
            final CudaDevice.Statistics before = cuda.statistics();
            for (int k = 0; k < 199; k++) {
                there.step();
                here.step();
            }
            final CudaDevice.Statistics after = cuda.statistics();
            assertEquals(before.synchronisations(), after.synchronisations(), "waits");
            assertEquals(before.kernels(), after.kernels(), "launches kernels one by one");
            assertEquals(before.allocations(), after.allocations(), "allocates");
            assertClose("x", here.x().toDoubles(), there.x().toDoubles(), 1e-3);
            assertClose("y", here.y().toDoubles(), there.y().toDoubles(), 1e-3);
        }
    }

    private static Solver soba(final SolvedProblem problem) {
        final Solver solver = Solvers.create(
                "soba", new NoisyProblem(problem, .1, .1, 3), Map.of("eta", "0.05", "alpha", "0.3", "gamma", "0.3"), 3);
        solver.initialise();
        return solver;
    }

    private static void assertClose(
            final String name, final double[] expected, final double[] actual, final double tolerance) {
        double largest = 1;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(expected[i] - actual[i]));
        }
        assertTrue(error <= tolerance * largest, name + ": off by " + error + " of " + largest);
    }
}
