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
 * with Σ ε_k finite. The adaptive step size judges the step that led to x_k, of length Δ &gt; 0, by the descent lemma with slack for errors:
 * s = C ε_k + (1 + C) ε_{k−1} Δ, C = 1/4; e = ‖z_{k−1}‖ ‖∇_y g(x_{k−1}, y)‖, by how much f_{k−1} may be too small, to first order; u, a
 * few units of the last place.
 *
 * <pre>
 *   f_k ≤ f_{k−1} + s − Δ² / (2 η_{k−1}),  ‖p_{k−1}‖ &gt; ε_{k−1} + u ‖∇²_xy g z_{k−1}‖:    η_k = η_{k−1} / 0.95
 *   f_k &gt; f_{k−1} + s + e + u |f_{k−1}|:                  η_k = η_{k−1} / 2
 *   and, beyond that, f_k &gt; f_{k−1} + |f_{k−1}| / 5:      the step is taken back: x, y, z ← x_{k−1}, y_{k−1}, z_{k−1}
 *   otherwise                                             η_k = η_{k−1}
 * </pre>
 *
 * An iteration that takes a step back makes none and tells f_{k−1} and ‖p_{k−1}‖; the next one goes on with y and z and measures f and p
 * anew, with no step to judge.
 *
 * <p>The public code has these constants, but compares the last decrease with the length of the step to come, without the 2, and stays where
 * a bad step led. It keeps η after a rise of less than a fifth and lengthens steps at the solution, too: η grows until a steep direction is
 * unstable and leaves a minimiser that had been reached. A device decides nothing, so every iteration makes the same calls: steps past the
 * tolerance have length 0.
 */
public final class Hoag extends Loop {
    private static final double SLACK = 0.25;
    private static final double RISE = 0.2;
    private static final double LONGER = 1 / 0.95;
    private static final double SHORTER = 0.5;
    /** u, in units of the last place. */
    private static final double ROUNDING = 16;

    private final Settings settings;
    private final Reals z;
    private final Reals step;
    private final Reals xBefore;
    private final Reals yBefore;
    private final Reals zBefore;
    private final Reals valueBefore;
    private final Reals lowerValueBefore;
    private final Reals normBefore;
    private final Reals lengthBefore;
    private final Reals toleranceBefore;
    /** e. */
    private final Reals errorBefore;
    /** What a hypergradient is at a solution. */
    private final Reals floorBefore;

    private final LowerSteps lower;
    private final LinearSystem system;
    private final Indicator indicator;
    private final Reals b;
    private final Reals hypergradient;
    private final Reals mixed;
    private final Reals alpha;
    private final Reals tolerance;
    private final Reals value;
    private final double rounding;
    private final Reals slope;
    private final Reals slack;
    private final Reals moved;
    private final Reals good;
    private final Reals rise;
    private final Reals bad;
    private final Reals keep;
    private final Reals part;
    /** As many ones as the longest vector has numbers, and a mask of that length with its first numbers. */
    private final Reals ones;

    private final Reals mask;
    private final Reals upperMask;
    private final Reals lowerMask;
    private final Reals numberMask;
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
     * @param adaptive    whether the step size adapts; default true. Unlike in the public code it shrinks at every rise beyond the
     *                    tolerance, and grows no more where the hypergradient is within it
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
        xBefore = upperState("xBefore");
        yBefore = lowerState("yBefore");
        zBefore = lowerState("zBefore");
        valueBefore = state("valueBefore", 1);
        lowerValueBefore = state("lowerValueBefore", 1);
        normBefore = state("normBefore", 1);
        lengthBefore = state("lengthBefore", 1);
        toleranceBefore = state("toleranceBefore", 1);
        errorBefore = state("errorBefore", 1);
        floorBefore = state("floorBefore", 1);
        lower = new LowerSteps(this);
        system = new LinearSystem(this);
        indicator = new Indicator(this);
        b = lowerVector();
        hypergradient = upperVector();
        mixed = upperVector();
        alpha = scalar();
        tolerance = metric("tolerance");
        value = metric("upperLoss");
        rounding = ROUNDING * Math.scalb(1.0, -device.productBits());
        slope = scalar();
        slack = scalar();
        moved = scalar();
        good = scalar();
        rise = scalar();
        bad = scalar();
        keep = scalar();
        part = scalar();
        ones = device.reals(Math.max(problem.upperSize(), problem.lowerSize()));
        update.fill(ones, 1);
        mask = device.reals(ones.size());
        upperMask = mask.slice(0, problem.upperSize());
        lowerMask = mask.slice(0, problem.lowerSize());
        numberMask = mask.slice(0, 1);
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
            update.fill(bad, 0);
            update.fill(mask, 1);
        }
        move();
    }

    private void solveLower() {
        for (int j = 0; j < settings.lowerSteps(); j++) {
            final Reals gradient = lower.gradient(x, y, Purpose.LOWER_STEP, j);
            update.norm(gradient, slope);
            update.copy(slope, part);
            update.axpy(-1, tolerance, part);
            indicator.isPositive(part, part);
            update.multiply(alpha, part, part);
            update.axpy(-1, part, gradient, y);
        }
    }

    /** Judges the last step: lengthens the next one, or halves it and perhaps takes the last one back. */
    private void judge() {
        indicator.isPositive(copied(lengthBefore, moved), moved);

        update.fill(slack, 0); // C ε_k + (1 + C) ε_{k−1} Δ
        update.axpy(SLACK, tolerance, slack);
        update.axpy(1 + SLACK, toleranceBefore, lengthBefore, slack);

        update.copy(valueBefore, good); // f_{k−1} + s − Δ² / (2 η_{k−1}) − f_k
        update.axpy(1, slack, good);
        update.divide(lengthBefore, step, part);
        update.axpy(-0.5, part, lengthBefore, good);
        update.axpy(-1, value, good);
        indicator.isPositive(good, good);
        update.axpy(-1, floorBefore, copied(normBefore, part));
        indicator.isPositive(part, part);
        update.multiply(good, part, good);
        update.multiply(good, moved, good);

        update.copy(value, rise); // f_k − f_{k−1} − s − e − u |f_{k−1}|
        update.axpy(-1, valueBefore, rise);
        update.copy(rise, bad);
        update.norm(valueBefore, part);
        update.axpy(-rounding, part, rise);
        update.axpy(-1, slack, rise);
        update.axpy(-1, errorBefore, rise);
        indicator.isPositive(rise, rise);
        update.multiply(rise, moved, rise);
        update.axpy(-RISE, part, bad); // f_k − f_{k−1} − |f_{k−1}| / 5
        indicator.isPositive(bad, bad);
        update.multiply(bad, rise, bad);

        update.fill(part, 1);
        update.axpy(LONGER - 1, good, part);
        update.axpy(SHORTER - 1, rise, part);
        update.multiply(step, part, step);
        takeBack();
    }

    private Reals copied(final Reals from, final Reals to) {
        update.copy(from, to);
        return to;
    }

    /** Where the last step was bad, and was one that overflowed, too: nothing it led to is multiplied by 0. */
    private void takeBack() {
        update.fill(keep, 1);
        update.axpy(-1, bad, keep);
        update.fill(mask, 0);
        update.axpy(1, keep, ones, mask);
        select(upperMask, xBefore, x);
        select(lowerMask, yBefore, y);
        select(lowerMask, zBefore, z);
        select(numberMask, valueBefore, value);
        select(numberMask, lowerValueBefore, metric("lowerLoss"));
        update.divide(hypergradient, upperMask, hypergradient);
    }

    /** now = then where the step was bad: a quotient by 0 is 0, of ∞ and NaN, too. */
    private void select(final Reals ofSize, final Reals then, final Reals now) {
        update.divide(now, ofSize, now);
        update.axpy(1, bad, then, now);
    }

    private void move() {
        final Reals norm = metric("hypergradientNorm");
        update.norm(hypergradient, norm);
        update.copy(step, metric("stepSize"));
        update.multiply(step, norm, lengthBefore);
        update.axpy(1, bad, normBefore, norm);
        update.copy(x, xBefore);
        update.copy(y, yBefore);
        update.copy(z, zBefore);
        update.copy(value, valueBefore);
        update.copy(metric("lowerLoss"), lowerValueBefore);
        update.copy(norm, normBefore);
        update.copy(tolerance, toleranceBefore);
        update.norm(z, part);
        update.multiply(part, slope, errorBefore);
        update.norm(mixed, floorBefore);
        update.scale(rounding, floorBefore);
        update.axpy(1, tolerance, floorBefore);
        update.divide(errorBefore, numberMask, errorBefore);
        update.divide(floorBefore, numberMask, floorBefore);
        update.axpy(-1, step, hypergradient, x);
        advance();
    }
}
