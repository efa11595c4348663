package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * MAML: Finn, Abbeel, Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017. x = initial parameters, all
 * of which a task adapts; y = the adapted ones, which begin at x. The meta-gradient goes through the D adaptation steps, second order
 * included; without a linear system, for a fixed number of steps on the task's support set ζ_i and query set ξ_i.
 *
 * <pre>
 *   for task i = 1 … T:   y^0 = x_k,   y^{t+1} = y^t − α ∇_y g(x_k, y^t; ζ_i),  t = 0 … D − 1
 *                         h_i = d f(x_k, y^D; ξ_i) / dx by reverse accumulation, y^0 = x_k included
 *   x_{k+1} = x_k − η (1/T) Σ h_i
 * </pre>
 *
 * <p>What is adapted must be what is learnt: x and y of equal length, as in {@link borep.problem.MetaInitialisation}. ({@link Anil} adapts
 * a part.) The meta-step is plain gradient descent; the paper's experiments use Adam there.
 */
public final class Maml extends Loop {
    private final Settings settings;
    private final UnrolledSteps adaptation;
    private final Reals h;
    private final Reals u;
    private final Reals total;
    private final Reals loss;
    private final Reals eta;
    private final Reals alpha;
    private final Sample query;
    private final FirstOrder want;
    private final Program iterate;

    /**
     * Hyperparameters, of MAML and of ANIL.
     *
     * @param eta        η, meta step size; default 0.01 (β in the papers; SLIP's experiments: 0.01, ANIL 0.05)
     * @param alpha      α, step size of the adaptation; default 0.1 (papers: 0.01 to 0.4)
     * @param lowerSteps D, steps of the adaptation, whose iterates are kept; default 5 (papers: 1 to 10)
     * @param tasks      T in an iteration; default 4, the paper's for Mini-ImageNet
     * @param firstOrder leaves the second order out (FOMAML, §5.2 of the paper); default false. The public SLIP code's MAML and ANIL are
     *                   both ANIL with this
     */
    public record Settings(Schedule eta, Schedule alpha, int lowerSteps, int tasks, boolean firstOrder) {
        /** The values above. */
        public static final Settings DEFAULT =
                new Settings(Schedule.constant(0.01), Schedule.constant(0.1), 5, 4, false);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requireAtLeast("tasks", tasks, 1);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     * @throws IllegalArgumentException if x and y are not equally long
     */
    public Maml(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize");
        if (problem.upperSize() != problem.lowerSize()) {
            throw new IllegalArgumentException("maml: y begins at x, so both must be equally long, but x has "
                    + problem.upperSize() + " numbers and y " + problem.lowerSize()
                    + "; anil adapts y from a start of its own");
        }
        this.settings = settings;
        adaptation = new UnrolledSteps(this, settings.lowerSteps(), false);
        h = upperVector();
        u = lowerVector();
        total = upperVector();
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
        update.fill(total, 0);
        update.fill(metric("upperLoss"), 0);
        final double share = 1.0 / settings.tasks();
        for (int task = 0; task < settings.tasks(); task++) {
            update.copy(x, y);
            adaptation.forward(x, y, alpha, task);
            query.draw(counter, Purpose.SHARED, task);
            problem.upper(x, y, query, want);
            if (!settings.firstOrder()) {
                adaptation.reverse(x, alpha, h, u);
            }
            update.axpy(share, h, total);
            update.axpy(share, u, total); // the derivative by y^0 = x
            update.axpy(share, loss, metric("upperLoss"));
        }
        update.norm(total, metric("hypergradientNorm"));
        update.axpy(-1, eta, total, x);
        advance();
    }
}
