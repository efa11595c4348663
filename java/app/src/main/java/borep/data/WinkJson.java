package borep.data;

import com.fasterxml.jackson.core.JsonToken;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Word vectors as the wink-embeddings packages keep them: one JSON object with {@code dimensions}, the words by
 * frequency in {@code words} and {@code vectors} by word, each followed by its norm and its place.
 */
final class WinkJson {
    private WinkJson() {}

    /** Reads all vectors, in the order of {@code words}. */
    static WordVectors read(final Reader reader, final String file) {
        final List<String> words = new ArrayList<>();
        int width = 0;
        FloatRows rows = null;
        final Map<String, Integer> offsets = new HashMap<>();
        try (JsonSource json = new JsonSource(reader, file)) {
            json.expect(JsonToken.START_OBJECT, "an object with words and vectors");
            while (json.next() != JsonToken.END_OBJECT) {
                final String field = json.text();
                final JsonToken value = json.next();
                if (field.equals("dimensions")) {
                    width = (int) json.number();
                    rows = new FloatRows(width);
                } else if (field.equals("words")) {
                    while (json.next() != JsonToken.END_ARRAY) {
                        words.add(json.text());
                    }
                } else if (field.equals("vectors") && rows != null) {
                    while (json.next() != JsonToken.END_OBJECT) {
                        final String word = json.text();
                        offsets.put(word, readVector(json, rows, word, width));
                    }
                } else if (value.isStructStart()) {
                    json.skip();
                }
            }
        }
        if (rows == null || offsets.isEmpty()) {
            throw new DataException(file + ": vectors: there are none; fetch the package again");
        }
        final float[] sorted = new float[words.size() * width];
        for (int i = 0; i < words.size(); i++) {
            final Integer offset = offsets.get(words.get(i));
            if (offset == null) {
                throw new DataException(
                        file + ": word \"" + words.get(i) + "\": has no vector; fetch the package again");
            }
            System.arraycopy(rows.values(), offset, sorted, i * width, width);
        }
        return new WordVectors(file, words, width, sorted);
    }

    private static int readVector(final JsonSource json, final FloatRows rows, final String word, final int width) {
        json.expect(JsonToken.START_ARRAY, "a list of numbers");
        final int offset = rows.add(word);
        int count = 0;
        while (json.next() != JsonToken.END_ARRAY) {
            if (count < width) {
                rows.values()[offset + count] = json.number();
            }
            count++;
        }
        if (count < width) {
            throw json.error("word \"" + word + "\": has " + count + " numbers, must have " + width
                    + "; fetch the package again");
        }
        return offset;
    }
}
