package borep.problem;

import borep.device.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * {@link Quadratic}s of several agents, each with matrices and noise of its own. Together they are one quadratic, whose
 * solution is known: A, B, c, ρ and κ are the averages, C and d those of all agents on top of each other, divided by √n.
 */
public final class DecentralisedQuadratic extends Decentralised implements SolvedProblem {
    private final Quadratic together;

    /**
     * The agents on {@code device}.
     *
     * @param agents their data, at least one, of the same sizes; the first one's starting point is everybody's
     * @param noise  standard deviation of all their oracles, not negative; 0: none
     * @param seed   of the noise; agent i has the seeds 2 (seed + i) and the next
     * @throws IllegalArgumentException if there is no agent, sizes differ or the noise is out of range
     */
    public DecentralisedQuadratic(
            final Device device, final List<Quadratic.Data> agents, final double noise, final long seed) {
        super(IntStream.range(0, agents.size())
                .mapToObj(i -> disturbed(new Quadratic(device, agents.get(i)), noise, 2 * (seed + i)))
                .toList());
        together = new Quadratic(device, average(agents));
    }

    private static BilevelProblem disturbed(final Quadratic agent, final double noise, final long seed) {
        return noise == 0 ? agent : new NoisyProblem(agent, noise, noise, seed);
    }

    private static Quadratic.Data average(final List<Quadratic.Data> agents) {
        final Quadratic.Data first = agents.getFirst();
        final double share = 1.0 / agents.size();
        final double[][] a = new double[first.a().length][first.a().length];
        final double[][] b = new double[first.b().length][first.x0().length];
        double[] c = new double[first.c().length];
        double rho = 0;
        double kappa = 0;
        final List<double[]> rows = new ArrayList<>();
        final List<Double> targets = new ArrayList<>();
        for (final Quadratic.Data agent : agents) {
            for (int i = 0; i < c.length; i++) {
                a[i] = HostMatrix.plus(a[i], share, agent.a()[i]);
                b[i] = HostMatrix.plus(b[i], share, agent.b()[i]);
            }
            c = HostMatrix.plus(c, share, agent.c());
            rho += share * agent.rho();
            kappa += share * agent.kappa();
            for (int row = 0; row < agent.d().length; row++) {
                rows.add(HostMatrix.scaled(Math.sqrt(share), agent.cUp()[row]));
                targets.add(Math.sqrt(share) * agent.d()[row]);
            }
        }
        return new Quadratic.Data(
                a,
                b,
                c,
                rows.toArray(double[][]::new),
                targets.stream().mapToDouble(Double::doubleValue).toArray(),
                rho,
                kappa,
                Arrays.copyOf(first.x0(), first.x0().length));
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        return together.lowerSolution(x);
    }

    @Override
    public double[] systemSolution(final double[] x) {
        return together.systemSolution(x);
    }

    @Override
    public double objective(final double[] x) {
        return together.objective(x);
    }

    @Override
    public double[] hypergradient(final double[] x) {
        return together.hypergradient(x);
    }

    @Override
    public Optional<double[]> minimiser(final double[] x) {
        return together.minimiser(x);
    }
}
