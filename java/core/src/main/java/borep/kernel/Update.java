package borep.kernel;

import borep.device.Counter;
import borep.device.Reals;
import borep.device.Schedule;

/**
 * Vector operations of the solvers. Scalars that change from step to step are one-element {@link Reals} on the device; plain
 * doubles are constants of a recorded program. Vectors of one call have equal sizes; unless said, they may not overlap.
 * Reductions add in a fixed order that depends on the size alone.
 */
public interface Update {
    /** Element-wise functions of closed-form problems. */
    enum Function {
        /** sin(a) */
        SIN,
        /** cos(a) */
        COS,
        /** sinh(a) */
        SINH,
        /** cosh(a) */
        COSH,
        /** exp(a) */
        EXP,
        /** 1 / (1 + exp(−a)) */
        SIGMOID
    }

    /** out = value. */
    void fill(Reals out, double value);

    /** out = a. */
    void copy(Reals a, Reals out);

    /** out = factor · out. */
    void scale(double factor, Reals out);

    /** out += factor · a. */
    void axpy(double factor, Reals a, Reals out);

    /** out += factor · scalar · a, with {@code scalar} [1] read on the device. */
    void axpy(double factor, Reals scalar, Reals a, Reals out);

    /** out = keep · out + (1 − keep) · a: an exponential moving average. */
    void average(double keep, Reals a, Reals out);

    /** out = a ⊙ b; {@code out} may be {@code a} or {@code b}. */
    void multiply(Reals a, Reals b, Reals out);

    /** out = function(a); {@code out} may be {@code a}. */
    void apply(Function function, Reals a, Reals out);

    /** value = ⟨a, b⟩; {@code value} [1] written; a may be b. */
    void dot(Reals a, Reals b, Reals value);

    /** value = ‖a‖; {@code value} [1] written. */
    void norm(Reals a, Reals value);

    /**
     * u = Π(u) onto the ball {v : ‖v − centre‖ ≤ radius}; leaves u untouched when it is inside. An infinite radius does
     * nothing.
     */
    void projectBall(Reals centre, double radius, Reals u);

    /**
     * The fused heart of BO-REP (Hao, Gong, Liu 2024, Algorithm 1): m = keep · m + (1 − keep) · d, then
     * x −= step · m / (‖m‖ + guard). With m = 0 nothing moves.
     *
     * @param keep  momentum β in [0, 1)
     * @param d     read    hypergradient estimate
     * @param m     read and written  hypergradient momentum
     * @param step  read    [1] step size η
     * @param guard added to the norm
     * @param x     read and written
     * @param norm  written [1] ‖m‖
     */
    void normalisedMomentum(double keep, Reals d, Reals m, Reals step, double guard, Reals x, Reals norm);

    /** value = schedule.at(counter); {@code value} [1] written. */
    void schedule(Schedule schedule, Counter counter, Reals value);
}
