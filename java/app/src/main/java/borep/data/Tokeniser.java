package borep.data;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a text becomes tokens; saved with every run as part of its configuration.
 *
 * @param kind      how the text is cut
 * @param lowerCase whether tokens are lower-cased (root locale)
 * @param maxTokens the most tokens kept of a text, from its beginning; at least 1
 */
public record Tokeniser(Kind kind, boolean lowerCase, int maxTokens) {
    /** The default: words, lower-cased, at most 64. */
    public static final Tokeniser WORDS = new Tokeniser(Kind.WORDS, true, 64);

    /** Ways to cut a text. */
    public enum Kind {
        /**
         * Words (letters with marks), numbers (digits with the points and commas between them), clitics cut off as in
         * the Penn Treebank (do|n't, it|'s, we|'ll), every other sign a token of its own, runs of one sign a single
         * token.
         */
        @JsonProperty("words")
        WORDS,
        /** At white space only, as the reference code does with text that is tokenised already. */
        @JsonProperty("whitespace")
        WHITESPACE
    }

    private static final Pattern TOKEN = Pattern.compile(
            "\\d+(?:[.,:/]\\d+)*(?![\\p{L}\\p{M}\\p{N}])" // 1,000.5 and 12:30, but 2nd is a word
                    + "|[\\p{L}\\p{M}\\p{N}]+?(?=n['\u2019]t(?![\\p{L}\\p{M}\\p{N}]))" // the do of don't
                    + "|(?i:n['\u2019]t)(?![\\p{L}\\p{M}\\p{N}])"
                    + "|['\u2019](?i:s|m|d|re|ve|ll)(?![\\p{L}\\p{M}\\p{N}])"
                    + "|[\\p{L}\\p{M}\\p{N}]+"
                    + "|([^\\s\\p{L}\\p{M}\\p{N}])\\1*",
            Pattern.UNICODE_CASE);
    private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    /** Checks the limit. */
    public Tokeniser {
        if (maxTokens < 1) {
            throw new DataException("maxTokens " + maxTokens + ": must be at least 1");
        }
    }

    /** The tokens of a text, possibly none. */
    public List<String> tokens(final String text) {
        final List<String> tokens = new ArrayList<>();
        if (kind == Kind.WHITESPACE) {
            for (final String token : SPACE.split(text)) {
                if (!token.isEmpty() && tokens.size() < maxTokens) {
                    tokens.add(cased(token));
                }
            }
            return tokens;
        }
        final Matcher matcher = TOKEN.matcher(text);
        while (tokens.size() < maxTokens && matcher.find()) {
            tokens.add(cased(
                    matcher.group(1) != null
                            ? matcher.group(1)
                            : matcher.group().replace('\u2019', '\'')));
        }
        return tokens;
    }

    private String cased(final String token) {
        return lowerCase ? token.toLowerCase(Locale.ROOT) : token;
    }
}
