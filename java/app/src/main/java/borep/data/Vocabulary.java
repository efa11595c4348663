package borep.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The words that a run knows, numbered densely, and how a text becomes their numbers.
 *
 * <p>Row 0 is {@code <unk>}, row 1 {@code <number>} (the mean of the vectors of number words), then the words of the
 * corpus that have a vector, in the order of first appearance. A word without a vector takes, in this order: the vector
 * of its alias (a: an, i: me, n't: not and so on; only where the vectors lack the word itself), the row {@code
 * <number>} if it begins with a digit, what {@link UnknownWords} says. Nothing here is learnt; the same corpus and
 * vectors give the same numbers.
 */
public final class Vocabulary {
    static final String UNKNOWN = "<unk>";
    static final String NUMBER = "<number>";
    static final int FIRST_WORD = 2;
    private static final int MOST_SHOWN = 10;

    private final Tokeniser tokeniser;
    private final UnknownWords unknownWords;
    private final List<String> words;
    private final Map<String, Integer> ids = new HashMap<>();

    /** @param words the two special rows first */
    Vocabulary(final Tokeniser tokeniser, final UnknownWords unknownWords, final List<String> words) {
        this.tokeniser = tokeniser;
        this.unknownWords = unknownWords;
        this.words = List.copyOf(words);
        for (int id = FIRST_WORD; id < words.size(); id++) {
            ids.put(words.get(id), id);
        }
    }

    /**
     * The words whose vectors are worth reading for this corpus: its tokens, and the words that stand for missing ones.
     */
    public static Set<String> wanted(final TokenisedCorpus corpus) {
        final Set<String> wanted = StandIns.words();
        wanted.addAll(corpus.words());
        return wanted;
    }

    /**
     * The vocabulary of a corpus.
     *
     * @throws DataException if no token of the corpus has a vector
     */
    public static Vocabulary of(
            final TokenisedCorpus corpus, final WordVectors vectors, final UnknownWords unknownWords) {
        final List<String> words = new ArrayList<>(List.of(UNKNOWN, NUMBER));
        for (final String word : corpus.words()) {
            if (StandIns.rowOf(word, vectors) >= 0) {
                words.add(word);
            }
        }
        if (words.size() == FIRST_WORD) {
            throw new DataException(corpus.corpus().name() + ": vocabulary: none of its words has a vector in "
                    + vectors.name() + "; give vectors of the same language and case, or another tokeniser");
        }
        return new Vocabulary(corpus.tokeniser(), unknownWords, words);
    }

    /** Number of rows, the two special ones included. */
    public int size() {
        return words.size();
    }

    /** The words in the order of their numbers; the first two are the special rows. */
    public List<String> words() {
        return words;
    }

    /** How texts are cut. */
    public Tokeniser tokeniser() {
        return tokeniser;
    }

    /** What becomes of unknown words. */
    public UnknownWords unknownWords() {
        return unknownWords;
    }

    /**
     * The table that the ids index.
     *
     * @return [size, width] row-major
     * @throws DataException if a word has no vector: the vectors are others than the vocabulary was made with
     */
    public float[] table(final WordVectors vectors) {
        final int width = vectors.width();
        final float[] table = new float[words.size() * width];
        final double[] mean = new double[width];
        for (int id = FIRST_WORD; id < words.size(); id++) {
            final int row = StandIns.rowOf(words.get(id), vectors);
            if (row < 0) {
                throw new DataException("vocabulary word \"" + words.get(id) + "\": has no vector in " + vectors.name()
                        + "; give the vectors that the run was made with");
            }
            vectors.copy(row, table, id * width);
            for (int i = 0; i < width; i++) {
                mean[i] += table[id * width + i];
            }
        }
        for (int i = 0; i < width && unknownWords != UnknownWords.ZERO; i++) {
            table[i] = (float) (mean[i] / (words.size() - FIRST_WORD));
        }
        final float[] number = StandIns.number(vectors);
        System.arraycopy(number == null ? table : number, 0, table, width, width);
        return table;
    }

    /** The ids of a text; empty if it has no token (or, with {@link UnknownWords#DROP}, none that is known). */
    public int[] encode(final String text) {
        return tokeniser.tokens(text).stream()
                .mapToInt(this::id)
                .filter(id -> id != 0 || unknownWords != UnknownWords.DROP)
                .toArray();
    }

    private int id(final String token) {
        final Integer id = ids.get(token);
        return id != null ? id : Character.isDigit(token.codePointAt(0)) ? 1 : 0;
    }

    /**
     * The ids of all texts.
     *
     * @param skipEmpty whether an example without tokens is left out and counted
     * @throws DataException if a text has no token and {@code skipEmpty} is false; if none remains
     */
    public EncodedCorpus encode(final TokenisedCorpus tokenised, final boolean skipEmpty) {
        final Corpus corpus = tokenised.corpus();
        final int[] ids = tokenised.words().stream().mapToInt(this::id).toArray();
        final List<int[]> texts = new ArrayList<>();
        final List<int[]> pairs = new ArrayList<>();
        final int[] kept = new int[corpus.size()];
        for (int i = 0; i < corpus.size(); i++) {
            final int[] text = encode(tokenised.texts()[i], ids);
            final int[] pair =
                    tokenised.pairs() == null ? null : encode(tokenised.pairs()[i], ids);
            if (text.length > 0 && (pair == null || pair.length > 0)) {
                kept[texts.size()] = i;
                texts.add(text);
                pairs.add(pair);
            } else if (!skipEmpty) {
                throw new DataException(corpus.examples().get(i).origin() + ": text: has no "
                        + (unknownWords == UnknownWords.DROP ? "known " : "")
                        + "word; delete the example or add skipEmpty=true");
            }
        }
        if (texts.isEmpty()) {
            throw new DataException(
                    corpus.name() + ": examples: none has a known word; give vectors of the same language");
        }
        final int dropped = corpus.size() - texts.size();
        return new EncodedCorpus(
                dropped == 0 ? corpus : corpus.select(Arrays.copyOf(kept, texts.size())),
                texts.toArray(int[][]::new),
                tokenised.pairs() == null ? null : pairs.toArray(int[][]::new),
                dropped);
    }

    private int[] encode(final int[] text, final int[] ids) {
        final int[] encoded = new int[text.length];
        int length = 0;
        for (final int place : text) {
            if (ids[place] != 0 || unknownWords != UnknownWords.DROP) {
                encoded[length++] = ids[place];
            }
        }
        return length == encoded.length ? encoded : Arrays.copyOf(encoded, length);
    }

    /** How well this vocabulary covers a corpus. */
    public Coverage coverage(final TokenisedCorpus corpus, final WordVectors vectors) {
        final long[] counts = new long[4]; // by their own vector, through an alias, as numbers, unknown
        final int[] times = corpus.counts();
        final List<Integer> unknown = new ArrayList<>();
        for (int place = 0; place < times.length; place++) {
            final String word = corpus.words().get(place);
            final int id = id(word);
            final int kind = id == 0 ? 3 : id == 1 ? 2 : vectors.indexOf(word) >= 0 ? 0 : 1;
            counts[kind] += times[place];
            if (kind == 3) {
                unknown.add(place);
            }
        }
        final List<String> frequent = unknown.stream()
                .sorted(Comparator.comparing((Integer place) -> -times[place])
                        .thenComparing(place -> corpus.words().get(place)))
                .limit(MOST_SHOWN)
                .map(corpus.words()::get)
                .toList();
        return new Coverage(
                counts[0] + counts[1] + counts[2] + counts[3], counts[0], counts[1], counts[2], counts[3], frequent);
    }

    /**
     * Writes {@code vocabulary.txt} (one word a line, the line's place from 0 is the id) and {@code vocabulary.json} to
     * a folder.
     *
     * @throws DataException if they cannot be written
     */
    public void save(final Path folder) {
        VocabularyFiles.write(this, folder);
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws DataException if a file is missing or is not such a file
     */
    public static Vocabulary load(final Path folder) {
        return VocabularyFiles.read(folder);
    }
}
