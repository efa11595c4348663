package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Update;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * IAN-SGD: Yang, Tripp, Sun, Zou, Zhou, "Adaptive Gradient Normalization and Independent Sampling for (Stochastic) Generalized-Smooth
 * Optimization", TMLR 2025. One level: min_w f(w) with w = x and y left where it starts, f generalised smooth, noise affine in the
 * gradient's norm; O(ε⁻⁴) samples.
 *
 * <pre>
 *   g  = mean of ∇_x f(x_k, y_0; ξ_j), j = 1 … S          direction
 *   g' = ∇_x f(x_k, y_0; ξ')                               normaliser, independent of ξ_1 … ξ_S
 *   h  = max(τ, A ‖g'‖ + δ)
 *   x_{k+1} = x_k − η g / h^β
 * </pre>
 *
 * Because h does not know ξ, E[g / h^β | ξ'] = ∇f / h^β: the direction is unbiased. β = 1 normalises, β = 0 is plain SGD.
 */
public final class IanSgd extends Loop {
    private final Settings settings;
    private final Reals gradient;
    private final Reals direction;
    private final Reals h;
    private final Reals one;
    private final Reals eta;
    private final Reals step;
    private final Sample sample;
    private final Sample normaliser;
    private final FirstOrder want;
    private final FirstOrder wantNormaliser;
    private final Program iterate;

    /**
     * Hyperparameters. The defaults of the public code (github.com/ynyang94/Gemsmooth-IAN-SGD) are for its phase retrieval with noise of
     * deviation 4; its threshold of 45 is squared there by mistake, which makes h the constant 2025 nearly always.
     *
     * @param eta       η, step size (γ in the paper); default 0.01 (public code: 0.3)
     * @param exponent  β in [0, 1]; default 2/3, as in the public code
     * @param factor    A; default 2, as in the public code
     * @param offset    δ, what the noise may add to the norm; default 0.01, as in the public code for ResNet (phase retrieval: 15)
     * @param threshold τ, least h: nearer than that to the minimum the step is SGD's; default 1, as in the theory
     * @param samples   S, minibatches in the direction, while the normaliser has one; default 1 (public code: 64 against 4 points, 16)
     */
    public record Settings(Schedule eta, double exponent, double factor, double offset, double threshold, int samples) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(Schedule.constant(0.01), 2.0 / 3, 2, 0.01, 1, 1);

        /** Checks the ranges. */
        public Settings {
            Ranges.requireWeight("exponent", exponent);
            Ranges.requirePositive("factor", factor);
            Ranges.requireNotNegative("offset", offset);
            Ranges.requirePositive("threshold", threshold);
            Ranges.requireAtLeast("samples", samples, 1);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  whose f to minimise by x
     * @param settings hyperparameters
     * @param seed     not used: there is no random choice but the samples
     * @throws IllegalArgumentException if f does not depend on x
     */
    public IanSgd(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "hypergradientNorm", "normaliser", "stepSize");
        requireUpperSeesX("ian-sgd");
        this.settings = settings;
        gradient = upperVector();
        direction = upperVector();
        h = metric("normaliser");
        one = scalar();
        eta = metric("stepSize");
        step = scalar();
        sample = problem.newUpperSample();
        normaliser = problem.newUpperSample();
        want = new FirstOrder(metric("upperLoss"), gradient, null);
        wantNormaliser = new FirstOrder(null, gradient, null);
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        normaliser.draw(counter, Purpose.NORMALISER, 0);
        problem.upper(x, y, normaliser, wantNormaliser);
        normalise();
        update.fill(direction, 0);
        for (int j = 0; j < settings.samples(); j++) {
            sample.draw(counter, Purpose.UPPER_X, j);
            problem.upper(x, y, sample, want);
            update.axpy(1.0 / settings.samples(), gradient, direction);
        }
        update.norm(direction, metric("hypergradientNorm"));
        update.divide(eta, h, step);
        update.axpy(-1, step, direction, x);
        advance();
    }

    /** h = max(τ, A ‖g'‖ + δ)^β = exp(β log(τ + max(A ‖g'‖ + δ − τ, 0))). */
    private void normalise() {
        update.norm(gradient, h);
        update.scale(settings.factor(), h);
        update.fill(one, 1);
        update.axpy(settings.offset() - settings.threshold(), one, h);
        update.apply(Update.Function.POSITIVE, h, h);
        update.axpy(settings.threshold(), one, h);
        update.apply(Update.Function.LOG, h, h);
        update.scale(settings.exponent(), h);
        update.apply(Update.Function.EXP, h, h);
    }
}
