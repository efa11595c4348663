package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * ANIL: Raghu, Raghu, Bengio, Vinyals, "Rapid Learning or Feature Reuse? Towards Understanding the Effectiveness of MAML", ICLR 2020.
 * {@link Maml} whose tasks adapt the head alone: x = body, learnt and not adapted; y = initial head, learnt, from which every task's
 * adaptation begins. Runs on every problem: it minimises E f(x, y^D(x, y)) over both.
 *
 * <pre>
 *   for task i = 1 … T:   y^0 = y_k,   y^{t+1} = y^t − α ∇_y g(x_k, y^t; ζ_i),  t = 0 … D − 1
 *                         (h_i, u_i) = d f(x_k, y^D; ξ_i) / d(x_k, y_k) by reverse accumulation
 *   x_{k+1} = x_k − η (1/T) Σ h_i,   y_{k+1} = y_k − η (1/T) Σ u_i
 * </pre>
 */
public final class Anil extends Loop {
    private final Maml.Settings settings;
    private final UnrolledSteps adaptation;
    private final Reals adapted;
    private final Reals h;
    private final Reals u;
    private final Reals totalX;
    private final Reals totalY;
    private final Reals loss;
    private final Reals eta;
    private final Reals alpha;
    private final Sample query;
    private final FirstOrder want;
    private final Program iterate;

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters, those of MAML
     * @param seed     not used: there is no random choice but the samples
     */
    public Anil(final BilevelProblem problem, final Maml.Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        this.settings = settings;
        adaptation = new UnrolledSteps(this, settings.lowerSteps(), false);
        adapted = lowerVector();
        h = upperVector();
        u = lowerVector();
        totalX = upperVector();
        totalY = lowerVector();
        loss = scalar();
        eta = metric("stepSize");
        alpha = scalar();
        query = problem.newUpperSample();
        want = new FirstOrder(loss, h, u);
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.fill(totalX, 0);
        update.fill(totalY, 0);
        update.fill(metric("upperLoss"), 0);
        final double share = 1.0 / settings.tasks();
        for (int task = 0; task < settings.tasks(); task++) {
            update.copy(y, adapted);
            adaptation.forward(x, adapted, alpha, task);
            query.draw(counter, Purpose.SHARED, task);
            problem.upper(x, adapted, query, want);
            if (!settings.firstOrder()) {
                adaptation.reverse(x, alpha, h, u);
            }
            update.axpy(share, h, totalX);
            update.axpy(share, u, totalY);
            update.axpy(share, loss, metric("upperLoss"));
        }
        update.norm(totalX, metric("hypergradientNorm"));
        update.axpy(-1, eta, totalX, x);
        update.axpy(-1, eta, totalY, y);
        advance();
    }
}
