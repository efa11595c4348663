package borep.solver;

import borep.device.Philox;
import borep.device.Program;
import borep.device.Reals;
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
    private final Loop loop;
    private final NeumannSettings settings;
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
        this.loop = loop;
        this.settings = settings;
        this.seed = seed;
        r = loop.lowerVector();
        sum = loop.lowerVector();
        product = loop.lowerVector();
        mixed = loop.upperVector();
        upperSample = loop.problem.newUpperSample();
        factorSample = loop.problem.newLowerSample();
        mixedSample = loop.problem.newLowerSample();
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
     * @param out     written, ĝ(x, y)
     */
    void estimate(final Reals x, final Reals y, final int factors, final Reals out) {
        upperSample.draw(loop.counter, Purpose.SHARED, 0);
        loop.problem.upper(x, y, upperSample, wanted(out));
        inverse(x, y, factors);
        mixedSample.draw(loop.counter, Purpose.MIXED, 0);
        loop.problem.lowerAlong(x, y, sum, mixedSample, wantMixed);
        loop.update.axpy(-1, mixed, out);
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
    private void inverse(final Reals x, final Reals y, final int factors) {
        final NeumannSettings.Kind kind = settings.kind();
        loop.update.fill(sum, 0);
        if (kind == NeumannSettings.Kind.SUM) {
            loop.update.axpy(1, r, sum);
        }
        for (int k = 1; k <= factors; k++) {
            factorSample.draw(loop.counter, Purpose.HESSIAN, k);
            loop.problem.lowerAlong(x, y, r, factorSample, wantProduct);
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
