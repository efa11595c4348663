package borep.problem;

import borep.device.Reals;

/**
 * Where {@link BilevelProblem#hypergradient} leaves its estimate.
 *
 * @param upper the estimate [upperSize] as ∇_x f alone
 * @param mixed scratch [upperSize] as the mixed product alone, for problems that take the two terms one after the other
 */
public record Hypergradient(FirstOrder upper, SecondOrder mixed) {
    /** The estimate goes into {@code estimate} [upperSize]; {@code scratch} [upperSize] may be written. */
    public static Hypergradient into(final Reals estimate, final Reals scratch) {
        return new Hypergradient(new FirstOrder(null, estimate, null), new SecondOrder(null, null, null, scratch));
    }

    /** [upperSize] */
    Reals estimate() {
        return upper.gradientX();
    }
}
