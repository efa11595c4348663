package borep.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyTest {
    private static final WordVectors VECTORS =
            new WordVectors("toy", List.of("one", "three", "an", "dog", "not", "barks"), 2, new float[] {
                1, 0, 3, 0, 0, 4, 5, 5, -1, -1, 0, 2
            });

    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    private static Corpus corpus(final String... texts) {
        final List<Example> examples = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            examples.add(new Example(texts[i], null, i % 2 == 0 ? "even" : "odd", null, "f:" + (i + 1)));
        }
        return new Corpus("f", examples, List.of("even", "odd"), List.of(), List.of());
    }

    private static TokenisedCorpus cut(final Corpus corpus) {
        return TokenisedCorpus.of(corpus, Tokeniser.WORDS);
    }

    private static Vocabulary vocabulary(final UnknownWords policy, final String... texts) {
        return Vocabulary.of(cut(corpus(texts)), VECTORS, policy);
    }

    @Test
    void wordsAreNumberedInOrderOfAppearanceAfterTheSpecialRows() {
        final Vocabulary vocabulary = vocabulary(UnknownWords.MEAN, "A dog barks", "The dog doesn't", "dog 42");
        assertEquals(List.of("<unk>", "<number>", "a", "dog", "barks", "n't"), vocabulary.words());
        assertArrayEquals(new int[] {2, 3, 4}, vocabulary.encode("A dog barks"));
        assertArrayEquals(new int[] {0, 3, 1, 5}, vocabulary.encode("The dog 42n't"));
        assertArrayEquals(new int[] {0, 1, 1}, vocabulary.encode("cats 1,000 2nd"));
        assertArrayEquals(new int[0], vocabulary.encode(" "));
    }

    @Test
    void theTableHoldsMeansForSpecialRowsAndVectorsOfAliases() {
        final float[] table = vocabulary(UnknownWords.MEAN, "a dog barks").table(VECTORS);
        assertArrayEquals(new float[] {5 / 3f, 11 / 3f, 2, 0, 0, 4, 5, 5, 0, 2}, table, 1e-6f);
        assertArrayEquals(
                new float[] {0, 0, 2, 0, 5, 5},
                vocabulary(UnknownWords.ZERO, "dog").table(VECTORS),
                1e-6f);
    }

    @Test
    void droppedWordsLeaveNoTrace() {
        final Vocabulary vocabulary = vocabulary(UnknownWords.DROP, "the dog barks");
        assertArrayEquals(new int[] {2, 3, 1}, vocabulary.encode("the dog quickly barks 7 times"));
        folder.mistake(
                "f:2: text: has no known word; delete the example or add skipEmpty=true",
                () -> vocabulary.encode(cut(corpus("dog", "cat", "barks")), false));
    }

    @Test
    void textsWithoutTokensAreRefusedOrCounted() {
        final Vocabulary vocabulary = vocabulary(UnknownWords.MEAN, "dog", "barks");
        final TokenisedCorpus blank = cut(corpus("dog", "\t", "barks dog"));
        folder.mistake(
                "f:2: text: has no word; delete the example or add skipEmpty=true",
                () -> vocabulary.encode(blank, false));
        final EncodedCorpus encoded = vocabulary.encode(blank, true);
        assertEquals(1, encoded.dropped());
        assertEquals(2, encoded.corpus().size());
        assertArrayEquals(new int[] {3, 2}, encoded.texts()[1]);
        assertEquals("f:3", encoded.corpus().examples().get(1).origin());
    }

    @Test
    void pairsAreEncodedTogether() {
        final Corpus corpus = new Corpus(
                "f",
                List.of(
                        new Example("dog", "dog barks", "x", null, "f:1"),
                        new Example("a dog", "barks", "y", null, "f:2")),
                List.of("x", "y"),
                List.of(),
                List.of());
        final EncodedCorpus encoded =
                Vocabulary.of(cut(corpus), VECTORS, UnknownWords.MEAN).encode(cut(corpus), false);
        assertArrayEquals(new int[] {2, 3}, encoded.pairs()[0]);
        assertArrayEquals(new int[] {4, 2}, encoded.texts()[1]);
        assertArrayEquals(new int[] {3}, encoded.pairs()[1]);
    }

    @Test
    void aVocabularyWithoutVectorsIsRefused() {
        folder.mistake(
                "f: vocabulary: none of its words has a vector in toy; give vectors of the same language and case, "
                        + "or another tokeniser",
                () -> vocabulary(UnknownWords.MEAN, "les chats", "12"));
    }

    @Test
    void coverageCountsRunningTokens() {
        final TokenisedCorpus corpus = cut(corpus("a dog barks", "the dog 12", "the cat"));
        final Coverage coverage =
                Vocabulary.of(corpus, VECTORS, UnknownWords.MEAN).coverage(corpus, VECTORS);
        assertEquals(new Coverage(8, 3, 1, 1, 3, List.of("the", "cat")), coverage);
        assertEquals(62.5, coverage.percent());
        assertEquals(
                "62.5 % of 8 tokens have a vector (1 through an alias, 1 as numbers); frequent unknown: the cat",
                coverage.toString());
    }

    @Test
    void isTheSameAfterSavingAndLoading() {
        final Tokeniser tokeniser = new Tokeniser(Tokeniser.Kind.WHITESPACE, true, 9);
        final Vocabulary saved =
                Vocabulary.of(TokenisedCorpus.of(corpus("a dog barks"), tokeniser), VECTORS, UnknownWords.ZERO);
        saved.save(temp);
        final Vocabulary loaded = Vocabulary.load(temp);
        assertEquals(saved.words(), loaded.words());
        assertEquals(saved.tokeniser(), loaded.tokeniser());
        assertEquals(UnknownWords.ZERO, loaded.unknownWords());
        assertArrayEquals(saved.table(VECTORS), loaded.table(VECTORS));
    }

    @Test
    void damagedSavedFilesAreRefused() {
        vocabulary(UnknownWords.MEAN, "a dog barks").save(temp);
        folder.write("vocabulary.json", "{\"tokeniser\": 3}");
        final DataException mistake = assertThrows(DataException.class, () -> Vocabulary.load(temp));
        assertTrue(
                mistake.getMessage().matches(".*/vocabulary\\.json:1: settings: .+; restore the file from the run"),
                mistake.getMessage());
        folder.write("vocabulary.txt", "<unk>", "<number>", "dog", "dog");
        folder.mistake(
                "DIR/vocabulary.txt:4: word \"dog\": is listed twice; restore the file from the run",
                () -> Vocabulary.load(temp));
        folder.write("vocabulary.txt", "dog");
        folder.mistake(
                "DIR/vocabulary.txt:1: vocabulary: must begin with <unk> and <number>; restore the file from the run",
                () -> Vocabulary.load(temp));
        folder.write("vocabulary.txt", "<unk>", "<number>", "cat");
        folder.write(
                "vocabulary.json",
                "{\"tokeniser\": {\"kind\": \"words\", \"lowerCase\": true, \"maxTokens\": 64}, \"unknownWords\":"
                        + " \"mean\"}");
        folder.mistake(
                "vocabulary word \"cat\": has no vector in toy; give the vectors that the run was made with",
                () -> Vocabulary.load(temp).table(VECTORS));
    }
}
