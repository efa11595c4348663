package borep.compare;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.CountingProblem;
import borep.problem.MdpTables;
import borep.problem.TabularMdp;
import borep.solver.Solver;
import borep.solver.Solvers;
import java.util.Map;

/**
 * Exact numbers of oracle calls. What a solver asks in which iteration depends on its settings and seed, never on the problem or the
 * device; so the calls are counted on a toy problem, and no device has to count while it replays.
 */
final class OracleCalls {
    private OracleCalls() {}

    /** [steps + 1] calls of all kinds before each iteration and after the last; a fused call counts once for each output. */
    static long[] until(final String solver, final Map<String, String> settings, final long seed, final int steps) {
        final long[] calls = new long[steps + 1];
        try (Device device = new ReferenceDevice()) {
            final CountingProblem problem = CountingProblem.of(toy(device));
            final Solver counted = Solvers.create(solver, problem, settings, seed);
            counted.initialise();
            for (int k = 0; k < steps; k++) {
                counted.step();
                calls[k + 1] = problem.counts().total();
            }
        }
        return calls;
    }

    /** A decision process with one state and one action, which is a bilevel problem that every solver takes. */
    private static TabularMdp toy(final Device device) {
        final double[][] one = {{1}};
        final double[] zero = {0};
        return new TabularMdp(device, new MdpTables(one, one, null, zero, 0.5, 1, zero, 1, new double[] {1}, null));
    }
}
