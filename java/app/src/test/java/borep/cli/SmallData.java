package borep.cli;

import borep.device.Philox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A small labelled set with domains, and vectors for its words: quick to learn, deterministic. */
final class SmallData {
    private static final List<String> GOOD = List.of("fine", "bright", "warm", "sweet");
    private static final List<String> BAD = List.of("dull", "grey", "cold", "sour");
    private static final List<String> NEUTRAL = List.of("tea", "day", "room", "song", "walk", "very", "the", "of");
    private static final int WIDTH = 6;
    static final int ROWS = 400;

    private SmallData() {}

    /** Writes {@code texts.csv} (text,label,domain) and {@code vectors.txt} into a folder. */
    static void write(final Path folder) throws IOException {
        final StringBuilder csv = new StringBuilder("text,label,domain\n");
        for (int row = 0; row < ROWS; row++) {
            final boolean good = row % 2 == 0;
            final StringBuilder text = new StringBuilder();
            final int words = 2 + Philox.below(5, 1, row, 0, 0);
            for (int i = 0; i < words; i++) {
                text.append(NEUTRAL.get(Philox.below(NEUTRAL.size(), 1, row, 1, i)))
                        .append(' ');
            }
            text.append((good ? GOOD : BAD).get(Philox.below(4, 1, row, 2, 0)))
                    .append(" n")
                    .append(row);
            csv.append(text)
                    .append(',')
                    .append(good ? "good" : "bad")
                    .append(",d")
                    .append(row / 2 % 5)
                    .append('\n');
        }
        Files.writeString(folder.resolve("texts.csv"), csv);
        final StringBuilder vectors = new StringBuilder();
        int lane = 0;
        for (final List<String> words : List.of(GOOD, BAD, NEUTRAL)) {
            for (final String word : words) {
                vectors.append(word);
                for (int k = 0; k < WIDTH; k++) {
                    final double shift = k == 0 ? words == GOOD ? 1 : words == BAD ? -1 : 0 : 0;
                    vectors.append(String.format(Locale.ROOT, " %.4f", shift + .5 * Philox.normal(2, 0, 0, lane++)));
                }
                vectors.append('\n');
            }
        }
        Files.writeString(folder.resolve("vectors.txt"), vectors);
    }
}
