package borep.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Texts as samples of numbers: one feature for each word that occurs in at least {@value #FEWEST_TEXTS} texts, its number how often it
 * occurs in the text, divided by the text's Euclidean norm, so that long texts do not outweigh short ones.
 */
final class BagOfWords {
    private static final int FEWEST_TEXTS = 2;
    private static final Tokeniser TOKENISER = new Tokeniser(Tokeniser.Kind.WORDS, true, Integer.MAX_VALUE);

    private BagOfWords() {}

    /** The samples of a corpus; pairs are taken as one text. */
    static Samples of(final Corpus corpus) {
        final List<Map<String, Integer>> counts = new ArrayList<>(corpus.size());
        final Map<String, Integer> texts = new TreeMap<>();
        for (final Example example : corpus.examples()) {
            final Map<String, Integer> own = new HashMap<>();
            TOKENISER.tokens(whole(example)).forEach(word -> own.merge(word, 1, Integer::sum));
            own.keySet().forEach(word -> texts.merge(word, 1, Integer::sum));
            counts.add(own);
        }
        texts.values().removeIf(count -> count < FEWEST_TEXTS);
        if (texts.isEmpty()) {
            throw new DataException(corpus.name() + ": words: none occurs in " + FEWEST_TEXTS
                    + " texts, so there is nothing to learn from; give more texts");
        }
        final List<String> words = List.copyOf(texts.keySet());
        final Map<String, Integer> places = new HashMap<>();
        words.forEach(word -> places.put(word, places.size()));
        final SamplesBuilder samples = new SamplesBuilder(corpus.name());
        for (int i = 0; i < corpus.size(); i++) {
            final TreeMap<Integer, Integer> numbers = new TreeMap<>();
            double squares = 0;
            for (final Map.Entry<String, Integer> word : counts.get(i).entrySet()) {
                if (places.containsKey(word.getKey())) {
                    numbers.put(places.get(word.getKey()), word.getValue());
                    squares += (double) word.getValue() * word.getValue();
                }
            }
            final double norm = Math.sqrt(squares);
            numbers.forEach((place, count) -> samples.add(place, (float) (count / norm)));
            final Example example = corpus.examples().get(i);
            samples.end(
                    example.label(),
                    corpus.parts().isEmpty() ? null : corpus.parts().get(i),
                    whole(example),
                    example.origin());
        }
        return samples.build(words, null);
    }

    private static String whole(final Example example) {
        return example.pair() == null ? example.text() : example.text() + " / " + example.pair();
    }
}
