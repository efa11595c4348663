package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * F3SA: Kwon, Kwon, Wright, Nowak, "A Fully First-Order Method for Stochastic Bilevel Optimization", ICML 2023, §4: F2SA with STORM's
 * momentum on each of its six gradients; no second order. For an L-smooth upper level; ε⁻⁵ calls, ε⁻⁴ with noise in the upper level
 * alone.
 *
 * <pre>
 *   h[o]_k  = o(·_k; φ) + (1 − w_k) (h[o]_{k−1} − o(·_{k−1}; φ))            for every gradient o below, the same sample φ twice
 *   w_{k+1} = w_k − γ_k h[∇_y g(x_k, w_k)]
 *   y_{k+1} = y_k − α_k (h[∇_y f(x_k, y_k)] + λ_k h[∇_y g(x_k, y_k)])
 *   x_{k+1} = x_k − η_k (h[∇_x f(x_k, y_{k+1})] + λ_k (h[∇_x g(x_k, y_{k+1})] − h[∇_x g(x_k, w_{k+1})]))
 *   λ_{k+1} = λ_k + δ,   or λ_k = γ_k / (2 α_k)
 * </pre>
 *
 * One step of w and y in an iteration, T = 1: with more, the points before would be inner ones.
 */
public final class F3sa extends Loop {
    private final Settings settings;
    private final Reals w;
    private final Reals before;
    private final Reals lowerBefore;
    private final Reals wBefore;
    private final Penalty penalty;
    private final Gradient lowerAtW;
    private final Gradient upperAtY;
    private final Gradient lowerAtY;
    private final Gradient upperX;
    private final Gradient lowerXAtY;
    private final Gradient lowerXAtW;
    private final Reals lowerNow;
    private final Reals wNow;
    private final Reals difference;
    private final Reals hypergradient;
    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;
    private final Reals weight;
    private final Reals alphaLambda;
    private final Program first;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta          η, step size of x; default 0.01
     * @param alpha        α, step size of y, which sees a lower level λ times as steep; default 0.01, so that α λ = γ / 2
     * @param gamma        γ, step size of w ≈ argmin g; default 0.1
     * @param weight       w, weight of the new gradients, at most 1; default 1 / (k + 1)^(4/5), the paper's (k + 1)^−2c with noise in both levels
     * @param lambda       λ_0; default 5, the theory wants at least 2 L_f / μ
     * @param growth       δ, what λ grows by in an iteration; default 0: see F2SA
     * @param coupled      the paper's λ_k = γ_k / (2 α_k) in place of {@code lambda} and {@code growth}; default false. {@link #paper} has
     *                     the steps that belong to it
     * @param commonSample whether both ∇_x g see the same sample: their difference is then far less noisy; default false, the paper
     */
    public record Settings(
            Schedule eta,
            Schedule alpha,
            Schedule gamma,
            Schedule weight,
            double lambda,
            double growth,
            boolean coupled,
            boolean commonSample) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.01),
                Schedule.constant(0.01),
                Schedule.constant(0.1),
                new Schedule(Schedule.Kind.POWER, 1, 1, 0.8),
                5,
                0,
                false,
                false);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireWeight("weight", weight.initial());
            Ranges.requirePositive("lambda", lambda);
            Ranges.requireNotNegative("growth", growth);
        }

        /**
         * The paper's exponents: η_k and α_k decay like (k + 1)^−a, γ_k like (k + 1)^−c, the weight like (k + 1)^−2c, and λ_k = γ_k / (2 α_k)
         * grows like (k + 1)^(a−c).
         *
         * @param noise where there is noise: both a = 3/5, c = 2/5; upper a = 1/2, c = 1/4; none a = 1/3, c = 0
         * @param eta   η_0
         * @param alpha α_0
         * @param gamma γ_0, at least 4 α_0 L_f / μ
         */
        public static Settings paper(final F2sa.Noise noise, final double eta, final double alpha, final double gamma) {
            final double a = switch (noise) {
                case BOTH -> 3 / 5.0;
                case UPPER -> 1 / 2.0;
                case NONE -> 1 / 3.0;
            };
            final double c = switch (noise) {
                case BOTH -> 2 / 5.0;
                case UPPER -> 1 / 4.0;
                case NONE -> 0;
            };
            return new Settings(
                    new Schedule(Schedule.Kind.POWER, eta, 1, a),
                    new Schedule(Schedule.Kind.POWER, alpha, 1, a),
                    new Schedule(Schedule.Kind.POWER, gamma, 1, c),
                    new Schedule(Schedule.Kind.POWER, 1, 1, 2 * c),
                    gamma / (2 * alpha),
                    0,
                    true,
                    false);
        }
    }

    /** One gradient with its own samples and its STORM estimate. */
    private final class Gradient {
        private final boolean upper;
        private final int purpose;
        private final Sample sample;
        private final Reals answer;
        private final FirstOrder want;
        private final Storm storm;

        Gradient(final String name, final boolean upper, final boolean byX, final int purpose, final String loss) {
            this.upper = upper;
            this.purpose = purpose;
            sample = upper ? problem.newUpperSample() : problem.newLowerSample();
            answer = byX ? upperVector() : lowerVector();
            want = new FirstOrder(loss == null ? null : metric(loss), byX ? answer : null, byX ? null : answer);
            storm = new Storm(F3sa.this, byX ? upperState(name) : lowerState(name));
        }

        private Reals at(final Reals atX, final Reals atY) {
            if (upper) {
                problem.upper(atX, atY, sample, want);
            } else {
                problem.lower(atX, atY, sample, want);
            }
            return answer;
        }

        /** Draws, and moves the estimate from (xOld, yOld) to (x, yNow). */
        Reals follow(final boolean begin, final Reals yOld, final Reals yNow) {
            sample.draw(counter, purpose, 0);
            if (begin) {
                storm.begin(at(x, yNow));
            } else {
                storm.before(at(before, yOld));
                storm.now(weight, at(x, yNow));
            }
            return storm.estimate();
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     */
    public F3sa(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "stepSize", "penalty");
        this.settings = settings;
        w = lowerState("w");
        before = upperState("xBefore");
        lowerBefore = lowerState("yBefore");
        wBefore = lowerState("wBefore");
        penalty = new Penalty(this, settings.lambda(), settings.growth(), settings.coupled());
        lowerAtW = new Gradient("lowerAtW", false, false, Purpose.TRACKER_STEP, null);
        upperAtY = new Gradient("upperAtY", true, false, Purpose.UPPER_Y, "upperLoss");
        lowerAtY = new Gradient("lowerAtY", false, false, Purpose.LOWER_STEP, "lowerLoss");
        upperX = new Gradient("upperX", true, true, Purpose.UPPER_X, null);
        lowerXAtY = new Gradient("lowerXAtY", false, true, Purpose.LOWER_X, null);
        lowerXAtW = new Gradient(
                "lowerXAtW", false, true, settings.commonSample() ? Purpose.LOWER_X : Purpose.TRACKER_X, null);
        lowerNow = lowerVector();
        wNow = lowerVector();
        difference = upperVector();
        hypergradient = upperVector();
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        weight = scalar();
        alphaLambda = scalar();
        first = record(() -> iterate(true));
        iterate = record(() -> iterate(false));
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
        (counter.get() == 0 ? first : iterate).run();
    }

    private void iterate(final boolean begin) {
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.alpha(), counter, alpha);
        update.schedule(settings.gamma(), counter, gamma);
        update.schedule(settings.weight(), counter, weight);
        final Reals lambda = penalty.at(alpha, gamma);
        update.multiply(alpha, lambda, alphaLambda);
        update.copy(w, wNow);
        update.copy(y, lowerNow);
        update.axpy(-1, gamma, lowerAtW.follow(begin, wBefore, wNow), w);
        update.axpy(-1, alpha, upperAtY.follow(begin, lowerBefore, lowerNow), y);
        update.axpy(-1, alphaLambda, lowerAtY.follow(begin, lowerBefore, lowerNow), y);
        update.copy(lowerXAtY.follow(begin, lowerNow, y), difference);
        update.axpy(-1, lowerXAtW.follow(begin, wNow, w), difference);
        update.copy(upperX.follow(begin, lowerNow, y), hypergradient);
        update.axpy(1, lambda, difference, hypergradient);
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.copy(x, before);
        update.copy(lowerNow, lowerBefore);
        update.copy(wNow, wBefore);
        update.axpy(-1, eta, hypergradient, x);
        penalty.grow();
        advance();
    }
}
