package borep.problem;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;
import borep.model.Parameters;
import java.util.List;

/**
 * What n agents solve together: f = (1/n) Σ f_i and g = (1/n) Σ g_i, where agent i has its own f_i and g_i: its own data, or its own noise.
 * A decentralised solver asks the agents one by one; to all others this is one problem, whose oracles are the averages.
 *
 * <p>All agents live in one process and on one device; what a network would carry is read from memory.
 */
public class Decentralised implements BilevelProblem {
    private final List<BilevelProblem> agents;
    private final Device device;
    private final Update update;
    /** One agent's numbers, those that are wanted: by which they are, so that a steady state makes no objects. */
    private final FirstOrder[] parts = new FirstOrder[1 << 3];

    private final SecondOrder[] partsAlong = new SecondOrder[1 << 4];

    /**
     * The agents' common problem, on their device.
     *
     * @param agents at least one, on the same device and with the same layouts; the first one's starting point is everybody's
     * @throws IllegalArgumentException if they do not fit together
     */
    public Decentralised(final List<? extends BilevelProblem> agents) {
        if (agents.isEmpty()) {
            throw new IllegalArgumentException("agents 0: must be at least 1");
        }
        this.agents = List.copyOf(agents);
        device = agents.getFirst().device();
        update = device.kernels().update();
        for (int i = 1; i < agents.size(); i++) {
            requireLike(agents.getFirst(), agents.get(i), i);
        }
        final Reals value = device.reals(1);
        final int p = agents.getFirst().upperSize();
        final int q = agents.getFirst().lowerSize();
        final Reals byX = device.reals(p);
        final Reals byY = device.reals(q);
        final Reals product = device.reals(q);
        for (int wanted = 0; wanted < parts.length; wanted++) {
            parts[wanted] = new FirstOrder(in(wanted, 0, value), in(wanted, 1, byX), in(wanted, 2, byY));
        }
        for (int wanted = 0; wanted < partsAlong.length; wanted++) {
            partsAlong[wanted] = new SecondOrder(
                    in(wanted, 0, value), in(wanted, 1, byY), in(wanted, 2, product), in(wanted, 3, byX));
        }
    }

    private static Reals in(final int wanted, final int bit, final Reals memory) {
        return (wanted >> bit & 1) == 0 ? null : memory;
    }

    private static int bit(final int bit, final Reals out) {
        return out == null ? 0 : 1 << bit;
    }

    private static void requireLike(final BilevelProblem first, final BilevelProblem agent, final int number) {
        if (agent.device() != first.device()) {
            throw new IllegalArgumentException("agent " + number + ": computes on another device than agent 0");
        }
        if (agent.upperSize() != first.upperSize() || agent.lowerSize() != first.lowerSize()) {
            throw new IllegalArgumentException("agent " + number + ": its x and y have " + agent.upperSize() + " and "
                    + agent.lowerSize() + " numbers; must be " + first.upperSize() + " and " + first.lowerSize()
                    + ", like agent 0's");
        }
    }

    /** The agents of a problem: those it was made of, or the problem itself as the only one. */
    public static List<BilevelProblem> agentsOf(final BilevelProblem problem) {
        return switch (problem) {
            case Decentralised decentralised -> decentralised.agents;
            case CountingProblem counted -> counted.agents();
            default -> List.of(problem);
        };
    }

    /** A sample of every agent's. */
    private record Joint(List<Sample> samples) implements Sample {
        @Override
        public void draw(final Counter step, final int purpose, final int lane) {
            for (int i = 0; i < samples.size(); i++) {
                samples.get(i).draw(step, purpose, lane);
            }
        }

        @Override
        public void take(final int batch) {
            for (int i = 0; i < samples.size(); i++) {
                samples.get(i).take(batch);
            }
        }
    }

    @Override
    public final Device device() {
        return device;
    }

    @Override
    public final Parameters upperLayout() {
        return agents.getFirst().upperLayout();
    }

    @Override
    public final Parameters lowerLayout() {
        return agents.getFirst().lowerLayout();
    }

    @Override
    public final void initialise(final Reals x, final Reals y) {
        agents.getFirst().initialise(x, y);
    }

    @Override
    public final Sample newUpperSample() {
        return new Joint(agents.stream().map(BilevelProblem::newUpperSample).toList());
    }

    @Override
    public final Sample newLowerSample() {
        return new Joint(agents.stream().map(BilevelProblem::newLowerSample).toList());
    }

    @Override
    public final FiniteSum upperSum() {
        return joint("upper", agents.stream().map(BilevelProblem::upperSum).toList());
    }

    @Override
    public final FiniteSum lowerSum() {
        return joint("lower", agents.stream().map(BilevelProblem::lowerSum).toList());
    }

    /** (1/n) Σ_i Σ_k w_k g_ik = Σ_k w_k (1/n) Σ_i g_ik where all agents' batches weigh the same: batch k is everybody's. */
    private static FiniteSum joint(final String level, final List<FiniteSum> sums) {
        for (int i = 1; i < sums.size(); i++) {
            if (!sums.get(i).equals(sums.getFirst())) {
                throw new IllegalArgumentException("agent " + i + ": its " + level + " level is a sum of "
                        + sums.get(i).samples() + " samples in batches of "
                        + sums.get(i).batch() + "; must be "
                        + sums.getFirst().samples() + " in batches of "
                        + sums.getFirst().batch() + ", like agent 0's; choose a solver without tables and full passes");
            }
        }
        return sums.getFirst();
    }

    @Override
    public final void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final FirstOrder part = clear(out);
        for (int i = 0; i < agents.size(); i++) {
            agents.get(i).upper(x, y, ((Joint) sample).samples().get(i), part);
            add(part, out);
        }
    }

    @Override
    public final void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final FirstOrder part = clear(out);
        for (int i = 0; i < agents.size(); i++) {
            agents.get(i).lower(x, y, ((Joint) sample).samples().get(i), part);
            add(part, out);
        }
    }

    @Override
    public final void lowerAlong(
            final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        clear(out.value());
        clear(out.gradient());
        clear(out.product());
        clear(out.mixed());
        final SecondOrder part =
                partsAlong[bit(0, out.value()) | bit(1, out.gradient()) | bit(2, out.product()) | bit(3, out.mixed())];
        for (int i = 0; i < agents.size(); i++) {
            agents.get(i).lowerAlong(x, y, z, ((Joint) sample).samples().get(i), part);
            add(part.value(), out.value());
            add(part.gradient(), out.gradient());
            add(part.product(), out.product());
            add(part.mixed(), out.mixed());
        }
    }

    /** Where an agent is to write what {@code out}, now 0, is to sum up. */
    private FirstOrder clear(final FirstOrder out) {
        clear(out.value());
        clear(out.gradientX());
        clear(out.gradientY());
        return parts[bit(0, out.value()) | bit(1, out.gradientX()) | bit(2, out.gradientY())];
    }

    private void add(final FirstOrder part, final FirstOrder out) {
        add(part.value(), out.value());
        add(part.gradientX(), out.gradientX());
        add(part.gradientY(), out.gradientY());
    }

    private void clear(final Reals out) {
        if (out != null) {
            update.fill(out, 0);
        }
    }

    private void add(final Reals part, final Reals out) {
        if (out != null) {
            update.axpy(1.0 / agents.size(), part, out);
        }
    }

    @Override
    public final boolean lowerTakesUpperSamples() {
        return agents.stream().allMatch(BilevelProblem::lowerTakesUpperSamples);
    }

    @Override
    public final boolean upperSeesX() {
        return agents.stream().anyMatch(BilevelProblem::upperSeesX);
    }

    @Override
    public final void upperChanged() {
        for (int i = 0; i < agents.size(); i++) {
            agents.get(i).upperChanged();
        }
    }
}
