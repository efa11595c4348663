package borep.model;

import borep.device.Ints;
import borep.kernel.Sequences;
import java.util.Arrays;

/**
 * A labelled set of texts (or pairs of texts) resident on a device.
 *
 * @param first   the texts
 * @param second  the pairs' second texts, as many; null if samples are single texts
 * @param labels  [n] class of each sample in [0, classes)
 * @param classes number of classes
 */
public record TextSet(Sequences first, Sequences second, Ints labels, int classes) {
    /**
     * Checks the counts.
     *
     * @throws IllegalArgumentException if texts, second texts and labels are not equally many
     */
    public TextSet {
        if (first.count() != labels.size() || second != null && second.count() != labels.size()) {
            throw new IllegalArgumentException(first.count() + " texts"
                    + (second == null ? "" : " and " + second.count() + " second texts") + " with " + labels.size()
                    + " labels: must be equally many");
        }
    }

    /** Number of samples n. */
    public int size() {
        return labels.size();
    }

    /** Most rows of a batch: those of its {@code batch} longest sequences, each as often as it must be; or, if it repeats, of the longest alone. */
    static int maxRows(final Sequences sequences, final int batch, final boolean repeats) {
        final int[] lengths = sequences.lengths().toArray();
        Arrays.sort(lengths);
        long rows = 0;
        for (int i = 0; i < batch; i++) {
            final int place = repeats ? lengths.length - 1 : lengths.length - 1 - i % lengths.length;
            rows += lengths[place];
        }
        return Math.toIntExact(Math.max(rows, 1));
    }

    /** The longest sequence, at least 1. */
    static int maxSteps(final Sequences sequences) {
        return Math.max(1, Arrays.stream(sequences.lengths().toArray()).max().orElse(1));
    }
}
