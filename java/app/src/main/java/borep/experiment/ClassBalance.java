package borep.experiment;

import borep.device.Permutation;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Brings the share of positive samples to what is asked for. */
final class ClassBalance {
    private ClassBalance() {}

    /**
     * These samples without so many of the class in excess that the share of positives is the one asked for.
     *
     * @param share   in (0, 1)
     * @param places  [n] of the samples
     * @param classes [n] 1 for a positive sample, else 0
     * @param key     64 random bits: which are left out
     * @return those that stay, in their order; at least one of the class in excess
     */
    static int[] withShare(final double share, final int[] places, final int[] classes, final long key) {
        final int positives = Arrays.stream(classes).sum();
        final int negatives = classes.length - positives;
        final boolean isPositiveInExcess = positives * (1 - share) > negatives * share;
        final int excess = isPositiveInExcess ? 1 : 0;
        final int[] rich = IntStream.range(0, places.length)
                .filter(i -> classes[i] == excess)
                .toArray();
        final double kept = isPositiveInExcess ? negatives * share / (1 - share) : positives * (1 - share) / share;
        final boolean[] leftOut = new boolean[places.length];
        for (int k = (int) Math.max(1, Math.round(kept)); k < rich.length; k++) {
            leftOut[rich[Permutation.image(key, rich.length, k)]] = true;
        }
        return IntStream.range(0, places.length)
                .filter(i -> !leftOut[i])
                .map(i -> places[i])
                .toArray();
    }
}
