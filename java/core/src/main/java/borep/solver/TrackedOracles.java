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
    /** ∇_y g. */
    final Reals gradient;
    /** ∇_x f − ∇²_xy g·z. */
    final Reals hypergradient;

    private final Loop loop;
    private final boolean shared;
    private final Reals residual;
    private final Reals mixed;
    private final Reals upperGradientY;
    private final Sample stepSample;
    private final Sample hessianSample;
    private final Sample mixedSample;
    private final Sample upperYSample;
    private final Sample upperXSample;
    private final FirstOrder wantGradient;
    private final FirstOrder wantUpperY;
    private final FirstOrder wantUpperX;
    private final FirstOrder wantUpper;
    private final SecondOrder wantProduct;
    private final SecondOrder wantMixed;
    private final SecondOrder wantAll;

    /** @param loop with the metrics upperLoss, lowerLoss and linearResidual */
    TrackedOracles(final Loop loop, final BoRepSettings.Sampling sampling) {
        this.loop = loop;
        shared = sampling == BoRepSettings.Sampling.SHARED;
        gradient = loop.lowerVector();
        residual = loop.lowerVector();
        upperGradientY = loop.lowerVector();
        hypergradient = loop.upperVector();
        mixed = loop.upperVector();
        hessianSample = loop.problem.newLowerSample();
        stepSample = shared ? hessianSample : loop.problem.newLowerSample();
        mixedSample = shared ? hessianSample : loop.problem.newLowerSample();
        upperYSample = loop.problem.newUpperSample();
        upperXSample = shared ? upperYSample : loop.problem.newUpperSample();
        wantGradient = new FirstOrder(loop.metric("lowerLoss"), null, gradient);
        wantUpperY = new FirstOrder(loop.metric("upperLoss"), null, upperGradientY);
        wantUpperX = new FirstOrder(null, hypergradient, null);
        wantUpper = new FirstOrder(loop.metric("upperLoss"), hypergradient, upperGradientY);
        wantProduct = new SecondOrder(null, null, residual, null);
        wantMixed = new SecondOrder(null, null, null, mixed);
        wantAll = new SecondOrder(loop.metric("lowerLoss"), gradient, residual, mixed);
    }

    /** Draws and evaluates everything at (x, y, z); moves nothing. */
    void evaluate(final Reals x, final Reals y, final Reals z) {
        if (shared) {
            hessianSample.draw(loop.counter, Purpose.SHARED, 0);
            upperYSample.draw(loop.counter, Purpose.SHARED, 0);
            loop.problem.lowerAlong(x, y, z, hessianSample, wantAll);
            loop.problem.upper(x, y, upperYSample, wantUpper);
        } else {
            stepSample.draw(loop.counter, Purpose.LOWER_STEP, 0);
            hessianSample.draw(loop.counter, Purpose.HESSIAN, 0);
            mixedSample.draw(loop.counter, Purpose.MIXED, 0);
            upperYSample.draw(loop.counter, Purpose.UPPER_Y, 0);
            upperXSample.draw(loop.counter, Purpose.UPPER_X, 0);
            loop.problem.lower(x, y, stepSample, wantGradient);
            loop.problem.lowerAlong(x, y, z, hessianSample, wantProduct);
            loop.problem.lowerAlong(x, y, z, mixedSample, wantMixed);
            loop.problem.upper(x, y, upperYSample, wantUpperY);
            loop.problem.upper(x, y, upperXSample, wantUpperX);
        }
        loop.update.axpy(-1, upperGradientY, residual);
        loop.update.axpy(-1, mixed, hypergradient);
        loop.update.norm(residual, loop.metric("linearResidual"));
        loop.update.norm(hypergradient, loop.metric("hypergradientNorm"));
    }

    /** z ← z − γ (∇²_yy g·z − ∇_y f). */
    void moveLinearSystem(final Reals gamma, final Reals z) {
        loop.update.axpy(-1, gamma, residual, z);
    }
}
