package borep.data;

import java.util.Map;

/**
 * Which named column or field holds what.
 *
 * @param text   the text
 * @param pair   the second text; null for single texts
 * @param label  the class
 * @param domain the domain; null if there is none
 * @param split  train, validation or test; null if the data are not split
 * @param mustHaveDomain whether a row without the domain is a mistake: the user named the column
 */
record Columns(String text, String pair, String label, String domain, String split, boolean mustHaveDomain) {
    /** The columns that the options name; text, label and domain if they say nothing. */
    static Columns of(final Options options) {
        return new Columns(
                options.get("text", "text"),
                options.get("pair"),
                options.get("label", "label"),
                options.get("domain", "domain"),
                options.get("split"),
                options.get("domain") != null);
    }

    /** Adds the row that begins at this line. */
    void add(final String file, final long line, final Map<String, String> row, final CorpusBuilder corpus) {
        corpus.add(
                file,
                line,
                new Example(
                        value(file, line, row, "text", text),
                        pair == null ? null : value(file, line, row, "pair", pair),
                        value(file, line, row, "label", label),
                        mustHaveDomain ? value(file, line, row, "domain", domain) : row.get(domain),
                        null),
                split == null ? null : part(file, line, value(file, line, row, "split", split)));
    }

    private static Part part(final String file, final long line, final String value) {
        final Part part = Part.named(value);
        if (part == null) {
            throw DataException.at(
                    file,
                    line,
                    "split \"" + value + "\": must be train, validation or test; correct it or leave out split=");
        }
        return part;
    }

    private static String value(
            final String file, final long line, final Map<String, String> row, final String role, final String column) {
        final String value = row.get(column);
        if (value == null) {
            throw DataException.at(file, line, missing(role, column, row.keySet()));
        }
        return value;
    }

    /** The sentence for a column that is not there. */
    static String missing(final String role, final String column, final Iterable<String> present) {
        return role + " column \"" + column + "\": is missing; the columns are " + String.join(", ", present)
                + ", choose one with " + role + "=";
    }
}
