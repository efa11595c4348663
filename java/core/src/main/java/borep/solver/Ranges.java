package borep.solver;

/** Checks of settings, with one sentence each. */
final class Ranges {
    private Ranges() {}

    /** A momentum or averaging factor, in [0, 1). */
    static void requireMomentum(final String name, final double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " " + value + ": must lie in [0, 1)");
        }
    }

    /** A weight, in [0, 1]. */
    static void requireWeight(final String name, final double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " " + value + ": must lie in [0, 1]");
        }
    }

    static void requirePositive(final String name, final double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(name + " " + value + ": must be positive and finite");
        }
    }

    static void requireNotNegative(final String name, final double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(name + " " + value + ": must not be negative");
        }
    }

    static void requireAtLeast(final String name, final int value, final int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " " + value + ": must be at least " + least);
        }
    }

    static void requireAtMost(final String name, final int value, final int most) {
        if (value > most) {
            throw new IllegalArgumentException(name + " " + value + ": must be at most " + most);
        }
    }
}
