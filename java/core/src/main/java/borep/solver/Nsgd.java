package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * Normalised SGD on one level (Hazan, Levy, Shalev-Shwartz, "Beyond Convexity: Stochastic Quasi-Convex Optimization", NIPS 2015), and with
 * β &gt; 0 with momentum (Cutkosky, Mehta, "Momentum Improves Normalized SGD", ICML 2020). For min_w f(w) with w = x and y left where it
 * starts, f (L0, L1)-smooth: what BO-REP's x-step is without a lower level.
 *
 * <pre>
 *   m_{k+1} = β m_k + (1 − β) ∇_x f(x_k, y_0; ξ_k)
 *   x_{k+1} = x_k − η m_{k+1} / ‖m_{k+1}‖
 * </pre>
 *
 * Without momentum the direction is biased, E[g/‖g‖] ≠ E[g]/‖E[g]‖: noise larger than the gradient keeps it from the minimum, whatever the
 * step size; {@link IanSgd} divides by the norm of another sample instead.
 */
public final class Nsgd extends Loop {
    private final Settings settings;
    private final Reals m;
    private final Reals gradient;
    private final Reals eta;
    private final Sample sample;
    private final FirstOrder want;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta  η, length of a step; default 0.01 (public IAN-SGD code on phase retrieval: 0.2)
     * @param beta β in [0, 1); default 0, no momentum (public IAN-SGD code: weight 0.2 of the new gradient, β = 0.8)
     */
    public record Settings(Schedule eta, double beta) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(Schedule.constant(0.01), 0);

        /** Checks the range. */
        public Settings {
            Ranges.requireMomentum("beta", beta);
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
    public Nsgd(final BilevelProblem problem, final Settings settings, final long seed) {
        super(problem, "upperLoss", "hypergradientNorm", "momentumNorm", "stepSize");
        requireUpperSeesX("nsgd");
        this.settings = settings;
        m = upperState("m");
        gradient = upperVector();
        eta = metric("stepSize");
        sample = problem.newUpperSample();
        want = new FirstOrder(metric("upperLoss"), gradient, null);
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(settings.eta(), counter, eta);
        sample.draw(counter, Purpose.UPPER_X, 0);
        problem.upper(x, y, sample, want);
        update.norm(gradient, metric("hypergradientNorm"));
        update.normalisedMomentum(settings.beta(), gradient, m, eta, BoRepSettings.GUARD, x, metric("momentumNorm"));
        advance();
    }
}
