package borep.device;

/**
 * Philox4x32-10, the counter-based random numbers of every random choice (Salmon, Moraes, Dror, Shaw: Parallel random
 * numbers: as easy as 1, 2, 3; SC 2011). The counter is (step low, step high, purpose, lane), the key is the seed: the same
 * four words in Java and CUDA, no state to save.
 */
public final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final long WORD = 0xFFFFFFFFL;

    private Philox() {}

    /**
     * The first two words of the block at (step, purpose, lane): word 0 in the high, word 1 in the low half.
     *
     * @param seed    the run's seed (key)
     * @param step    iteration, any value
     * @param purpose which random choice of the iteration this is, so that choices are independent
     * @param lane    index inside the choice
     */
    public static long bits(final long seed, final long step, final int purpose, final int lane) {
        int c0 = (int) step;
        int c1 = (int) (step >>> 32);
        int c2 = purpose;
        int c3 = lane;
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            final long p0 = MULTIPLIER_0 * (c0 & WORD);
            final long p1 = MULTIPLIER_1 * (c2 & WORD);
            final int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            final int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            c0 = n0;
            c2 = n2;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        return (c0 & WORD) << 32 | (c1 & WORD);
    }

    /**
     * A uniform integer in {@code [0, bound)} from word 0; the bias of the multiply-shift method is below bound / 2^32. Counter and key as in
     * {@link #bits}.
     *
     * @throws IllegalArgumentException if bound is below 1
     */
    public static int below(final int bound, final long seed, final long step, final int purpose, final int lane) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound " + bound + ": must be at least 1");
        }
        return (int) ((bits(seed, step, purpose, lane) >>> 32) * bound >>> 32);
    }

    /** A uniform number in {@code [0, 1)} with 53 random bits; counter and key as in {@link #bits}. */
    public static double uniform(final long seed, final long step, final int purpose, final int lane) {
        return (bits(seed, step, purpose, lane) >>> 11) * 0x1p-53;
    }

    /** A standard normal number (Box and Muller 1958): √(−2 ln u) cos(2πv) with u in (0, 1] from word 0 and v in [0, 1) from word 1; counter and key
     * as in {@link #bits}. */
    public static double normal(final long seed, final long step, final int purpose, final int lane) {
        final long bits = bits(seed, step, purpose, lane);
        final double u = ((bits >>> 32) + 1) * 0x1p-32;
        final double v = (bits & WORD) * 0x1p-32;
        return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
    }
}
