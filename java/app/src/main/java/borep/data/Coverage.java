package borep.data;

import java.util.List;
import java.util.Locale;

/**
 * How well a vocabulary covers a corpus, counted over running tokens.
 *
 * @param tokens  running tokens of all texts
 * @param known   with a vector of their own
 * @param aliased with the vector of a near word, such as an for a
 * @param numbers that share the row {@code <number>}
 * @param unknown the rest: on the row {@code <unk>}, or left out
 * @param frequentUnknown the most frequent unknown tokens, at most ten
 */
public record Coverage(
        long tokens, long known, long aliased, long numbers, long unknown, List<String> frequentUnknown) {
    /** Percentage of running tokens that are not unknown. */
    public double percent() {
        return tokens == 0 ? 0 : 100.0 * (tokens - unknown) / tokens;
    }

    /** One sentence for people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.1f %% of %,d tokens have a vector (%,d through an alias, %,d as numbers)%s",
                percent(),
                tokens,
                aliased,
                numbers,
                frequentUnknown.isEmpty() ? "" : "; frequent unknown: " + String.join(" ", frequentUnknown));
    }
}
