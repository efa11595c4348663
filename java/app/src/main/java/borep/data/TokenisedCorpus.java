package borep.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A corpus cut into tokens, once for all that is asked of them: every different token is kept one time.
 *
 * @param corpus    the examples
 * @param tokeniser how they were cut
 * @param words     [m] the different tokens in the order of their first appearance
 * @param texts     [n][length] each text as places in {@code words}; of length 0 where it has no token
 * @param pairs     [n][length] each second text; null for single texts
 */
public record TokenisedCorpus(Corpus corpus, Tokeniser tokeniser, List<String> words, int[][] texts, int[][] pairs) {
    /** Cuts every text. */
    public static TokenisedCorpus of(final Corpus corpus, final Tokeniser tokeniser) {
        final Map<String, Integer> places = new HashMap<>();
        final List<String> words = new ArrayList<>();
        final int[][] texts = new int[corpus.size()][];
        final int[][] pairs = corpus.hasPairs() ? new int[corpus.size()][] : null;
        for (int i = 0; i < texts.length; i++) {
            final Example example = corpus.examples().get(i);
            texts[i] = places(tokeniser.tokens(example.text()), places, words);
            if (pairs != null) {
                pairs[i] = places(tokeniser.tokens(example.pair()), places, words);
            }
        }
        return new TokenisedCorpus(corpus, tokeniser, List.copyOf(words), texts, pairs);
    }

    private static int[] places(
            final List<String> tokens, final Map<String, Integer> places, final List<String> words) {
        final int[] text = new int[tokens.size()];
        for (int k = 0; k < text.length; k++) {
            final Integer known = places.putIfAbsent(tokens.get(k), words.size());
            if (known == null) {
                words.add(tokens.get(k));
            }
            text[k] = known == null ? words.size() - 1 : known;
        }
        return text;
    }

    /** [m] how often each word stands in all texts. */
    int[] counts() {
        final int[] counts = new int[words.size()];
        count(texts, counts);
        if (pairs != null) {
            count(pairs, counts);
        }
        return counts;
    }

    private static void count(final int[][] texts, final int[] counts) {
        for (final int[] text : texts) {
            for (final int place : text) {
                counts[place]++;
            }
        }
    }
}
