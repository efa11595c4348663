package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.Decentralised;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import java.util.List;

/**
 * DSGDA-GT: Wang, Chen, Ma, Zhang, "Fully First-Order Methods for Decentralized Bilevel Optimization", arXiv 2410.19319. n agents, each
 * with its own f_i and g_i, descend on x and y and ascend on w of L = f(x, y) + λ (g(x, y) − g(x, w)), averages over the agents; they
 * speak with their neighbours alone, by the weights W, and track the mean gradient. For an L-smooth upper level; n⁻¹ ε⁻⁷ calls an agent.
 *
 * <pre>
 *   d^x_i = ∇_x f_i(x_i, y_i; ξ') + λ (∇_x g_i(x_i, y_i; ζ'') − ∇_x g_i(x_i, w_i; ζ'''))
 *   d^y_i = ∇_y f_i(x_i, y_i; ξ) / λ + ∇_y g_i(x_i, y_i; ζ),   d^w_i = ∇_y g_i(x_i, w_i; ζ')
 *   s_i ← Σ_j W_ij s_j + d_i − d_i of the iteration before            for each of x, y, w; so Σ s_i = Σ d_i always
 *   x_i ← Σ_j W_ij (x_j − η s^x_j),   y_i ← Σ_j W_ij (y_j − α s^y_j),   w_i ← Σ_j W_ij (w_j − γ s^w_j)
 * </pre>
 *
 * <p>A reconstruction from the paper's abstract and from {@link F2sa}: the paper's pseudocode was not at hand. {@link #x()} and {@link #y()}
 * are the agents' means. A problem that is not {@link Decentralised} has one agent: simultaneous F2SA.
 */
public final class DsgdaGt extends Loop {
    private final Settings settings;
    private final int n;
    private final GradientTracking upper;
    private final GradientTracking lower;
    private final GradientTracking follower;
    private final Agent[] agents;
    /** Scratch: an agent's loss, ∇_y g, ∇_x g at y and at w, the mean of d^x. */
    private final Reals loss;

    private final Reals slope;
    private final Reals atY;
    private final Reals atW;
    private final Reals mean;
    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta    η, step size of x; default 0.02; the theory wants it far below α and γ
     * @param alpha  α, step size of y, free of λ because d^y is; default 0.1
     * @param gamma  γ, step size of w ≈ argmin g; default 0.1
     * @param lambda λ, fixed; default 5; the bias of the end point is O(1/λ), the theory takes λ = Θ(1/ε)
     * @param mixing W: ring (½ itself, ¼ each neighbour, the default), complete, or rows such as 0.5,0.5;0.5,0.5
     * @param commonSample whether both ∇_x g see the same sample: their difference is then far less noisy; default false, the paper
     */
    public record Settings(
            Schedule eta, Schedule alpha, Schedule gamma, double lambda, String mixing, boolean commonSample) {
        /** The values above. */
        public static final Settings DEFAULT =
                new Settings(Schedule.constant(0.02), Schedule.constant(0.1), Schedule.constant(0.1), 5, "ring", false);

        /** Checks the range. */
        public Settings {
            Ranges.requirePositive("lambda", lambda);
        }
    }

    /** What one agent asks of its own problem. */
    private final class Agent {
        private final int number;
        private final BilevelProblem own;
        private final Sample upperSample;
        private final Sample lowerSample;
        private final FirstOrder wantUpperY;
        private final FirstOrder wantUpperX;
        private final FirstOrder wantLower;
        private final FirstOrder wantFollower;
        private final FirstOrder wantAtY;
        private final FirstOrder wantAtW;

        Agent(final int number, final BilevelProblem own) {
            this.number = number;
            this.own = own;
            upperSample = own.newUpperSample();
            lowerSample = own.newLowerSample();
            wantUpperY = new FirstOrder(loss, null, lower.gradient[number]);
            wantUpperX = new FirstOrder(null, upper.gradient[number], null);
            wantLower = new FirstOrder(null, null, slope);
            wantFollower = new FirstOrder(null, null, follower.gradient[number]);
            wantAtY = new FirstOrder(null, atY, null);
            wantAtW = new FirstOrder(null, atW, null);
        }

        /** Writes d^x, d^y and d^w at this agent's x, y and w; its number keeps its samples apart from others'. */
        void gradients() {
            final Reals x = upper.at[number];
            final Reals y = lower.at[number];
            final Reals w = follower.at[number];
            upperSample.draw(counter, Purpose.UPPER_Y, number);
            own.upper(x, y, upperSample, wantUpperY);
            lowerSample.draw(counter, Purpose.LOWER_STEP, number);
            own.lower(x, y, lowerSample, wantLower);
            update.scale(1 / settings.lambda(), lower.gradient[number]);
            update.axpy(1, slope, lower.gradient[number]);
            lowerSample.draw(counter, Purpose.TRACKER_STEP, number);
            own.lower(x, w, lowerSample, wantFollower);
            upperSample.draw(counter, Purpose.UPPER_X, number);
            own.upper(x, y, upperSample, wantUpperX);
            lowerSample.draw(counter, Purpose.LOWER_X, number);
            own.lower(x, y, lowerSample, wantAtY);
            if (!settings.commonSample()) {
                lowerSample.draw(counter, Purpose.TRACKER_X, number);
            }
            own.lower(x, w, lowerSample, wantAtW);
            update.axpy(settings.lambda(), atY, upper.gradient[number]);
            update.axpy(-settings.lambda(), atW, upper.gradient[number]);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve; the agents are those of a {@link Decentralised} one
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     * @throws IllegalArgumentException if the weights do not suit the agents
     */
    public DsgdaGt(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "hypergradientNorm", "stepSize", "disagreement");
        this.settings = settings;
        final List<BilevelProblem> problems = Decentralised.agentsOf(this.problem);
        n = problems.size();
        final MixingMatrix mixing = MixingMatrix.parse(settings.mixing(), n);
        upper = new GradientTracking(this, mixing, "x", problem.upperSize());
        lower = new GradientTracking(this, mixing, "y", problem.lowerSize());
        follower = new GradientTracking(this, mixing, "w", problem.lowerSize());
        loss = scalar();
        slope = lowerVector();
        atY = upperVector();
        atW = upperVector();
        mean = upperVector();
        agents = new Agent[n];
        for (int i = 0; i < n; i++) {
            agents[i] = new Agent(i, problems.get(i));
        }
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        iterate = record(this::iterate);
    }

    /** All agents begin at the same point; trackers at 0, which makes them the gradients in the first iteration. */
    @Override
    public void initialise() {
        super.initialise();
        upper.start(x);
        lower.start(y);
        follower.start(y);
        begin();
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.schedule(settings.gamma(), counter, gamma);
        update.fill(metric("upperLoss"), 0);
        for (final Agent agent : agents) {
            agent.gradients();
            update.axpy(1.0 / n, loss, metric("upperLoss"));
        }
        upper.meanGradient(mean);
        update.norm(mean, metric("hypergradientNorm"));
        upper.step(eta);
        lower.step(alpha);
        follower.step(gamma);
        upper.mean(x);
        lower.mean(y);
        upper.disagreement(x, metric("disagreement"));
        advance();
    }
}
