package borep.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Words and rows that grow while a file is read. */
final class FloatRows {
    private static final long FIRST_ROWS = 1024;
    /** Of an array, nearly. */
    private static final int LONGEST = Integer.MAX_VALUE - 8;

    private final int width;
    private final List<String> words = new ArrayList<>();
    private float[] values = new float[0];

    FloatRows(final int width) {
        this.width = width;
    }

    /** Adds a word; its row is to be written at the offset given back, in {@link #values}. */
    int add(final String word) {
        final int offset = Math.multiplyExact(words.size(), width);
        final int end = Math.addExact(offset, width);
        if (end > values.length) {
            final long wanted = Math.max(2L * values.length, FIRST_ROWS * width);
            values = Arrays.copyOf(values, wanted > LONGEST ? end : (int) wanted);
        }
        words.add(word);
        return offset;
    }

    float[] values() {
        return values;
    }

    WordVectors vectors(final String name) {
        return new WordVectors(name, words, width, Arrays.copyOf(values, words.size() * width));
    }
}
