package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BuiltInTest {
    @Test
    void glossesAreBalancedAndDifferent() {
        final Corpus corpus = DataSpec.parse("glosses").load();
        assertEquals(8000, corpus.size());
        assertEquals(
                List.of("act", "artifact", "body", "communication", "food", "person", "state", "substance"),
                corpus.labels());
        final Map<String, Integer> counts = new HashMap<>();
        final Set<String> texts = new HashSet<>();
        for (final Example example : corpus.examples()) {
            counts.merge(example.label(), 1, Integer::sum);
            assertTrue(texts.add(example.text().toLowerCase(Locale.ROOT)), example.origin());
        }
        assertEquals(Set.of(1000), Set.copyOf(counts.values()));
    }

    @Test
    void verbsHaveTwelveDomainsWithEnoughOfBothClasses() {
        final Corpus corpus = DataSpec.parse("verbs").load();
        assertEquals(List.of("intransitive", "transitive"), corpus.labels());
        assertEquals(12, corpus.domainsWith(80).size());
        assertEquals(12, corpus.domains().size());
    }

    @Test
    void vectorsAreAsManyAsTheListSays() {
        final WordVectors vectors = WordVectors.load(BuiltIn.VECTORS, null);
        assertEquals(25_945, vectors.size());
        assertEquals("the", vectors.words().get(0));
    }

    @Test
    void vectorsCoverTheEmbeddedTexts() {
        for (final String name : BuiltIn.names()) {
            final Corpus corpus = DataSpec.parse(name).load();
            final TokenisedCorpus tokenised = TokenisedCorpus.of(corpus, Tokeniser.WORDS);
            final WordVectors vectors = WordVectors.load(BuiltIn.VECTORS, Vocabulary.wanted(tokenised));
            assertEquals(100, vectors.width());
            final Vocabulary vocabulary = Vocabulary.of(tokenised, vectors, UnknownWords.MEAN);
            final Coverage coverage = vocabulary.coverage(tokenised, vectors);
            assertTrue(coverage.percent() > 99, name + ": " + coverage);
            assertEquals(corpus.size(), vocabulary.encode(tokenised, false).texts().length);
        }
    }
}
