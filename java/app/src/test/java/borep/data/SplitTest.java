package borep.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
    private static final Split.Fractions FRACTIONS = new Split.Fractions(0.6, 0.15, 0.25);
    private static final Folder NOWHERE = new Folder(Path.of("nowhere"));

    private static Corpus corpus(final Random random, final int size, final int labels, final int domains) {
        final List<Example> examples = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            examples.add(new Example(
                    random.nextInt(20) == 0 ? "Again " + random.nextInt(3) : "text " + i,
                    null,
                    "l" + (i < labels ? i : random.nextInt(labels)),
                    "d" + random.nextInt(domains),
                    "f:" + i));
        }
        return new Corpus(
                "f", examples, IntStream.range(0, labels).mapToObj(i -> "l" + i).toList(), List.of(), List.of());
    }

    private static Map<String, Long> counts(final Corpus corpus, final int[] places, final boolean byDomain) {
        final Map<String, Long> counts = new HashMap<>();
        for (final int place : places) {
            final Example example = corpus.examples().get(place);
            counts.merge(example.label() + (byDomain ? example.domain() : ""), 1L, Long::sum);
        }
        return counts;
    }

    @Test
    void partsAreDisjointStratifiedAndKeepEqualTextsTogether() {
        final long seed = Long.getLong("borep.seed", 11);
        final Random random = new Random(seed);
        for (int trial = 0; trial < 50; trial++) {
            final String replay = "seed " + seed + ", trial " + trial;
            final Corpus corpus =
                    corpus(random, 200 + random.nextInt(300), 2 + random.nextInt(3), 1 + random.nextInt(3));
            final boolean byDomain = random.nextBoolean();
            final Split split = Split.of(corpus, FRACTIONS, trial, byDomain);
            final int[] all = IntStream.concat(
                            IntStream.of(split.train()),
                            IntStream.concat(IntStream.of(split.validation()), IntStream.of(split.test())))
                    .sorted()
                    .toArray();
            assertArrayEquals(IntStream.range(0, corpus.size()).toArray(), all, replay);
            final Map<String, Long> whole = counts(corpus, all, byDomain);
            for (final Part part : Part.values()) {
                final double fraction = part == Part.TRAIN ? 0.6 : part == Part.VALIDATION ? 0.15 : 0.25;
                final Map<String, Long> some = counts(corpus, split.of(part), byDomain);
                whole.forEach((stratum, count) ->
                        // equal texts may be a group of 10 or so that is not torn
                        assertEquals(
                                fraction * count, some.getOrDefault(stratum, 0L), 16, replay + " " + stratum + part));
            }
            final Map<String, Part> partOf = new HashMap<>();
            for (final Part part : Part.values()) {
                for (final int place : split.of(part)) {
                    final Part before = partOf.put(corpus.examples().get(place).text(), part);
                    assertTrue(
                            before == null || before == part,
                            replay + ": " + corpus.examples().get(place).text());
                }
            }
        }
    }

    @Test
    void withoutEqualTextsTheCountsAreExactToOne() {
        final List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            examples.add(new Example("text " + i, null, i % 10 < 3 ? "a" : "b", null, "f:" + i));
        }
        final Corpus corpus = new Corpus("f", examples, List.of("a", "b"), List.of(), List.of());
        final Split split = Split.of(corpus, Split.Fractions.DEFAULT, 5, false);
        assertEquals(Map.of("a", 210L, "b", 490L), counts(corpus, split.train(), false));
        assertEquals(Map.of("a", 30L, "b", 70L), counts(corpus, split.validation(), false));
        assertEquals(Map.of("a", 60L, "b", 140L), counts(corpus, split.test(), false));
    }

    @Test
    void theSeedDecides() {
        final Corpus corpus = corpus(new Random(1), 300, 2, 1);
        assertArrayEquals(
                Split.of(corpus, FRACTIONS, 1, false).train(),
                Split.of(corpus, FRACTIONS, 1, false).train());
        assertFalse(Arrays.equals(
                Split.of(corpus, FRACTIONS, 1, false).train(),
                Split.of(corpus, FRACTIONS, 2, false).train()));
    }

    @Test
    void aGivenSplitIsKeptAndCompleted() {
        final Corpus plain = corpus(new Random(2), 400, 2, 1);
        final List<Part> parts = IntStream.range(0, 400)
                .mapToObj(i -> i % 4 == 0 ? Part.TEST : Part.TRAIN)
                .toList();
        final Corpus corpus = new Corpus("f", plain.examples(), plain.labels(), parts, List.of());
        final Split split = Split.of(corpus, FRACTIONS, 3, false);
        assertArrayEquals(IntStream.range(0, 400).filter(i -> i % 4 == 0).toArray(), split.test());
        assertEquals(300 * 0.15 / 0.75, split.validation().length, 10);
    }

    @Test
    void domainsMayBeKeptApart() {
        final Corpus corpus = corpus(new Random(4), 600, 2, 10);
        final List<String> chosen = corpus.domainsWith(3);
        final Split split = Split.ofDomains(corpus, chosen, FRACTIONS, 9);
        final Set<String> seen = new HashSet<>();
        int domains = 0;
        for (final Part part : Part.values()) {
            final Set<String> own = new HashSet<>();
            for (final int place : split.of(part)) {
                own.add(corpus.examples().get(place).domain());
            }
            assertFalse(own.isEmpty());
            domains += own.size();
            seen.addAll(own);
        }
        assertEquals(chosen.size(), domains);
        assertEquals(Set.copyOf(chosen), seen);
        NOWHERE.mistake(
                "f: domains: there are 2, train, validation and test need at least one each; give data with 3 domains"
                        + " or more",
                () -> Split.ofDomains(corpus, chosen.subList(0, 2), FRACTIONS, 9));
        NOWHERE.mistake(
                "f: domains: none of the 10 has 500 examples of every class; name the column that tells the domain, "
                        + "or ask for fewer examples per class",
                () -> corpus.domainsWith(500));
    }

    @Test
    void smallClassesAndOddFractionsAreRefused() {
        final List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            examples.add(new Example("text " + i, null, i < 2 ? "rare" : "common", null, "f:" + i));
        }
        final Corpus corpus = new Corpus("f", examples, List.of("common", "rare"), List.of(), List.of());
        NOWHERE.mistake(
                "f: label \"rare\": has 2 examples, too few for the split: the test part (20 %) got none; "
                        + "give the class more examples or leave it out",
                () -> Split.of(corpus, Split.Fractions.DEFAULT, 1, false));
        NOWHERE.mistake(
                "split 0.5/0.5/0.5: must be three positive numbers that add up to 1; for example 0.7/0.1/0.2",
                () -> new Split.Fractions(0.5, 0.5, 0.5));
    }
}
