package borep.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/** Groups of examples with the same text up to case and white space, which a {@link Split} keeps together. */
final class EqualTexts {
    private EqualTexts() {}

    /**
     * The groups of the wanted places, by label (and domain) of their first member.
     *
     * @return [stratum][group] ascending places
     */
    static List<List<List<Integer>>> strata(final Corpus corpus, final IntPredicate wanted, final boolean byDomain) {
        final Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < corpus.size(); i++) {
            if (wanted.test(i)) {
                groups.computeIfAbsent(key(corpus.examples().get(i)), any -> new ArrayList<>())
                        .add(i);
            }
        }
        final Map<String, List<List<Integer>>> strata = new TreeMap<>();
        for (final List<Integer> group : groups.values()) {
            final Example first = corpus.examples().get(group.get(0));
            final String stratum = first.label() + (byDomain ? "\n" + first.domain() : "");
            strata.computeIfAbsent(stratum, any -> new ArrayList<>()).add(group);
        }
        return new ArrayList<>(strata.values());
    }

    private static String key(final Example example) {
        final String text = example.pair() == null ? example.text() : example.text() + "\0" + example.pair();
        return withSingleSpaces(text.toLowerCase(Locale.ROOT)).strip();
    }

    /** As {@code replaceAll("\\s+", " ")}, which is slow for a run's first texts: every one passes here. */
    private static String withSingleSpaces(final String text) {
        final StringBuilder single = new StringBuilder(text.length());
        boolean inSpace = false;
        for (int i = 0; i < text.length(); i++) {
            final char sign = text.charAt(i);
            final boolean isSpace = sign == ' ' || sign >= '\t' && sign <= '\r';
            if (!isSpace) {
                single.append(sign);
            } else if (!inSpace) {
                single.append(' ');
            }
            inSpace = isSpace;
        }
        return single.toString();
    }
}
