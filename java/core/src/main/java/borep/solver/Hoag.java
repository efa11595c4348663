package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.LargeBatch;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/**
 * HOAG: Pedregosa, "Hyperparameter Optimization with Approximate Gradient", ICML 2016. Exact gradients (all batches of the finite sums);
 * lower level and linear system are solved to a tolerance that shrinks; for an L-smooth upper level.
 *
 * <pre>
 *   y_k     from y_{k−1} by gradient steps at x_k until ‖∇_y g(x_k, y)‖ ≤ ε_k
 *   z_k     from z_{k−1} by conjugate gradients until ‖∇²_yy g z − ∇_y f‖ ≤ ε_k        at (x_k, y_k)
 *   p_k     = ∇_x f − ∇²_xy g z_k
 *   x_{k+1} = x_k − η_k p_k
 * </pre>
 *
 * with Σ ε_k finite. The adaptive step size judges the step that led to x_k, of length Δ, by the descent lemma with slack for the errors:
 *
 * <pre>
 *   f_k ≤ f_{k−1} + C ε_k + (1 + C) ε_{k−1} Δ − Δ² / (2 η_{k−1}),  C = 1/4:    η_k = η_{k−1} / 0.95
 *   otherwise f_k &gt; f_{k−1} + |f_{k−1}| / 5:         η_k = η_{k−1} / 2, and the step is taken back: x_k, p_k, f_k ← x_{k−1}, p_{k−1}, f_{k−1}
 *   otherwise                                         η_k = η_{k−1}
 * </pre>
 *
 * The public code has these constants, but compares the last decrease with the length of the step to come, without the 2, and stays where
 * a bad step led. A device decides nothing, so every iteration makes the same calls: steps past the tolerance have length 0.
 */
public final class Hoag extends Loop {
    private static final double SLACK = 0.25;
    private static final double RISE = 0.2;
    private static final double LONGER = 1 / 0.95;
    private static final double SHORTER = 0.5;

    private final Settings settings;
    private final Reals z;
    private final Reals step;
    private final Reals before;
    private final Reals gradientBefore;
    private final Reals valueBefore;
    private final Reals lengthBefore;
    private final Reals toleranceBefore;
    private final LowerSteps lower;
    private final LinearSystem system;
    private final Indicator indicator;
    private final Reals b;
    private final Reals hypergradient;
    private final Reals mixed;
    private final Reals alpha;
    private final Reals tolerance;
    private final Reals value;
    private final Reals good;
    private final Reals bad;
    private final Reals keep;
    private final Reals part;
    private final Reals change;
    private final Sample upperSample;
    private final Sample lowerSample;
    private final FirstOrder wantUpper;
    private final SecondOrder wantMixed;
    private final Program first;
    private final Program iterate;

    /**
     * Hyperparameters.
     *
     * @param eta         η, step size of x, the first one if it adapts; default 0.01
     * @param adaptive    whether the step size adapts; default true
     * @param alpha       α, step size of y; default 0.1
     * @param lowerSteps  most gradient steps of y in one iteration; default 10
     * @param linearSteps most conjugate-gradient steps; default 10
     * @param tolerance   ε_k; default 0.1 · 0.9^k, the paper's exponential decrease. Its others are {@code power:2} and {@code power:3}
     */
    public record Settings(
            Schedule eta, boolean adaptive, Schedule alpha, int lowerSteps, int linearSteps, Schedule tolerance) {
        /** The values above. */
        public static final Settings DEFAULT = new Settings(
                Schedule.constant(0.01),
                true,
                Schedule.constant(0.1),
                10,
                10,
                new Schedule(Schedule.Kind.STEP, 0.1, 1, 0.9));

        /** Checks the ranges. */
        public Settings {
            Ranges.requireAtLeast("lowerSteps", lowerSteps, 1);
            Ranges.requireAtLeast("linearSteps", linearSteps, 1);
        }
    }

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  what to solve, a finite sum
     * @param settings hyperparameters
     * @param seed     not used: nothing is random
     * @throws IllegalArgumentException if a level is no finite sum
     */
    public Hoag(final BilevelProblem problem, final Settings settings, final long seed) {
        super(
                problem,
                counted -> new LargeBatch(counted, 0),
                "upperLoss",
                "lowerLoss",
                "hypergradientNorm",
                "stepSize",
                "tolerance");
        this.settings = settings;
        z = lowerState("z");
        step = state("step", 1);
        before = upperState("xBefore");
        gradientBefore = upperState("gradientBefore");
        valueBefore = state("valueBefore", 1);
        lengthBefore = state("lengthBefore", 1);
        toleranceBefore = state("toleranceBefore", 1);
        lower = new LowerSteps(this);
        system = new LinearSystem(this);
        indicator = new Indicator(this);
        b = lowerVector();
        hypergradient = upperVector();
        mixed = upperVector();
        alpha = scalar();
        tolerance = metric("tolerance");
        value = metric("upperLoss");
        good = scalar();
        bad = scalar();
        keep = scalar();
        part = scalar();
        change = upperVector();
        upperSample = this.problem.newUpperSample();
        lowerSample = this.problem.newLowerSample();
        wantUpper = new FirstOrder(value, hypergradient, b);
        wantMixed = new SecondOrder(null, null, null, mixed);
        first = record(() -> iterate(false));
        iterate = settings.adaptive() ? record(() -> iterate(true)) : first;
    }

    @Override
    public void step() {
        (counter.get() == 0 ? first : iterate).run();
    }

    private void iterate(final boolean adapt) {
        update.schedule(settings.alpha(), counter, alpha);
        update.schedule(settings.tolerance(), counter, tolerance);
        solveLower();
        problem.upper(x, y, upperSample, wantUpper);
        system.conjugate(x, y, b, settings.linearSteps(), tolerance, z);
        problem.lowerAlong(x, y, z, lowerSample, wantMixed);
        update.axpy(-1, mixed, hypergradient);
        if (adapt) {
            judge();
        } else {
            update.schedule(settings.eta(), counter, step);
        }
        move();
    }

    private void solveLower() {
        for (int j = 0; j < settings.lowerSteps(); j++) {
            final Reals gradient = lower.gradient(x, y, Purpose.LOWER_STEP, j);
            update.norm(gradient, part);
            update.axpy(-1, tolerance, part);
            indicator.isPositive(part, part);
            update.multiply(alpha, part, part);
            update.axpy(-1, part, gradient, y);
        }
    }

    /** Judges the last step: lengthens the next one, or halves it and takes the last one back. */
    private void judge() {
        update.copy(valueBefore, good); // f_{k−1} + C ε_k + (1 + C) ε_{k−1} Δ − Δ² / (2 η_{k−1}) − f_k
        update.axpy(SLACK, tolerance, good);
        update.axpy(1 + SLACK, toleranceBefore, lengthBefore, good);
        update.divide(lengthBefore, step, part);
        update.axpy(-0.5, part, lengthBefore, good);
        update.axpy(-1, value, good);
        indicator.isPositive(good, good);

        update.norm(valueBefore, part); // f_k − f_{k−1} − |f_{k−1}| / 5
        update.copy(value, bad);
        update.axpy(-1, valueBefore, bad);
        update.axpy(-RISE, part, bad);
        indicator.isPositive(bad, bad);
        update.copy(bad, part);
        update.axpy(-1, good, part, bad); // only where it was not good

        update.fill(part, 1);
        update.axpy(LONGER - 1, good, part);
        update.axpy(SHORTER - 1, bad, part);
        update.multiply(step, part, step);
        update.fill(keep, 1);
        update.axpy(-1, bad, keep);
        takeBack(before, x, change);
        takeBack(gradientBefore, hypergradient, change);
        takeBack(valueBefore, value, part);
    }

    /** now = bad · then + (1 − bad) · now, without a difference of numbers that may be far apart. */
    private void takeBack(final Reals then, final Reals now, final Reals buffer) {
        update.fill(buffer, 0);
        update.axpy(1, bad, then, buffer);
        update.axpy(1, keep, now, buffer);
        update.copy(buffer, now);
    }

    private void move() {
        update.norm(hypergradient, metric("hypergradientNorm"));
        update.copy(step, metric("stepSize"));
        update.multiply(step, metric("hypergradientNorm"), lengthBefore);
        update.copy(x, before);
        update.copy(hypergradient, gradientBefore);
        update.copy(value, valueBefore);
        update.copy(tolerance, toleranceBefore);
        update.axpy(-1, step, hypergradient, x);
        advance();
    }
}
