package borep.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * WordNet's database files {@code data.noun} and {@code data.verb} (Fellbaum 1998; wndb(5)), read from the package
 * {@code wordnet}.
 */
final class WordNet {
    private static final String FOLDER = "net/sf/extjwnl/data/wordnet/wn31/";

    private WordNet() {}

    /**
     * One meaning and the words for it.
     *
     * @param field      number of the lexicographer's file (lexnames(5)), such as 5 for noun.animal
     * @param word       the first word
     * @param isInstance whether it is a single named thing (a person, a city), not a kind
     * @param frames     a verb's sentence frames (wninput(5)): 8 is "Somebody ----s something"
     * @param definition the gloss without its example sentences
     */
    record Synset(int field, String word, boolean isInstance, Set<Integer> frames, String definition) {}

    /** All meanings of a part of speech ({@code noun}, {@code verb}) in file order. */
    static List<Synset> read(final Path jar, final String partOfSpeech) throws IOException {
        final List<Synset> synsets = new ArrayList<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            final ZipEntry entry = zip.getEntry(FOLDER + "data." + partOfSpeech);
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(zip.getInputStream(entry), StandardCharsets.ISO_8859_1))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (!line.startsWith("  ")) { // the licence
                        synsets.add(parse(line));
                    }
                }
            }
        }
        return synsets;
    }

    /**
     * Fields: offset, file, type, word count (hex), words with ids, pointer count, pointers of 4 fields, frame count,
     * frames of 3.
     */
    private static Synset parse(final String line) {
        final int bar = line.indexOf(" | ");
        final String[] fields = line.substring(0, bar).split(" ");
        final int words = Integer.parseInt(fields[3], 16);
        int at = 4 + 2 * words;
        final int pointers = Integer.parseInt(fields[at++]);
        boolean isInstance = false;
        for (int i = 0; i < pointers; i++, at += 4) {
            isInstance |= fields[at].equals("@i");
        }
        final Set<Integer> frames = new TreeSet<>();
        if (at < fields.length) {
            final int count = Integer.parseInt(fields[at++]);
            for (int i = 0; i < count; i++, at += 3) {
                frames.add(Integer.parseInt(fields[at + 1]));
            }
        }
        return new Synset(
                Integer.parseInt(fields[1]), fields[4], isInstance, frames, definition(line.substring(bar + 3)));
    }

    /** The gloss up to its first example sentence, which stands in quotes after a semicolon. */
    static String definition(final String gloss) {
        return gloss.replaceFirst(";\\s*[\"`].*", "")
                .replaceAll("\\s+", " ")
                .replaceFirst("[\\s;:,]+$", "")
                .strip();
    }
}
