package borep.solver;

import borep.device.Philox;
import borep.device.Program;
import borep.device.Reals;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The hypergradient estimate without a linear-system state: ĝ(x, y; ξ̄) = ∇_x f(ξ) − ∇²_xy g(ζ⁰) · N(∇_y f(ξ)) with N a Neumann sum
 * ({@link NeumannSettings}) over fresh samples ζ_k. All of ξ̄ is a function of the iteration: estimated at two points in one
 * iteration, both see the same samples and the same number of factors.
 */
final class NeumannHypergradient {
    /**
     * What public codes do differently; both off in paper mode.
     *
     * @param oneFactorSample all factors of an estimate see the same sample
     * @param mixedOnUpper    ∇²_xy g is evaluated on the upper level's sample
     */
    record Quirks(boolean oneFactorSample, boolean mixedOnUpper) {
        static final Quirks NONE = new Quirks(false, false);
    }

    private final Loop loop;
    private final BilevelProblem problem;
    private final NeumannSettings settings;
    private final Quirks quirks;
    private final long seed;
    private final Reals r;
    private final Reals sum;
    private final Reals product;
    private final Reals mixed;
    private final Sample upperSample;
    private final Sample factorSample;
    private final Sample mixedSample;
    private final SecondOrder wantProduct;
    private final SecondOrder wantMixed;
    private final List<FirstOrder> wanted = new ArrayList<>();

    NeumannHypergradient(final Loop loop, final NeumannSettings settings, final long seed) {
        this(loop, loop.problem, settings, Quirks.NONE, seed);
    }

    /**
     * @param problem whose oracles to ask: the loop's, or one made of it
     * @param seed    of the random number of factors
     */
    NeumannHypergradient(
            final Loop loop,
            final BilevelProblem problem,
            final NeumannSettings settings,
            final Quirks quirks,
            final long seed) {
        this.loop = loop;
        this.problem = problem;
        this.quirks = quirks;
        this.settings = settings;
        this.seed = seed;
        r = loop.lowerVector();
        sum = loop.lowerVector();
        product = loop.lowerVector();
        mixed = loop.upperVector();
        upperSample = problem.newUpperSample();
        factorSample = problem.newLowerSample();
        mixedSample = quirks.mixedOnUpper() ? upperSample : problem.newLowerSample();
        wantProduct = new SecondOrder(null, null, product, null);
        wantMixed = new SecondOrder(null, null, null, mixed);
    }

    /** Records {@code body} once for every number of factors that may be drawn. */
    Program[] record(final IntConsumer body) {
        if (!settings.isRandom()) {
            return new Program[] {loop.record(() -> body.accept(settings.terms()))};
        }
        final Program[] programs = new Program[settings.terms()];
        for (int i = 0; i < programs.length; i++) {
            final int factors = settings.kind() == NeumannSettings.Kind.RANDOM ? i : i + 1;
            programs[i] = loop.record(() -> body.accept(factors));
        }
        return programs;
    }

    /** Which of the programs this iteration runs. */
    int choose() {
        return settings.isRandom() ? Philox.below(settings.terms(), seed, loop.counter.get(), Purpose.NEUMANN, 0) : 0;
    }

    /**
     * @param factors as handed to the recorded body
     * @param lane    which estimate of this iteration: the same lane sees the same samples
     * @param out     written, ĝ(x, y)
     */
    void estimate(final Reals x, final Reals y, final int factors, final int lane, final Reals out) {
        upperSample.draw(loop.counter, Purpose.SHARED, lane);
        problem.upper(x, y, upperSample, wanted(out));
        inverse(x, y, factors, lane);
        if (mixedSample != upperSample) {
            mixedSample.draw(loop.counter, Purpose.MIXED, lane);
        }
        problem.lowerAlong(x, y, sum, mixedSample, wantMixed);
        loop.update.axpy(-1, mixed, out);
    }

    /** The only estimate of an iteration. */
    void estimate(final Reals x, final Reals y, final int factors, final Reals out) {
        estimate(x, y, factors, 0, out);
    }

    /** A solver estimates into a handful of vectors: the records are kept, so that steps make no objects. */
    private FirstOrder wanted(final Reals out) {
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).gradientX() == out) {
                return wanted.get(i);
            }
        }
        wanted.add(new FirstOrder(loop.metric("upperLoss"), out, r));
        return wanted.getLast();
    }

    /** sum = N(r); r is used up. */
    private void inverse(final Reals x, final Reals y, final int factors, final int lane) {
        final NeumannSettings.Kind kind = settings.kind();
        loop.update.fill(sum, 0);
        if (kind == NeumannSettings.Kind.SUM) {
            loop.update.axpy(1, r, sum);
        }
        for (int k = 1; k <= factors; k++) {
            if (k == 1 || !quirks.oneFactorSample()) {
                factorSample.draw(loop.counter, Purpose.HESSIAN, lane * (settings.terms() + 1) + k);
            }
            problem.lowerAlong(x, y, r, factorSample, wantProduct);
            loop.update.axpy(-settings.step(), product, r);
            if (!settings.isRandom()) {
                loop.update.axpy(1, r, sum);
            }
        }
        switch (kind) {
            case SUM -> loop.update.scale(settings.step(), sum);
            case RANDOM -> loop.update.axpy(settings.terms() * settings.step(), r, sum);
            case PUBLIC_STOCBIO -> loop.update.axpy(settings.step(), r, sum);
            case PUBLIC_ADAMBO -> {
                loop.update.axpy(1, r, sum);
                loop.update.scale(settings.step(), sum);
            }
            case PUBLIC_ACCBO -> loop.update.axpy(settings.step(), r, sum);
        }
    }
}
