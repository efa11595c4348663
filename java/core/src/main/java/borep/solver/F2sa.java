package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * F2SA: Kwon, Kwon, Wright, Nowak, "A Fully First-Order Method for Stochastic Bilevel Optimization", ICML 2023. Gradient descent on
 * the penalty function f + λ (g − min_y g): no second order at all. For an L-smooth upper level; ε⁻⁷ calls.
 *
 * <pre>
 *   T times:  w ← w − γ ∇_y g(x_k, w; ζ),   y ← y − α (∇_y f(x_k, y; ξ) + λ_k ∇_y g(x_k, y; ζ'))
 *   x_{k+1} = x_k − η (∇_x f(x_k, y; ξ') + λ_k (∇_x g(x_k, y; ζ'') − ∇_x g(x_k, w; ζ''')))
 *   λ_{k+1} = λ_k + δ,   or λ_k = γ_k / (2 α_k), which the paper's decaying steps make grow
 * </pre>
 */
public final class F2sa extends Loop {
    private final Settings settings;
    private final Reals w;
    private final Penalty penalty;
    private final LowerSteps lower;
    private final Reals upperGradientY;
    private final Reals upperGradientX;
    private final Reals atY;
    private final Reals atW;
    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;
    private final Reals alphaLambda;
    private final Sample upperYSample;
    private final Sample upperXSample;
    private final Sample lowerXSample;
    private final FirstOrder wantUpperY;
    private final FirstOrder wantUpperX;
    private final FirstOrder wantAtY;
    private final FirstOrder wantAtW;
    private final Program iterate;

    /** The levels whose oracles are noisy, with the exponents of F2SA's step sizes. */
    public enum Noise {
        /** a = 5/7, c = 4/7 */
        BOTH(5 / 7.0, 4 / 7.0),
        /** a = 3/5, c = 2/5 */
        UPPER(3 / 5.0, 2 / 5.0),
        /** a = 1/3, c = 0 */
        NONE(1 / 3.0, 0);

        private final double a;
        private final double c;

        Noise(final double a, final double c) {
            this.a = a;
            this.c = c;
        }
    }

    /**
     * Hyperparameters.
     *
     * @param eta        η, step size of x; default 0.01
     * @param alpha      α, step size of y, which sees a lower level λ times as steep; default 0.01, so that α λ = γ / 2
     * @param gamma      γ, step size of w ≈ argmin g; default 0.1
     * @param lowerSteps T; default 1
     * @param lambda     λ_0; default 5, the theory wants at least 2 L_f / μ
     * @param growth     δ, what λ grows by in an iteration; default 0: a λ that grows without bound needs an α that decays, as in
     *                   {@link #paper}, or α λ L_g passes 2 and y diverges (public code: 0.1 a call)
     * @param coupled    the paper's λ_k = γ_k / (2 α_k) in place of {@code lambda} and {@code growth}; default false. {@link #paper} has the
     *                   steps that belong to it
     * @param commonSample whether both ∇_x g see the same sample: their difference is then far less noisy; default false, the paper
     */
    public record Settings(
            Schedule eta,
            Schedule alpha,
            Schedule gamma,
            int lowerSteps,
            double lambda,
            double growth,
            boolean coupled,
            boolean commonSample) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.01), Schedule.constant(0.01), Schedule.constant(0.1), 1, 5, 0, false, false);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requirePositive("lambda", lambda);
            Ranges.requireNotNegative("growth", growth);
        }

        /**
         * The paper's exponents: η_k and α_k decay like (k + 1)^−a, γ_k like (k + 1)^−c, and λ_k = γ_k / (2 α_k) grows like (k + 1)^(a−c).
         * ε⁻⁷, ε⁻⁵ and ε⁻³ calls.
         *
         * @param noise where there is noise: it decides a and c
         * @param eta   η_0
         * @param alpha α_0
         * @param gamma γ_0, at least 4 α_0 L_f / μ
         */
        public static Settings paper(final Noise noise, final double eta, final double alpha, final double gamma) {
            return new Settings(
                    new Schedule(Schedule.Kind.POWER, eta, 1, noise.a),
                    new Schedule(Schedule.Kind.POWER, alpha, 1, noise.a),
                    new Schedule(Schedule.Kind.POWER, gamma, 1, noise.c),
                    1,
                    gamma / (2 * alpha),
                    0,
                    true,
                    false);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public F2sa(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize", "penalty");
        this.settings = settings;
        w = lowerState("w");
        penalty = new Penalty(this, settings.lambda(), settings.growth(), settings.coupled());
        lower = new LowerSteps(this);
        upperGradientY = lowerVector();
        upperGradientX = upperVector();
        atY = upperVector();
        atW = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        alphaLambda = scalar();
        upperYSample = problem.newUpperSample();
        upperXSample = problem.newUpperSample();
        lowerXSample = problem.newLowerSample();
        wantUpperY = new FirstOrder(metric("upperLoss"), null, upperGradientY);
        wantUpperX = new FirstOrder(null, upperGradientX, null);
        wantAtY = new FirstOrder(null, atY, null);
        wantAtW = new FirstOrder(null, atW, null);
        iterate = record(this::iterate);
    }

    @Override
    public void initialise() {
        super.initialise();
        update.copy(y, w);
        penalty.initialise();
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
        final Reals lambda = penalty.at(alpha, gamma);
        update.multiply(alpha, lambda, alphaLambda);
        for (int t = 0; t < settings.lowerSteps(); t++) {
            update.axpy(-1, gamma, lower.gradient(x, w, Purpose.TRACKER_STEP, t), w);
            upperYSample.draw(counter, Purpose.UPPER_Y, t);
            problem.upper(x, y, upperYSample, wantUpperY);
            final Reals gradient = lower.gradient(x, y, Purpose.LOWER_STEP, t);
            update.axpy(-1, alpha, upperGradientY, y);
            update.axpy(-1, alphaLambda, gradient, y);
        }
        upperXSample.draw(counter, Purpose.UPPER_X, 0);
        problem.upper(x, y, upperXSample, wantUpperX);
        lowerXSample.draw(counter, Purpose.LOWER_X, 0);
        problem.lower(x, y, lowerXSample, wantAtY);
        if (!settings.commonSample()) {
            lowerXSample.draw(counter, Purpose.TRACKER_X, 0);
        }
        problem.lower(x, w, lowerXSample, wantAtW);
        update.axpy(-1, atW, atY);
        update.axpy(1, lambda, atY, upperGradientX);
        update.norm(upperGradientX, metric("hypergradientNorm"));
        update.axpy(-1, eta, upperGradientX, x);
        penalty.grow();
        advance();
    }
}
