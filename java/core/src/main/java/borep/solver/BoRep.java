package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * BO-REP: Hao, Gong, Liu, "Bilevel Optimization under Unbounded Smoothness: A New Algorithm and Convergence Analysis",
 * ICLR 2024, Algorithms 1 and 2. For an upper level that is (L0, L1)-smooth (its smoothness may grow with its gradient) and a
 * strongly convex lower level; Õ(ε⁻⁴) oracle calls.
 *
 * <pre>
 *   y_k     = refine(x_0, y)                       k = 0: epoch-SGD in shrinking balls (initialisation refinement)
 *           = N projected SGD steps, averaged      k mod I = 0 (periodic updates); else y_{k-1}
 *   z_{k+1} = z_k − γ (∇²_yy g(x_k, y_k; ζ') z_k − ∇_y f(x_k, y_k; ξ))
 *   m_{k+1} = β m_k + (1 − β) (∇_x f(x_k, y_k; ξ') − ∇²_xy g(x_k, y_k; ζ'') z_k)
 *   x_{k+1} = x_k − η m_{k+1} / ‖m_{k+1}‖
 * </pre>
 *
 * with five independent samples an iteration. {@link BoRepSettings.Official} turns on, one by one, what the public code does
 * differently.
 */
public final class BoRep extends Loop {
    private final BoRepSettings settings;
    private final BoRepSettings.Official official;
    private final long seed;

    private final Reals z;
    private final NormalisedStep upperStep;
    private final EpochSgd refinement;
    /** Buffers as long as y: gradient or accumulated gradients, their source, centre of the ball, sum of iterates. */
    private final Reals gradient;

    private final Reals accumulated;
    private final Reals centre;
    private final Reals total;
    private final Reals product;
    private final Reals upperGradientY;
    /** Buffers as long as x: ∇_x f and hypergradient, mixed term, left-over gradients. */
    private final Reals hypergradient;

    private final Reals mixed;
    private final Reals lowerGradientX;
    private final Reals leftOver;

    private final Reals eta;
    private final Reals alpha;
    private final Reals gamma;

    private final Sample lowerStep;
    private final Sample hessianSample;
    private final Sample mixedSample;
    private final Sample upperYSample;
    private final Sample upperXSample;

    private final FirstOrder wantLowerGradient;
    private final FirstOrder wantLowerGradientX;
    private final FirstOrder wantUpperY;
    private final FirstOrder wantUpperX;
    private final FirstOrder wantUpper;
    private final SecondOrder wantProduct;
    private final SecondOrder wantMixed;
    private final SecondOrder wantBoth;

    private final Program refresh;
    private final Program iterate;

    /**
     * @param problem  what to solve; x and y live on its device
     * @param settings hyperparameters
     * @param seed     of the solver's own random choice, z_0 when {@code randomZ}; samples come from the problem's seed
     */
    public BoRep(final BilevelProblem problem, final BoRepSettings settings, final long seed) {
        super(problem, "upperLoss", "lowerLoss", "hypergradientNorm", "momentumNorm", "stepSize", "linearResidual");
        this.settings = settings;
        this.official = settings.official();
        this.seed = seed;
        z = lowerState("z");
        upperStep = new NormalisedStep(this, settings.beta(), official.tasks(), official.snapshots());
        refinement = settings.refinement().epochs() > 0 ? new EpochSgd(this, settings.refinement(), 2) : null;
        gradient = lowerVector();
        accumulated = official.accumulate() ? lowerVector() : null;
        centre = lowerVector();
        total = lowerVector();
        product = lowerVector();
        upperGradientY = lowerVector();
        hypergradient = upperVector();
        mixed = upperVector();
        lowerGradientX = official.contaminate() ? upperVector() : null;
        leftOver = official.contaminate() ? upperVector() : null;
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        final boolean shared = settings.sampling() == BoRepSettings.Sampling.SHARED;
        hessianSample = problem.newLowerSample();
        lowerStep = official.reuseSample() && shared ? hessianSample : problem.newLowerSample();
        mixedSample = shared ? hessianSample : problem.newLowerSample();
        upperYSample = problem.newUpperSample();
        upperXSample = shared ? upperYSample : problem.newUpperSample();
        wantLowerGradient = new FirstOrder(null, lowerGradientX, gradient);
        wantLowerGradientX = new FirstOrder(null, lowerGradientX, null);
        wantUpperY = new FirstOrder(metric("upperLoss"), null, upperGradientY);
        wantUpperX = new FirstOrder(null, hypergradient, null);
        wantUpper = new FirstOrder(metric("upperLoss"), hypergradient, upperGradientY);
        wantProduct = new SecondOrder(metric("lowerLoss"), null, product, null);
        wantMixed = new SecondOrder(null, null, null, mixed);
        wantBoth = new SecondOrder(metric("lowerLoss"), null, product, mixed);
        refresh = record(() -> updateLower(0));
        iterate = record(this::iterate);
    }

    @Override
    public void initialise() {
        super.initialise();
        if (official.randomZ()) {
            randomise(z, seed);
            begin();
        }
        if (official.contaminate()) {
            update.fill(leftOver, 0);
        }
    }

    @Override
    public void step() {
        final long k = counter.get();
        if (k == 0 && !official.refreshAtStart()) {
            refine();
        } else if (k % settings.updatePeriod() == 0 && !official.refreshByTask()) {
            refresh.run();
        }
        iterate.run();
    }

    /** Algorithm 2 at k = 0: initialisation refinement by epoch-SGD, or plain SGD steps in its place. */
    private void refine() {
        if (refinement != null) {
            refinement.run(x, y);
            return;
        }
        update.schedule(settings.alpha(), counter, alpha);
        for (int t = 0; t < settings.refinement().steps(); t++) {
            lowerStep.draw(counter, Purpose.WARM, t);
            problem.lower(x, y, lowerStep, wantLowerGradient);
            update.axpy(-1, alpha, gradient, y);
        }
    }

    /** Algorithm 2 at k mod I = 0: N projected SGD steps from y in the ball around it, averaged. */
    private void updateLower(final int task) {
        final boolean average = settings.average() && !official.accumulate();
        update.schedule(settings.alpha(), counter, alpha);
        update.copy(y, centre);
        update.fill(total, 0);
        if (official.accumulate()) {
            update.fill(accumulated, 0);
        }
        for (int t = 0; t < settings.lowerSteps(); t++) {
            if (t == 0 || !official.reuseSample()) {
                drawLowerStep(task, t);
            }
            problem.lower(x, y, lowerStep, wantLowerGradient);
            if (official.contaminate()) {
                update.axpy(1, lowerGradientX, leftOver);
            }
            if (official.accumulate()) {
                update.axpy(1, gradient, accumulated);
                update.axpy(-1, alpha, accumulated, y);
            } else {
                update.axpy(-1, alpha, gradient, y);
            }
            update.projectBall(centre, settings.ballRadius(), y);
            if (average) {
                update.axpy(1.0 / settings.lowerSteps(), y, total);
            }
        }
        if (average) {
            update.copy(total, y);
        }
    }

    /** The rest of Algorithm 1: z, m and x, for one batch or the average over several tasks. */
    private void iterate() {
        final int tasks = official.tasks();
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.gamma(), counter, gamma);
        upperStep.begin();
        for (int task = 0; task < tasks; task++) {
            if (official.refreshByTask() && task % settings.updatePeriod() == 0) {
                updateLower(task);
            }
            updateLinearSystem(task);
            upperStep.add(hypergradient);
        }
        upperStep.move(eta);
        advance();
    }

    /** One step on ½⟨Hz, z⟩ − ⟨∇_y f, z⟩ and the hypergradient estimate ∇_x f − ∇²_xy g·z. */
    private void updateLinearSystem(final int task) {
        draw(task);
        final boolean shared = settings.sampling() == BoRepSettings.Sampling.SHARED;
        final boolean together = shared && !official.newZ() && !official.mixedOnUpper();
        problem.lowerAlong(x, y, z, hessianSample, together ? wantBoth : wantProduct);
        if (official.contaminate()) {
            problem.lower(x, y, hessianSample, wantLowerGradientX);
            update.axpy(1, lowerGradientX, leftOver);
        }
        problem.upper(x, y, upperYSample, shared ? wantUpper : wantUpperY);
        if (!shared) {
            problem.upper(x, y, upperXSample, wantUpperX);
        }
        if (!together && !official.newZ()) {
            mixedTerm();
        }
        update.axpy(-1, upperGradientY, product);
        update.norm(product, metric("linearResidual"));
        update.axpy(-1, gamma, product, z);
        if (official.newZ()) {
            mixedTerm();
        }
        update.axpy(-1, mixed, hypergradient);
        if (official.contaminate()) {
            update.axpy(1, leftOver, hypergradient);
            update.fill(leftOver, 0);
        }
    }

    /** With {@code reuseSample} the support set of the iteration's own task, as in the public code. */
    private void drawLowerStep(final int task, final int t) {
        if (lowerStep == hessianSample) {
            lowerStep.draw(counter, Purpose.SHARED, task);
        } else {
            lowerStep.draw(counter, Purpose.LOWER_STEP, task * settings.lowerSteps() + t);
        }
    }

    private void mixedTerm() {
        problem.lowerAlong(x, y, z, official.mixedOnUpper() ? upperXSample : mixedSample, wantMixed);
    }

    private void draw(final int task) {
        if (settings.sampling() == BoRepSettings.Sampling.SHARED) {
            hessianSample.draw(counter, Purpose.SHARED, task);
            upperYSample.draw(counter, Purpose.SHARED, task);
            return;
        }
        hessianSample.draw(counter, Purpose.HESSIAN, task);
        mixedSample.draw(counter, Purpose.MIXED, task);
        upperYSample.draw(counter, Purpose.UPPER_Y, task);
        upperXSample.draw(counter, Purpose.UPPER_X, task);
    }

    /** z and m beside x and y: the hypergradient momentum, for those who watch the run. */
    public Reals hypergradientMomentum() {
        return upperStep.momentum();
    }
}
