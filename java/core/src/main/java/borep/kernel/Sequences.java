package borep.kernel;

import borep.device.Ints;
import borep.device.Reals;

/**
 * A set of token sequences with the frozen table of their vectors, resident on the device.
 *
 * @param tokens  [sum of lengths] row numbers of {@code table}, sequence after sequence
 * @param starts  [n] where each sequence begins in {@code tokens}
 * @param lengths [n] tokens of each sequence
 * @param table   [vocabulary, input] word vectors
 * @param width   input, the length of one vector
 */
public record Sequences(Ints tokens, Ints starts, Ints lengths, Reals table, int width) {
    /** Number of sequences n. */
    public int count() {
        return lengths.size();
    }
}
