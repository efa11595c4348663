package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.problem.AddedGradient;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Hypergradient;
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
    /** Whether all oracles of a level share one sample; then product and mixed term may share sweeps, or both terms of d. */
    private final boolean shared;

    private final boolean productWithMixed;
    private final boolean bothOnUpper;

    private final Reals z;
    private final NormalisedStep upperStep;
    private final EpochSgd refinement;
    /** Buffers as long as y: a step's gradient, what it moves along, centre of the ball, sum of iterates (null: not needed). */
    private final Reals gradient;

    private final Reals direction;
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

    private final FirstOrder wantDirection;
    private final AddedGradient wantAdded;
    private final FirstOrder wantLowerGradient;
    private final FirstOrder wantLowerGradientX;
    private final FirstOrder wantUpperY;
    private final FirstOrder wantUpperX;
    private final FirstOrder wantUpper;
    private final SecondOrder wantProduct;
    private final SecondOrder wantMixed;
    private final SecondOrder wantBoth;
    private final Hypergradient wantHypergradient;

    private final Program iterate;
    private final Program refreshAndIterate;

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
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
        if (official.mixedOnUpper()) {
            requireMixedOnUpper("bo-rep");
        }
        refinement = settings.refinement().epochs() > 0 ? new EpochSgd(this, settings.refinement(), 2) : null;
        gradient = lowerVector();
        direction = official.accumulate() ? lowerVector() : gradient;
        centre = settings.ballRadius() < Double.POSITIVE_INFINITY ? lowerVector() : null;
        total = settings.average() && !official.accumulate() ? lowerVector() : null;
        product = lowerVector();
        upperGradientY = lowerVector();
        hypergradient = upperVector();
        mixed = upperVector();
        lowerGradientX = official.contaminate() ? upperVector() : null;
        leftOver = official.contaminate() ? upperVector() : null;
        eta = metric("stepSize");
        alpha = scalar();
        gamma = scalar();
        shared = settings.sampling() == BoRepSettings.Sampling.SHARED;
        productWithMixed = shared && !official.newZ() && !official.mixedOnUpper();
        bothOnUpper = shared && official.mixedOnUpper();
        hessianSample = problem.newLowerSample();
        lowerStep = official.reuseSample() && shared ? hessianSample : problem.newLowerSample();
        mixedSample = shared ? hessianSample : problem.newLowerSample();
        upperYSample = problem.newUpperSample();
        upperXSample = shared ? upperYSample : problem.newUpperSample();
        wantDirection = new FirstOrder(null, lowerGradientX, direction);
        wantAdded = AddedGradient.into(direction, lowerGradientX, gradient);
        wantLowerGradient = new FirstOrder(null, lowerGradientX, gradient);
        wantLowerGradientX = new FirstOrder(null, lowerGradientX, null);
        wantUpperY = new FirstOrder(metric("upperLoss"), null, upperGradientY);
        wantUpperX = new FirstOrder(null, hypergradient, null);
        wantUpper = new FirstOrder(metric("upperLoss"), hypergradient, upperGradientY);
        wantProduct = new SecondOrder(metric("lowerLoss"), null, product, null);
        wantMixed = new SecondOrder(null, null, null, mixed);
        wantBoth = new SecondOrder(metric("lowerLoss"), null, product, mixed);
        wantHypergradient = Hypergradient.into(hypergradient, mixed);
        iterate = record(() -> iterate(false));
        refreshAndIterate = record(() -> {
            updateLower(0);
            iterate(true);
        });
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
        final boolean refines = k == 0 && !official.refreshAtStart();
        if (refines) {
            refine();
        }
        if (k % settings.updatePeriod() == 0 && !refines && !official.refreshByTask()) {
            refreshAndIterate.run();
        } else {
            iterate.run();
        }
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
        update.schedule(settings.alpha(), counter, alpha);
        if (centre != null) {
            update.copy(y, centre);
        }
        if (total != null) {
            update.fill(total, 0);
        }
        for (int t = 0; t < settings.lowerSteps(); t++) {
            if (t == 0 || !official.reuseSample()) {
                drawLowerStep(task, t);
            }
            if (official.accumulate() && t > 0) {
                problem.addLower(x, y, lowerStep, wantAdded);
            } else {
                problem.lower(x, y, lowerStep, wantDirection);
            }
            if (official.contaminate()) {
                update.axpy(1, lowerGradientX, leftOver);
            }
            update.axpy(-1, alpha, direction, y);
            if (centre != null) {
                update.projectBall(centre, settings.ballRadius(), y);
            }
            if (total != null) {
                update.axpy(1.0 / settings.lowerSteps(), y, total);
            }
        }
        if (total != null) {
            update.copy(total, y);
        }
    }

    /**
     * The rest of Algorithm 1: z, m and x, for one batch or the average over several tasks.
     *
     * @param refreshed whether {@link #updateLower} has just moved y
     */
    private void iterate(final boolean refreshed) {
        final int tasks = official.tasks();
        update.schedule(settings.eta(), counter, eta);
        update.schedule(settings.gamma(), counter, gamma);
        upperStep.begin();
        for (int task = 0; task < tasks; task++) {
            final boolean refreshes = official.refreshByTask() && task % settings.updatePeriod() == 0;
            if (refreshes) {
                updateLower(task);
            }
            draw(task, refreshes || refreshed && task == 0);
            updateLinearSystem();
            upperStep.add(hypergradient);
        }
        upperStep.move(eta);
        advance();
    }

    /** One step on ½⟨Hz, z⟩ − ⟨∇_y f, z⟩ and the hypergradient estimate ∇_x f − ∇²_xy g·z. */
    private void updateLinearSystem() {
        problem.lowerAlong(x, y, z, hessianSample, productWithMixed ? wantBoth : wantProduct);
        if (official.contaminate()) {
            problem.lower(x, y, hessianSample, wantLowerGradientX);
            update.axpy(1, lowerGradientX, leftOver);
        }
        problem.upper(x, y, upperYSample, shared && !bothOnUpper ? wantUpper : wantUpperY);
        if (!official.newZ()) {
            estimateHypergradient();
        }
        update.residualStep(upperGradientY, product, gamma, z, metric("linearResidual"));
        if (official.newZ()) {
            estimateHypergradient();
        }
        if (official.contaminate()) {
            update.axpy(1, leftOver, hypergradient);
            update.fill(leftOver, 0);
        }
    }

    private void estimateHypergradient() {
        if (bothOnUpper) {
            problem.hypergradient(x, y, z, upperYSample, wantHypergradient);
            return;
        }
        if (!shared) {
            problem.upper(x, y, upperXSample, wantUpperX);
        }
        if (!productWithMixed) {
            problem.lowerAlong(x, y, z, official.mixedOnUpper() ? upperXSample : mixedSample, wantMixed);
        }
        update.axpy(-1, mixed, hypergradient);
    }

    /** With {@code reuseSample} the support set of the iteration's own task, as in the public code. */
    private void drawLowerStep(final int task, final int t) {
        if (lowerStep == hessianSample) {
            lowerStep.draw(counter, Purpose.SHARED, task);
        } else {
            lowerStep.draw(counter, Purpose.LOWER_STEP, task * settings.lowerSteps() + t);
        }
    }

    /** @param refreshed whether y has just moved on this task, which has drawn {@code lowerStep} */
    private void draw(final int task, final boolean refreshed) {
        if (shared) {
            if (!refreshed || lowerStep != hessianSample) {
                hessianSample.draw(counter, Purpose.SHARED, task);
            }
            upperYSample.draw(counter, Purpose.SHARED, task);
            return;
        }
        hessianSample.draw(counter, Purpose.HESSIAN, task);
        mixedSample.draw(counter, Purpose.MIXED, task);
        upperYSample.draw(counter, Purpose.UPPER_Y, task);
        upperXSample.draw(counter, Purpose.UPPER_X, task);
    }

    /** [upperSize] m, the hypergradient momentum, on the device. */
    public Reals hypergradientMomentum() {
        return upperStep.momentum();
    }
}
