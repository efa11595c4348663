package borep.data;

import java.nio.charset.Charset;
import java.util.Map;

/** The {@code key=value} options of a {@link DataSpec}, all known to be allowed. */
record Options(Map<String, String> values) {
    /** The option's value; null if it was not given. */
    String get(final String name) {
        return values.get(name);
    }

    /** The option's value, or this one if it was not given. */
    String get(final String name, final String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** A true or false option; false if it was not given. */
    boolean flag(final String name) {
        final String value = get(name, "false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new DataException("option " + name + "=" + value + ": must be true or false");
        };
    }

    /** A whole number, at least 0. */
    int count(final String name, final int otherwise) {
        final String value = get(name, Integer.toString(otherwise));
        if (!value.matches("\\d{1,9}")) {
            throw new DataException("option " + name + "=" + value + ": must be a whole number, 0 or more");
        }
        return Integer.parseInt(value);
    }

    /** The encoding of the text files, UTF-8 unless the option {@code encoding} says otherwise. */
    Charset encoding() {
        final String value = get("encoding", "UTF-8");
        try {
            return Charset.forName(value);
        } catch (final IllegalArgumentException unknown) {
            throw new DataException(
                    "option encoding=" + value + ": is unknown; known are utf-8, iso-8859-1, windows-1252, utf-16",
                    unknown);
        }
    }

    /** The delimiter of a table: one character, or the word tab. */
    char delimiter(final char otherwise) {
        final String value = get("delimiter", String.valueOf(otherwise));
        if (value.equals("tab")) {
            return '\t';
        }
        if (value.length() != 1) {
            throw new DataException("option delimiter=" + value + ": must be one character, or the word tab");
        }
        return value.charAt(0);
    }
}
