package borep.bench;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Sequences;
import borep.model.TextSet;

/** Texts of random words, random vectors and labels, all from Philox: the same on every device and in bench/peers. */
final class RandomTexts {
    /** Shortest text of a ragged batch. */
    static final int SHORTEST = 5;

    private static final int LENGTHS = 1;
    private static final int TOKENS = 2;
    private static final int VECTORS = 3;
    private static final int LABELS = 4;

    private RandomTexts() {}

    /** [count] lengths, uniform in SHORTEST … longest, the first the longest; or all the longest. */
    static int[] lengths(final int count, final int longest, final boolean ragged, final long seed) {
        final int[] lengths = new int[count];
        for (int i = 0; i < count; i++) {
            lengths[i] =
                    ragged && i > 0 ? SHORTEST + Philox.below(longest - SHORTEST + 1, seed, 0, LENGTHS, i) : longest;
        }
        return lengths;
    }

    /**
     * As many sequences as {@code lengths}, of standard normal vectors of this width.
     *
     * @param words how many different ones; 0: every place has a word of its own
     */
    static Sequences sequences(
            final Device device, final int[] lengths, final int words, final int width, final long seed) {
        final int[] starts = new int[lengths.length];
        int total = 0;
        for (int i = 0; i < lengths.length; i++) {
            starts[i] = total;
            total += lengths[i];
        }
        final int[] tokens = new int[total];
        for (int i = 0; i < total; i++) {
            tokens[i] = words == 0 ? i : Philox.below(words, seed, 0, TOKENS, i);
        }
        return new Sequences(
                ints(device, tokens),
                ints(device, starts),
                ints(device, lengths),
                normal(device, Math.multiplyExact(words == 0 ? total : words, width), 1, seed, VECTORS),
                width);
    }

    /** A set of labelled texts. */
    static TextSet set(
            final Device device,
            final int[] lengths,
            final int words,
            final int width,
            final int classes,
            final long seed) {
        final int[] labels = new int[lengths.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = Philox.below(classes, seed, 0, LABELS, i);
        }
        return new TextSet(sequences(device, lengths, words, width, seed), null, ints(device, labels), classes);
    }

    /** [size] normal numbers with mean 0 and this deviation. */
    static Reals normal(
            final Device device, final int size, final double deviation, final long seed, final int purpose) {
        final float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (deviation * Philox.normal(seed, 0, purpose, i));
        }
        final Reals reals = device.reals(size);
        reals.set(values);
        return reals;
    }

    static Ints ints(final Device device, final int[] values) {
        final Ints ints = device.ints(values.length);
        ints.set(values);
        return ints;
    }
}
