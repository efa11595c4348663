package borep.problem;

import borep.device.Guard;
import borep.device.Program;
import borep.device.Reals;
import java.util.List;

/**
 * Counts the oracle calls of whatever runs on it; the cost that papers compare. A call is one derivative on one minibatch: a fused call
 * counts once for each that was wanted, the same sample at two points twice, an average over several agents once for each of them.
 * Values come with derivatives and are not counted.
 */
public class CountingProblem extends ForwardingProblem {
    private final Counts counts;
    /** Agents that an oracle of all of them asks. */
    private final int agents;

    /** Calls by kind. */
    public static final class Counts {
        private long upperGradientX;
        private long upperGradientY;
        private long lowerGradientX;
        private long lowerGradientY;
        private long hessianVectorProducts;
        private long mixedProducts;

        /** Calls for ∇_x f. */
        public long upperGradientX() {
            return upperGradientX;
        }

        /** Calls for ∇_y f. */
        public long upperGradientY() {
            return upperGradientY;
        }

        /** Calls for ∇_x g. */
        public long lowerGradientX() {
            return lowerGradientX;
        }

        /** Calls for ∇_y g. */
        public long lowerGradientY() {
            return lowerGradientY;
        }

        /** Calls for ∇²_yy g·z. */
        public long hessianVectorProducts() {
            return hessianVectorProducts;
        }

        /** Calls for ∇²_xy g·z. */
        public long mixedProducts() {
            return mixedProducts;
        }

        /**
         * Records a part of a step. What is asked while it is being recorded has not been computed: on a device that replays without
         * calling again, it counts whenever the program runs.
         */
        public Program record(final Guard guard, final Runnable calls) {
            final Counts before = new Counts();
            before.add(1, this);
            final Program program = guard.record(calls);
            final Counts recorded = new Counts();
            recorded.add(1, this);
            recorded.add(-1, before);
            if (recorded.total() == 0) {
                return program;
            }
            add(-1, recorded);
            return () -> {
                program.run();
                add(1, recorded);
            };
        }

        private void add(final int factor, final Counts other) {
            upperGradientX += factor * other.upperGradientX;
            upperGradientY += factor * other.upperGradientY;
            lowerGradientX += factor * other.lowerGradientX;
            lowerGradientY += factor * other.lowerGradientY;
            hessianVectorProducts += factor * other.hessianVectorProducts;
            mixedProducts += factor * other.mixedProducts;
        }

        /** All calls. */
        public long total() {
            return upperGradientX
                    + upperGradientY
                    + lowerGradientX
                    + lowerGradientY
                    + hessianVectorProducts
                    + mixedProducts;
        }
    }

    /** Counts the calls to {@code problem}; a decision process stays one. */
    public static CountingProblem of(final BilevelProblem problem) {
        return problem instanceof DecisionProcess process ? new CountingProcess(process) : new CountingProblem(problem);
    }

    /** Counts the calls to {@code problem}, as those of any bilevel problem. */
    public CountingProblem(final BilevelProblem problem) {
        this(problem, new Counts());
    }

    private CountingProblem(final BilevelProblem problem, final Counts counts) {
        super(problem);
        this.counts = counts;
        agents = Decentralised.agentsOf(problem).size();
    }

    /** The problem's agents, each counted here as well; this problem, if it has no others. */
    final List<BilevelProblem> agents() {
        return agents == 1
                ? List.of(this)
                : Decentralised.agentsOf(problem).stream()
                        .<BilevelProblem>map(agent -> new CountingProblem(agent, counts))
                        .toList();
    }

    /** The counts so far; they go on changing. */
    public final Counts counts() {
        return counts;
    }

    @Override
    public final FiniteSum upperSum() {
        return problem.upperSum();
    }

    @Override
    public final FiniteSum lowerSum() {
        return problem.lowerSum();
    }

    @Override
    public final void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        countUpper(out);
        problem.upper(x, y, sample, out);
    }

    final void countUpper(final FirstOrder out) {
        counts.upperGradientX += out.gradientX() == null ? 0 : agents;
        counts.upperGradientY += out.gradientY() == null ? 0 : agents;
    }

    @Override
    public final void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        countLower(out);
        problem.lower(x, y, sample, out);
    }

    @Override
    public final void addLower(final Reals x, final Reals y, final Sample sample, final AddedGradient out) {
        countLower(out.sum());
        problem.addLower(x, y, sample, out);
    }

    private void countLower(final FirstOrder out) {
        counts.lowerGradientX += out.gradientX() == null ? 0 : agents;
        counts.lowerGradientY += out.gradientY() == null ? 0 : agents;
    }

    @Override
    public final void lowerAlong(
            final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        count(out.gradient() == null ? 0 : 1, out.product() == null ? 0 : 1, out.mixed() == null ? 0 : 1);
        problem.lowerAlong(x, y, z, sample, out);
    }

    /** One ∇_x f and one mixed product, in however many sweeps. */
    @Override
    public final void hypergradient(
            final Reals x, final Reals y, final Reals z, final Sample sample, final Hypergradient out) {
        countUpper(out.upper());
        count(0, 0, 1);
        problem.hypergradient(x, y, z, sample, out);
    }

    final void count(final int lowerGradientsY, final int hessianVectorProducts, final int mixedProducts) {
        counts.lowerGradientY += lowerGradientsY * agents;
        counts.hessianVectorProducts += hessianVectorProducts * agents;
        counts.mixedProducts += mixedProducts * agents;
    }
}
