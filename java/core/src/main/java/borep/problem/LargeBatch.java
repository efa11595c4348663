package borep.problem;

import borep.device.Counter;
import borep.device.Reals;
import borep.kernel.Update;

/**
 * A problem with every oracle averaged over many batches: all batches of its finite sums, which makes it deterministic, or several
 * drawn ones. For methods with large-batch checkpoints, and for methods made for exact gradients. Memory is that of one batch; every
 * oracle costs as many calls as it has batches, one after the other.
 */
public final class LargeBatch extends ForwardingProblem {
    /** Added to a purpose: the batches of a large one are none of those that the purpose draws elsewhere. */
    private static final int APART = 1 << 8;

    private final Update update;
    private final int drawn;
    private final FiniteSum upperSum;
    private final FiniteSum lowerSum;
    /** What one batch writes, wanted or not: [value][gradientX][gradientY] and [value][gradient][product][mixed]. */
    private final FirstOrder[] firstOrders = new FirstOrder[1 << 3];

    private final SecondOrder[] secondOrders = new SecondOrder[1 << 4];

    /**
     * {@code problem}, averaged.
     *
     * @param problem whose batches to average
     * @param drawn   how many drawn batches make one; 0: all batches of the finite sums
     * @throws IllegalArgumentException if drawn is negative, or 0 and a level is no finite sum
     */
    public LargeBatch(final BilevelProblem problem, final int drawn) {
        super(problem);
        if (drawn < 0) {
            throw new IllegalArgumentException(
                    "large batch of " + drawn + " batches: must be at least 1, or 0 for all");
        }
        this.drawn = drawn;
        update = problem.device().kernels().update();
        upperSum = drawn == 0 ? problem.upperSum() : FiniteSum.equal(drawn);
        lowerSum = drawn == 0 ? problem.lowerSum() : FiniteSum.equal(drawn);
        final Reals value = problem.device().reals(1);
        final Reals upper = problem.device().reals(problem.upperSize());
        final Reals lower = problem.device().reals(problem.lowerSize());
        final Reals product = problem.device().reals(problem.lowerSize());
        for (int i = 0; i < firstOrders.length; i++) {
            firstOrders[i] = new FirstOrder(wanted(i, 0, value), wanted(i, 1, upper), wanted(i, 2, lower));
        }
        for (int i = 0; i < secondOrders.length; i++) {
            secondOrders[i] = new SecondOrder(
                    wanted(i, 0, value), wanted(i, 1, lower), wanted(i, 2, product), wanted(i, 3, upper));
        }
    }

    private static Reals wanted(final int choice, final int bit, final Reals vector) {
        return (choice >> bit & 1) == 1 ? vector : null;
    }

    private static int bit(final Reals out, final int bit) {
        return out == null ? 0 : 1 << bit;
    }

    /** Several batches, each loaded into the memory of one when its turn comes; so a replay sees the same ones. */
    private final class Batches implements Sample {
        private final Sample part;
        private final FiniteSum sum;
        private Counter step;
        private int purpose;
        private int lane;

        Batches(final Sample part, final FiniteSum sum) {
            this.part = part;
            this.sum = sum;
        }

        @Override
        public void draw(final Counter newStep, final int newPurpose, final int newLane) {
            step = newStep;
            purpose = newPurpose;
            lane = newLane;
        }

        /** Loads batch i. */
        Sample load(final int i) {
            if (drawn == 0) {
                part.take(i);
            } else {
                part.draw(step, purpose + APART, lane * drawn + i);
            }
            return part;
        }

        @Override
        public void take(final int i) {
            if (drawn > 0) {
                Sample.super.take(i);
            }
        }
    }

    @Override
    public Sample newUpperSample() {
        return new Batches(problem.newUpperSample(), upperSum);
    }

    @Override
    public Sample newLowerSample() {
        return new Batches(problem.newLowerSample(), lowerSum);
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final Batches batches = (Batches) sample;
        final FirstOrder one = begin(out);
        for (int i = 0; i < batches.sum.batches(); i++) {
            problem.upper(x, y, batches.load(i), one);
            add(batches.sum.weight(i), one, out);
        }
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final Batches batches = (Batches) sample;
        final FirstOrder one = begin(out);
        for (int i = 0; i < batches.sum.batches(); i++) {
            problem.lower(x, y, batches.load(i), one);
            add(batches.sum.weight(i), one, out);
        }
    }

    private FirstOrder begin(final FirstOrder out) {
        clear(out.value());
        clear(out.gradientX());
        clear(out.gradientY());
        return firstOrders[bit(out.value(), 0) | bit(out.gradientX(), 1) | bit(out.gradientY(), 2)];
    }

    private void add(final double weight, final FirstOrder one, final FirstOrder out) {
        add(weight, one.value(), out.value());
        add(weight, one.gradientX(), out.gradientX());
        add(weight, one.gradientY(), out.gradientY());
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        clear(out.value());
        clear(out.gradient());
        clear(out.product());
        clear(out.mixed());
        final SecondOrder one = secondOrders[
                bit(out.value(), 0) | bit(out.gradient(), 1) | bit(out.product(), 2) | bit(out.mixed(), 3)];
        final Batches batches = (Batches) sample;
        for (int i = 0; i < batches.sum.batches(); i++) {
            final double weight = batches.sum.weight(i);
            problem.lowerAlong(x, y, z, batches.load(i), one);
            add(weight, one.value(), out.value());
            add(weight, one.gradient(), out.gradient());
            add(weight, one.product(), out.product());
            add(weight, one.mixed(), out.mixed());
        }
    }

    private void clear(final Reals out) {
        if (out != null) {
            update.fill(out, 0);
        }
    }

    private void add(final double weight, final Reals part, final Reals out) {
        if (out != null) {
            update.axpy(weight, part, out);
        }
    }

    @Override
    public FiniteSum upperSum() {
        return sum();
    }

    @Override
    public FiniteSum lowerSum() {
        return sum();
    }

    private FiniteSum sum() {
        if (drawn > 0) {
            throw new IllegalArgumentException("large batches of " + drawn + " drawn ones: are no finite sum");
        }
        return FiniteSum.WHOLE;
    }
}
