package borep.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Words and rows that grow while a file is read. */
final class FloatRows {
    private final int width;
    private final List<String> words = new ArrayList<>();
    private float[] values;

    FloatRows(final int width) {
        this.width = width;
        this.values = new float[width * 1024];
    }

    /** Adds a word; its row is to be written at the offset given back, in {@link #values}. */
    int add(final String word) {
        final int offset = words.size() * width;
        if (offset + width > values.length) {
            values = Arrays.copyOf(values, Math.multiplyExact(values.length, 2));
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
