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
        SIGMOID,
        /** max(a, 0) */
        POSITIVE,
        /** log(a), a positive */
        LOG
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

    /** out = a / b, and 0 where b is 0; {@code out} may be {@code a} or {@code b}. */
    void divide(Reals a, Reals b, Reals out);

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
     * One step on a linear system A z = b: r = r − b, then z −= step · r. A device may do it in one pass.
     *
     * @param b    read
     * @param r    read and written  A z before, the residual after
     * @param step read    [1]
     * @param z    read and written
     * @param norm written [1] ‖r‖ of the residual
     */
    default void residualStep(final Reals b, final Reals r, final Reals step, final Reals z, final Reals norm) {
        axpy(-1, b, r);
        norm(r, norm);
        axpy(-1, step, r, z);
    }

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
     * @param norm  written [1] ‖m‖, of the new m
     */
    void normalisedMomentum(double keep, Reals d, Reals m, Reals step, double guard, Reals x, Reals norm);

    /**
     * One step of Adam (Kingma, Ba 2015) at step k of the counter, k + 1 = number of this one: m = keepFirst · m + (1 −
     * keepFirst) · d, v = keepSecond · v + (1 − keepSecond) · d ⊙ d, then x −= step · m̂ / (√v̂ + epsilon) element by element,
     * with m̂ = m / (1 − keepFirst^(k+1)) and v̂ = v / (1 − keepSecond^(k+1)).
     *
     * @param d       read    gradient estimate
     * @param m       read and written  first moment
     * @param v       read and written  second moment
     * @param step    read    [1] step size η
     * @param counter read    k
     * @param x       read and written
     */
    void adam(
            double keepFirst,
            double keepSecond,
            Reals d,
            Reals m,
            Reals v,
            Reals step,
            Counter counter,
            double epsilon,
            Reals x);

    /**
     * Solves a small linear system by elimination with partial pivoting; an unknown whose pivot is 0 becomes 0, so that rows and
     * columns of zeros are left out.
     *
     * @param matrix read    [n · n] row-major, n at most 32
     * @param rhs    read    [n]
     * @param out    written [n]
     * @throws IllegalArgumentException if the sizes are not n · n, n and n with n at most {@link #MOST_UNKNOWNS}
     */
    void solve(Reals matrix, Reals rhs, Reals out);

    /** Largest n of {@link #solve}. */
    int MOST_UNKNOWNS = 32;

    /** value = schedule.at(counter); {@code value} [1] written. */
    void schedule(Schedule schedule, Counter counter, Reals value);
}
