package borep.problem;

/**
 * A level's objective as a finite sum of fixed batches, g = Σ_i w_i g_i with Σ w_i = 1, for methods that remember something of every
 * batch (SAGA's tables) or pass over all of them (SARAH's and SPIDER's checkpoints). {@link Sample#take} makes a sample batch i.
 *
 * @param samples n, what the level's mean is over; at least 1
 * @param batch   most of them in one batch, at least 1: the last batch may hold fewer, and weighs less
 */
public record FiniteSum(int samples, int batch) {
    /** A level without randomness: one batch, which is the whole. */
    public static final FiniteSum WHOLE = new FiniteSum(1, 1);

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if one is below 1
     */
    public FiniteSum {
        if (samples < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "finite sum of " + samples + " samples in batches of " + batch + ": both must be at least 1");
        }
    }

    /** {@code count} batches of equal weight, at least 1. */
    public static FiniteSum equal(final int count) {
        return new FiniteSum(count, 1);
    }

    /** Number of batches. */
    public int batches() {
        return Math.ceilDiv(samples, batch);
    }

    /** Number of samples of batch i, in [0, batches). */
    public int size(final int i) {
        return Math.min(batch, samples - i * batch);
    }

    /** w_i, the batch's share of the samples. */
    public double weight(final int i) {
        return (double) size(i) / samples;
    }
}
