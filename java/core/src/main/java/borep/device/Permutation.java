package borep.device;

/**
 * A keyed random permutation of {@code [0, n)} that can be asked for one place at a time: sampling without replacement
 * without a table, the same on every device.
 *
 * <p>A balanced Feistel network over the smallest even number of bits that covers n, with cycle walking (Black, Rogaway:
 * Ciphers with arbitrary finite domains; CT-RSA 2002). The key comes from one {@link Philox} block.
 */
public final class Permutation {
    private static final int ROUNDS = 6;

    private Permutation() {}

    /**
     * The image of {@code place} under the permutation with this key.
     *
     * @param key   64 random bits, for example {@link Philox#bits}
     * @param n     size of the set, at least 1
     * @param place in {@code [0, n)}
     * @return in {@code [0, n)}; different places give different images
     */
    public static int image(final long key, final int n, final int place) {
        final int half = Math.max(1, (33 - Integer.numberOfLeadingZeros(n - 1)) / 2);
        final int mask = (1 << half) - 1;
        int value = place;
        do {
            int left = value >>> half;
            int right = value & mask;
            for (int round = 0; round < ROUNDS; round++) {
                final int next = left ^ mix(right + round * 0x9E3779B9, key) & mask;
                left = right;
                right = next;
            }
            value = left << half | right;
        } while (Integer.compareUnsigned(value, n) >= 0);
        return value;
    }

    /** A 32-bit finaliser in the manner of MurmurHash3, keyed before and between the multiplications. */
    private static int mix(final int value, final long key) {
        int h = value ^ (int) key;
        h = (h ^ h >>> 16) * 0x85EBCA6B ^ (int) (key >>> 32);
        h = (h ^ h >>> 13) * 0xC2B2AE35;
        return h ^ h >>> 16;
    }
}
