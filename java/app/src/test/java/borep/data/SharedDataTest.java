package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real files that lie beside a checkout, where they do: {@code ../shared/data}, or {@code -Dborep.shared=DIR}. */
class SharedDataTest {
    private static Path shared() {
        final String given = System.getProperty("borep.shared", "");
        if (!given.isBlank()) {
            return Path.of(given).resolve("data");
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("shared/data"))) {
                return folder.resolve("shared/data");
            }
        }
        return Path.of("../shared/data");
    }

    private static String file(final String name) {
        final Path path = shared().resolve(name.replaceFirst(",.*", ""));
        Assumptions.assumeTrue(Files.exists(path), "the folder " + shared() + " with " + name + " is missing");
        return shared().resolve(name).toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "multidomain-sentiment/dataset.json.gz # 10809 # 2 # 19",
                "sentence-polarity # 10662 # 2 # 0",
                "movie-reviews/movie_reviews.zip # 2000 # 2 # 0",
                "snli/dev_premise_hypothesis_label.jsonl.gz # 9842 # 3 # 0",
                "snli/jsonl-sample # 2527 # 3 # 0",
                "snli/infersent-layout # 9842 # 3 # 0",
                "hwu64/fold1_train.csv.gz,header=text|label # 9960 # 64 # 0",
                "hwu64/fold1_test.csv.gz,text=answer_from_user,label=scenario,delimiter=; # 1076 # 18 # 0",
                "youtube-spam/leaf,domain=2,skipEmpty=true # 1956 # 2 # 5",
            })
    void readsEveryFormat(final String spec, final int size, final int labels, final int domains) {
        final Corpus corpus = DataSpec.parse(file(spec)).load();
        assertEquals(size, corpus.size());
        assertEquals(labels, corpus.labels().size());
        assertEquals(domains, corpus.domains().size());
        assertEquals(corpus.hasPairs(), spec.startsWith("snli"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "mnist # 20000 # 10 # 784",
                "fashion-mnist # 10000 # 10 # 784",
                "libsvm/a9a.gz # 32561 # 2 # 123",
                "libsvm/a9a.t.gz # 16281 # 2 # 122",
                "libsvm/mushrooms.gz # 8124 # 2 # 112",
                "libsvm/news20.t.gz # 3993 # 20 # 62060",
                "libsvm/heart_scale.gz # 270 # 2 # 13",
                "sentence-polarity # 10662 # 2 # 10056",
            })
    void readsEveryFormatOfSamples(final String spec, final int size, final int classes, final int features) {
        final Samples samples = DataSpec.parse(file(spec)).loadSamples();
        assertEquals(size, samples.size());
        assertEquals(classes, samples.classes().size());
        assertEquals(features, samples.features().size());
        assertEquals(spec.equals("mnist"), !samples.parts().isEmpty());
    }

    @Test
    void gloveCoversItsTexts() {
        final Corpus corpus =
                DataSpec.parse(file("multidomain-sentiment/dataset.json.gz")).load();
        final TokenisedCorpus tokenised = TokenisedCorpus.of(corpus, Tokeniser.WORDS);
        final WordVectors vectors =
                WordVectors.load(file("glove/glove.6B.100d.subset.txt.gz"), Vocabulary.wanted(tokenised));
        final Vocabulary vocabulary = Vocabulary.of(tokenised, vectors, UnknownWords.MEAN);
        assertTrue(
                vocabulary.coverage(tokenised, vectors).percent() > 97,
                vocabulary.coverage(tokenised, vectors).toString());
        assertEquals(corpus.size(), vocabulary.encode(tokenised, false).texts().length);
    }

    @Test
    void theReferenceSplitOfInferSentIsKept() {
        final Corpus corpus = DataSpec.parse(file("snli/infersent-layout")).load();
        final Split split = Split.of(corpus, Split.Fractions.DEFAULT, 1, false);
        assertEquals(
                List.of(6888, 1475, 1479),
                List.of(split.train().length, split.validation().length, split.test().length));
    }

    @Test
    void readsVectorsWithAHeader() {
        final WordVectors vectors = WordVectors.load(file("glove/glove.840B.300d.head200.txt.gz"), null);
        assertEquals(200, vectors.size());
        assertEquals(300, vectors.width());
    }

    @Test
    void equalTextsOfRealDataStayInOnePart() {
        final Corpus corpus =
                DataSpec.parse(file("multidomain-sentiment/dataset.json.gz")).load();
        final Split split = Split.of(corpus, Split.Fractions.DEFAULT, 1, true);
        final Map<String, Part> partOf = new HashMap<>();
        int repeated = 0;
        for (final Part part : Part.values()) {
            for (final int place : split.of(part)) {
                final Part before = partOf.put(corpus.examples().get(place).text(), part);
                assertTrue(
                        before == null || before == part,
                        corpus.examples().get(place).toString());
                repeated += before == null ? 0 : 1;
            }
        }
        assertTrue(repeated >= 40, "only " + repeated + " repeated texts: the test has nothing to show");
    }
}
