package borep.solver;

import borep.device.Reals;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * What the single-loop methods ask at (x, y, z) in one iteration: ∇_y g, ∇²_yy g·z, ∇²_xy g·z, ∇_y f and ∇_x f, each on a sample
 * of its own, or all of a level on one sample, which shares their sweeps.
 */
final class TrackedOracles {
    /**
     * What public codes do differently; all off in paper mode.
     *
     * @param newZ         ∇²_xy g·z is taken after the step of z
     * @param mixedOnUpper ∇²_xy g·z is taken on the sample of ∇_x f
     * @param contaminate  the ∇_x g of the pass that gives ∇_y g is added to ∇_x f
     */
    record Quirks(boolean newZ, boolean mixedOnUpper, boolean contaminate) {
        static final Quirks NONE = new Quirks(false, false, false);
    }

    /** ∇_y g; null where it is not asked for. */
    final Reals gradient;
    /** ∇_x f − ∇²_xy g·z, complete after {@link #moveLinearSystem}. */
    final Reals hypergradient;

    private final Loop loop;
    private final boolean shared;
    private final Quirks quirks;
    private final Reals residual;
    private final Reals mixed;
    private final Reals upperGradientY;
    private final Reals leftOver;
    private final Sample stepSample;
    private final Sample hessianSample;
    private final Sample mixedSample;
    private final Sample upperYSample;
    private final Sample upperXSample;
    private final FirstOrder wantGradient;
    private final FirstOrder wantLeftOver;
    private final FirstOrder wantUpperY;
    private final FirstOrder wantUpperX;
    private final FirstOrder wantUpper;
    private final SecondOrder wantProduct;
    private final SecondOrder wantMixed;
    private final SecondOrder wantAll;

    /**
     * @param loop         with the metrics upperLoss, lowerLoss and linearResidual
     * @param wantGradient whether ∇_y g is asked for
     */
    TrackedOracles(
            final Loop loop, final BoRepSettings.Sampling sampling, final boolean wantGradient, final Quirks quirks) {
        this.loop = loop;
        this.quirks = quirks;
        shared = sampling == BoRepSettings.Sampling.SHARED;
        gradient = wantGradient ? loop.lowerVector() : null;
        residual = loop.lowerVector();
        upperGradientY = loop.lowerVector();
        hypergradient = loop.upperVector();
        mixed = loop.upperVector();
        leftOver = quirks.contaminate() ? loop.upperVector() : null;
        hessianSample = loop.problem.newLowerSample();
        stepSample = shared || !wantGradient ? hessianSample : loop.problem.newLowerSample();
        upperYSample = loop.problem.newUpperSample();
        upperXSample = shared ? upperYSample : loop.problem.newUpperSample();
        mixedSample = quirks.mixedOnUpper() ? upperXSample : shared ? hessianSample : loop.problem.newLowerSample();
        this.wantGradient = new FirstOrder(loop.metric("lowerLoss"), null, gradient);
        wantLeftOver = new FirstOrder(null, leftOver, null);
        wantUpperY = new FirstOrder(loop.metric("upperLoss"), null, upperGradientY);
        wantUpperX = new FirstOrder(null, hypergradient, null);
        wantUpper = new FirstOrder(loop.metric("upperLoss"), hypergradient, upperGradientY);
        final boolean together = stepSample == hessianSample;
        wantProduct =
                new SecondOrder(together ? loop.metric("lowerLoss") : null, together ? gradient : null, residual, null);
        wantMixed = new SecondOrder(null, null, null, mixed);
        wantAll = new SecondOrder(loop.metric("lowerLoss"), gradient, residual, mixed);
    }

    /** The paper's oracles. */
    TrackedOracles(final Loop loop, final BoRepSettings.Sampling sampling) {
        this(loop, sampling, true, Quirks.NONE);
    }

    /** Draws and evaluates everything at (x, y, z) for a task of this iteration, 0 where there is one; moves nothing. */
    void evaluate(final Reals x, final Reals y, final Reals z, final int task) {
        draw(task);
        final boolean together = shared && mixedSample == hessianSample && !quirks.newZ();
        if (stepSample != hessianSample) {
            loop.problem.lower(x, y, stepSample, wantGradient);
        }
        loop.problem.lowerAlong(x, y, z, hessianSample, together ? wantAll : wantProduct);
        if (!together && !quirks.newZ()) {
            loop.problem.lowerAlong(x, y, z, mixedSample, wantMixed);
        }
        if (leftOver != null) {
            loop.problem.lower(x, y, stepSample, wantLeftOver);
        }
        loop.problem.upper(x, y, upperYSample, shared ? wantUpper : wantUpperY);
        if (!shared) {
            loop.problem.upper(x, y, upperXSample, wantUpperX);
        }
        loop.update.axpy(-1, upperGradientY, residual);
        loop.update.norm(residual, loop.metric("linearResidual"));
    }

    private void draw(final int task) {
        if (shared) {
            hessianSample.draw(loop.counter, Purpose.SHARED, task);
            upperYSample.draw(loop.counter, Purpose.SHARED, task);
            return;
        }
        hessianSample.draw(loop.counter, Purpose.HESSIAN, task);
        if (stepSample != hessianSample) {
            stepSample.draw(loop.counter, Purpose.LOWER_STEP, task);
        }
        upperYSample.draw(loop.counter, Purpose.UPPER_Y, task);
        upperXSample.draw(loop.counter, Purpose.UPPER_X, task);
        if (!quirks.mixedOnUpper()) {
            mixedSample.draw(loop.counter, Purpose.MIXED, task);
        }
    }

    /** z ← z − γ (∇²_yy g·z − ∇_y f), at the (x, y) of {@link #evaluate}; completes the hypergradient. */
    void moveLinearSystem(final Reals x, final Reals y, final Reals gamma, final Reals z) {
        loop.update.axpy(-1, gamma, residual, z);
        if (quirks.newZ()) {
            loop.problem.lowerAlong(x, y, z, mixedSample, wantMixed);
        }
        loop.update.axpy(-1, mixed, hypergradient);
        if (leftOver != null) {
            loop.update.axpy(1, leftOver, hypergradient);
        }
    }
}
