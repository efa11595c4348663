package borep.problem;

import borep.device.Device;
import borep.device.Reals;
import borep.model.Parameters;

/**
 * min_x f(x, y*(x)) with y*(x) = argmin_y g(x, y), through stochastic oracles of both levels. x and y are flat vectors on the
 * problem's device. Oracles write those of their outputs that are not null, which may not overlap the inputs, and allocate nothing. They take
 * samples that this problem has made for their level, drawn or taken before; some problems ({@link TextProblem}) answer on the other level's as
 * well.
 *
 * <p>Sign and names: the linear system is ∇²_yy g · z = ∇_y f, the hypergradient ∇_x f − ∇²_xy g · z.
 */
public interface BilevelProblem {
    /** Where it computes. */
    Device device();

    /** Layout of x. */
    Parameters upperLayout();

    /** Layout of y. */
    Parameters lowerLayout();

    /** Length of x. */
    default int upperSize() {
        return upperLayout().size();
    }

    /** Length of y. */
    default int lowerSize() {
        return lowerLayout().size();
    }

    /** Writes the starting point that this problem recommends, from its seed: x [upperSize] and y [lowerSize]. */
    void initialise(Reals x, Reals y);

    /** A new, undrawn sample of the upper level's distribution. */
    Sample newUpperSample();

    /** A new, undrawn sample of the lower level's distribution. */
    Sample newLowerSample();

    /**
     * f as a finite sum; a level without randomness is one batch.
     *
     * @throws IllegalArgumentException if it is none
     */
    default FiniteSum upperSum() {
        return whole("upper", newUpperSample());
    }

    /**
     * g as a finite sum; a level without randomness is one batch.
     *
     * @throws IllegalArgumentException if it is none
     */
    default FiniteSum lowerSum() {
        return whole("lower", newLowerSample());
    }

    private FiniteSum whole(final String level, final Sample sample) {
        if (sample != ExactSample.INSTANCE) {
            throw new IllegalArgumentException("this problem's " + level
                    + " level is no finite sum; choose a solver without tables and full passes");
        }
        return FiniteSum.WHOLE;
    }

    /** f, ∇_x f and ∇_y f at (x, y) on {@code sample}, those that {@code out} wants. */
    void upper(Reals x, Reals y, Sample sample, FirstOrder out);

    /** g, ∇_x g and ∇_y g at (x, y) on {@code sample}, those that {@code out} wants. */
    void lower(Reals x, Reals y, Sample sample, FirstOrder out);

    /** {@link #lower}, but ∇_y g is added: a problem whose kernels add anyway spares two passes over y. */
    default void addLower(final Reals x, final Reals y, final Sample sample, final AddedGradient out) {
        lower(x, y, sample, out.apart());
        device().kernels().update().axpy(1, out.apart().gradientY(), out.sum().gradientY());
    }

    /**
     * g, ∇_y g, ∇²_yy g · z and ∇²_xy g · z at (x, y) on {@code sample}, those that {@code out} wants, in shared sweeps.
     *
     * @param z read [lowerSize] the direction
     */
    void lowerAlong(Reals x, Reals y, Reals z, Sample sample, SecondOrder out);

    /**
     * ∇_x f − ∇²_xy g·z with both levels measured on {@code sample}, right after {@link #upper} was asked for ∇_y f on it at the
     * same x and y: a problem may go on from there, and take both terms in one sweep.
     */
    default void hypergradient(
            final Reals x, final Reals y, final Reals z, final Sample sample, final Hypergradient out) {
        upper(x, y, sample, out.upper());
        lowerAlong(x, y, z, sample, out.mixed());
        device().kernels().update().axpy(-1, out.mixed().mixed(), out.estimate());
    }

    /** Whether f depends on x itself, not through y alone: false means that ∇_x f is 0 everywhere. */
    default boolean upperSeesX() {
        return true;
    }

    /** Whether the lower level's oracles answer on samples of the upper level, too, as public codes ask them to. */
    default boolean lowerTakesUpperSamples() {
        return true;
    }

    /**
     * Tells the problem that x has changed, so that what it remembers of the old x (encoder features of a sample, reused while
     * only y moves) is computed anew. Solvers call it after every step of x.
     */
    default void upperChanged() {}
}
