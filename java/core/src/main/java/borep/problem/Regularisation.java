package borep.problem;

import borep.kernel.Loss;

/**
 * c·R(y).
 *
 * @param kind        R
 * @param coefficient c, finite and not negative
 */
public record Regularisation(Loss.Regulariser kind, double coefficient) {
    /**
     * Checks the coefficient.
     *
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public Regularisation {
        if (!(coefficient >= 0) || Double.isInfinite(coefficient)) {
            throw new IllegalArgumentException(
                    "regularisation coefficient " + coefficient + ": must be finite and not negative");
        }
    }
}
