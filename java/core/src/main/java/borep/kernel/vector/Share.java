package borep.kernel.vector;

/**
 * A piece of the work of a recurrent sweep in a time step: some hidden units of some samples. Either all pieces have all
 * samples and their own units, or all units and their own samples.
 */
final class Share {
    /** First unit and the one behind the last. */
    int fromUnit;

    int toUnit;
    /** First sample and the one behind the last. */
    int fromSample;

    int toSample;
    /** Where this share's samples begin in the packed left sides, for a depth of 1. */
    int turnRow;

    /** First of this share's rows in a step of {@code size} rows. */
    int first(final int size) {
        return Math.min(fromSample, size);
    }

    /** Behind the last of this share's rows in a step of {@code size} rows. */
    int end(final int size) {
        return Math.min(toSample, size);
    }
}
