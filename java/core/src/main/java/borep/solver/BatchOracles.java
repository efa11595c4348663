package borep.solver;

import borep.device.Philox;
import borep.device.Program;
import borep.device.Reals;
import borep.problem.FiniteSum;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;
import java.util.function.IntConsumer;

/**
 * The oracles of single batches of both levels' finite sums, for methods with a memory of each batch or with full passes: lower batch i
 * answers ∇_y g_i, ∇²_yy g_i·z and ∇²_xy g_i·z, upper batch j ∇_y f_j and ∇_x f_j.
 */
final class BatchOracles {
    final FiniteSum lowerSum;
    final FiniteSum upperSum;
    /** ∇_y g_i. */
    final Reals gradient;
    /** ∇²_yy g_i·z. */
    final Reals product;
    /** ∇²_xy g_i·z. */
    final Reals mixed;
    /** ∇_y f_j. */
    final Reals upperY;
    /** ∇_x f_j. */
    final Reals upperX;

    private final Loop loop;
    private final long seed;
    private final Sample lowerSample;
    private final Sample upperSample;
    private final SecondOrder wantLower;
    private final FirstOrder wantUpper;

    /**
     * @param loop with the metrics upperLoss and lowerLoss
     * @param seed of the random choice of batches
     * @throws IllegalArgumentException if a level is no finite sum
     */
    BatchOracles(final Loop loop, final long seed) {
        this.loop = loop;
        this.seed = seed;
        lowerSum = loop.problem.lowerSum();
        upperSum = loop.problem.upperSum();
        lowerSample = loop.problem.newLowerSample();
        upperSample = loop.problem.newUpperSample();
        gradient = loop.lowerVector();
        product = loop.lowerVector();
        mixed = loop.upperVector();
        upperY = loop.lowerVector();
        upperX = loop.upperVector();
        wantLower = new SecondOrder(loop.metric("lowerLoss"), gradient, product, mixed);
        wantUpper = new FirstOrder(loop.metric("upperLoss"), upperX, upperY);
    }

    /** Records {@code body} once for every batch of a sum. */
    Program[] record(final FiniteSum sum, final IntConsumer body) {
        final Program[] programs = new Program[sum.batches()];
        for (int i = 0; i < programs.length; i++) {
            final int batch = i;
            programs[i] = loop.record(() -> body.accept(batch));
        }
        return programs;
    }

    /** i, uniform over the lower level's batches. */
    int chooseLower() {
        return Philox.below(lowerSum.batches(), seed, loop.counter.get(), Purpose.LOWER_BATCH, 0);
    }

    /** j, uniform over the upper level's batches. */
    int chooseUpper() {
        return Philox.below(upperSum.batches(), seed, loop.counter.get(), Purpose.UPPER_BATCH, 0);
    }

    /** gradient, product and mixed of lower batch i at (x, y, z). */
    void lower(final int i, final Reals x, final Reals y, final Reals z) {
        lowerSample.take(i);
        loop.problem.lowerAlong(x, y, z, lowerSample, wantLower);
    }

    /** upperY and upperX of upper batch j at (x, y). */
    void upper(final int j, final Reals x, final Reals y) {
        upperSample.take(j);
        loop.problem.upper(x, y, upperSample, wantUpper);
    }

    /** n w_i: a uniformly chosen batch's part, scaled so, is the whole sum in expectation, however unequal the batches are. */
    static double scale(final FiniteSum sum, final int i) {
        return sum.batches() * sum.weight(i);
    }
}
