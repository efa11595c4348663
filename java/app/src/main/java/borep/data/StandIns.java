package borep.data;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Words whose vectors stand for words that the vectors lack: aliases, and number words for whatever begins with a digit. */
final class StandIns {
    /** What stands for articles and clitics that word vectors made from news text often lack. */
    private static final Map<String, String> ALIASES = Map.ofEntries(
            Map.entry("a", "an"),
            Map.entry("i", "me"),
            Map.entry("n't", "not"),
            Map.entry("'s", "is"),
            Map.entry("'m", "am"),
            Map.entry("'re", "are"),
            Map.entry("'ve", "have"),
            Map.entry("'ll", "will"),
            Map.entry("'d", "would"),
            Map.entry("ca", "can"),
            Map.entry("wo", "will"),
            Map.entry("sha", "shall"));

    private static final List<String> NUMBER_WORDS = List.of(
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "twelve",
            "twenty",
            "fifty",
            "hundred",
            "thousand",
            "million");

    private StandIns() {}

    /** The words whose vectors stand for missing ones. */
    static Set<String> words() {
        final Set<String> words = new HashSet<>(NUMBER_WORDS);
        words.addAll(ALIASES.values());
        return words;
    }

    /** The place of a token's own vector or its alias's; -1 if it has neither. */
    static int rowOf(final String token, final WordVectors vectors) {
        final int own = vectors.indexOf(token);
        final String alias = ALIASES.get(token);
        return own >= 0 || alias == null ? own : vectors.indexOf(alias);
    }

    /** [width] the mean of the vectors of number words; null if none has one. */
    static float[] number(final WordVectors vectors) {
        final int width = vectors.width();
        final float[] row = new float[width];
        final double[] sum = new double[width];
        int count = 0;
        for (final String word : NUMBER_WORDS) {
            if (vectors.indexOf(word) >= 0) {
                vectors.copy(vectors.indexOf(word), row, 0);
                for (int i = 0; i < width; i++) {
                    sum[i] += row[i];
                }
                count++;
            }
        }
        for (int i = 0; i < width; i++) {
            row[i] = (float) (sum[i] / count);
        }
        return count == 0 ? null : row;
    }
}
