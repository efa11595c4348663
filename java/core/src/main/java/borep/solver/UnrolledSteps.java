package borep.solver;

import borep.device.Reals;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * D gradient steps of y, remembered, and the derivative of their end by x and by their beginning, in reverse mode: two products of the
 * lower level for each step, on the sample of that step.
 */
final class UnrolledSteps {
    private final Loop loop;
    private final boolean fresh;
    private final Reals[] path;
    private final Reals gradient;
    private final Reals product;
    private final Reals mixed;
    private final Sample sample;
    private final FirstOrder wantGradient;
    private final SecondOrder want;

    /**
     * @param steps D, at least 1
     * @param fresh whether every step has a sample of its own, or all have one
     */
    UnrolledSteps(final Loop loop, final int steps, final boolean fresh) {
        this.loop = loop;
        this.fresh = fresh;
        path = new Reals[steps];
        for (int t = 0; t < steps; t++) {
            path[t] = loop.lowerVector();
        }
        gradient = loop.lowerVector();
        product = loop.lowerVector();
        mixed = loop.upperVector();
        sample = loop.problem.newLowerSample();
        wantGradient = new FirstOrder(loop.metric("lowerLoss"), null, gradient);
        want = new SecondOrder(null, null, product, mixed);
    }

    /** y^{t+1} = y^t − α ∇_y g(x, y^t; ζ_t), in place; {@code lane} is that of the common sample, which has the purpose SHARED. */
    void forward(final Reals x, final Reals y, final Reals alpha, final int lane) {
        if (!fresh) {
            sample.draw(loop.counter, Purpose.SHARED, lane);
        }
        for (int t = 0; t < path.length; t++) {
            loop.update.copy(y, path[t]);
            drawFresh(t);
            loop.problem.lower(x, path[t], sample, wantGradient);
            loop.update.axpy(-1, alpha, gradient, y);
        }
    }

    /**
     * For t = D − 1 … 0: h ← h − α ∇²_xy g(x, y^t; ζ_t) u, then u ← u − α ∇²_yy g(x, y^t; ζ_t) u. From h = ∇_x f and u = ∇_y f at y^D
     * it makes the derivatives of f(x, y^D) by x and by y^0.
     */
    void reverse(final Reals x, final Reals alpha, final Reals h, final Reals u) {
        for (int t = path.length - 1; t >= 0; t--) {
            drawFresh(t);
            loop.problem.lowerAlong(x, path[t], u, sample, want);
            loop.update.axpy(-1, alpha, mixed, h);
            loop.update.axpy(-1, alpha, product, u);
        }
    }

    private void drawFresh(final int t) {
        if (fresh) {
            sample.draw(loop.counter, Purpose.LOWER_STEP, t);
        }
    }
}
