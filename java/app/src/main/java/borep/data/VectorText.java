package borep.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Word vectors as text: {@code word v1 v2 ... vd} a line, separated by spaces; word2vec and fastText write a first line
 * {@code COUNT WIDTH}, GloVe does not. Some GloVe 840B words hold spaces: the last {@code width} fields are the vector.
 */
final class VectorText {
    private VectorText() {}

    /** Reads the wanted words; the first line with a vector sets the width. */
    static WordVectors read(final Path path, final Set<String> wanted) {
        try (Lines lines = new Lines(path, StandardCharsets.UTF_8)) {
            String line = lines.next();
            if (line == null) {
                throw DataException.at(path.toString(), 1, "vectors: there are none; give a file of word vectors");
            }
            int width = 0;
            long promised = -1;
            if (line.strip().matches("\\d+ \\d+")) {
                final String[] header = line.strip().split(" ");
                promised = size(lines, header[0]);
                width = size(lines, header[1]);
                line = lines.next();
            }
            if (width == 0 && line != null) {
                width = line.stripTrailing().split(" ").length - 1;
            }
            if (width < 1) {
                throw lines.error("row: has no numbers; a row is a word and its vector, separated by spaces");
            }
            return readRows(lines, line, width, promised, wanted);
        }
    }

    private static int size(final Lines lines, final String number) {
        try {
            return Integer.parseInt(number);
        } catch (final NumberFormatException broken) {
            throw lines.error("header: " + number + ": must be at most " + Integer.MAX_VALUE
                    + "; copy the file again or correct the header");
        }
    }

    private static WordVectors readRows(
            final Lines lines, final String first, final int width, final long promised, final Set<String> wanted) {
        final FloatRows rows = new FloatRows(width);
        final Set<String> seen = new HashSet<>();
        long count = 0;
        for (String line = first; line != null; line = lines.next(), count++) {
            int end = line.length();
            while (end > 0 && line.charAt(end - 1) == ' ') {
                end--;
            }
            int start = end;
            for (int field = 0; field < width && start >= 0; field++) {
                start = line.lastIndexOf(' ', start - 1);
            }
            if (start <= 0) {
                final int numbers = end == 0 ? 0 : line.substring(0, end).split(" ").length - 1;
                throw lines.error("row: has " + numbers + " numbers, the rows before have " + width
                        + "; correct the row, or copy the file again if it is truncated");
            }
            final String word = line.substring(0, start);
            checkWord(lines, word, width);
            if (wanted != null && !wanted.contains(word)) {
                continue;
            }
            if (!seen.add(word)) {
                throw lines.error("word \"" + word + "\": is listed twice; delete one of the rows");
            }
            parse(lines, line.substring(start + 1, end), word, rows.add(word), width, rows.values());
        }
        if (promised >= 0 && promised != count) {
            throw DataException.at(
                    lines.file(),
                    1,
                    "header: promises " + promised + " words, the file has " + count
                            + "; copy the file again or correct the header");
        }
        return rows.vectors(lines.file());
    }

    /** A word that ends in a number means that the row is wider than the others. */
    private static void checkWord(final Lines lines, final String word, final int width) {
        final int space = word.lastIndexOf(' ');
        if (space > 0 && word.substring(space + 1).matches("-?\\d*\\.\\d+(?:[eE][-+]?\\d+)?")) {
            throw lines.error(
                    "row: has more than " + width + " numbers, as many as the rows before have; correct the row");
        }
    }

    private static void parse(
            final Lines lines,
            final String numbers,
            final String word,
            final int offset,
            final int width,
            final float[] target) {
        int start = 0;
        for (int i = 0; i < width; i++) {
            final int space = numbers.indexOf(' ', start);
            final String number = numbers.substring(start, space < 0 ? numbers.length() : space);
            float value;
            try {
                value = Float.parseFloat(number);
            } catch (final NumberFormatException broken) {
                throw lines.error("word \"" + word + "\": value " + number + ": must be a number; correct the row");
            }
            if (!Float.isFinite(value)) {
                throw lines.error(
                        "word \"" + word + "\": value " + number + ": must be finite; correct or delete the row");
            }
            target[offset + i] = value;
            start = space + 1;
        }
    }
}
