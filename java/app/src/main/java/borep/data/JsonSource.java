package borep.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A JSON file as a stream of tokens, with the file and line in every error. */
final class JsonSource implements AutoCloseable {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonParser parser;
    private final String file;

    /** Reads from {@code reader}; {@code file} is its name in messages. */
    JsonSource(final Reader reader, final String file) {
        this.file = file;
        try {
            parser = FACTORY.createParser(reader);
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Moves on one token; null at the end. */
    JsonToken next() {
        try {
            return parser.nextToken();
        } catch (final JsonEOFException end) {
            throw truncated();
        } catch (final JsonProcessingException broken) {
            throw malformed(broken);
        } catch (final IOException failure) {
            throw TextReader.unreadable(file, line(), failure);
        }
    }

    /** The current token. */
    JsonToken token() {
        return parser.currentToken();
    }

    /** The line that the current token begins on. */
    long line() {
        return parser.currentTokenLocation().getLineNr();
    }

    /** The current token's text: a string's value, a field's name, a number as written. */
    String text() {
        try {
            return parser.getText();
        } catch (final JsonEOFException end) {
            throw truncated();
        } catch (final JsonProcessingException broken) {
            throw malformed(broken);
        } catch (final IOException failure) {
            throw TextReader.unreadable(file, line(), failure);
        }
    }

    /** The current token as a float. */
    float number() {
        try {
            return parser.getFloatValue();
        } catch (final IOException failure) {
            throw error("value " + text() + ": must be a number; correct it");
        }
    }

    /** Moves on and insists on this token; {@code what} says what is expected in the user's words. */
    void expect(final JsonToken token, final String what) {
        if (next() != token) {
            throw error(describe() + ": must be " + what + "; correct it or name another format with format=");
        }
    }

    /**
     * The object that the parser stands at the beginning of: its scalar fields as text, others skipped; ends on its
     * last brace.
     */
    Map<String, String> scalars() {
        final Map<String, String> fields = new LinkedHashMap<>();
        while (next() != JsonToken.END_OBJECT) {
            final String name = text();
            final JsonToken value = next();
            if (value.isStructStart()) {
                skip();
            } else if (value != JsonToken.VALUE_NULL) {
                fields.put(name, text());
            }
        }
        return fields;
    }

    /** Skips the array or object that the parser stands at the beginning of. */
    void skip() {
        int depth = 1;
        while (depth > 0) {
            final JsonToken token = next();
            if (token == null) {
                throw truncated();
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
    }

    /** What stands here, in words, for messages. */
    String describe() {
        final JsonToken token = token();
        if (token == null) {
            return "end of file";
        }
        return switch (token) {
            case START_OBJECT, END_OBJECT -> "object";
            case START_ARRAY, END_ARRAY -> "list";
            case VALUE_STRING -> "string \"" + shortened(text()) + "\"";
            case FIELD_NAME -> "field \"" + shortened(text()) + "\"";
            default -> "value " + text();
        };
    }

    /** A mistake at the current token. */
    DataException error(final String message) {
        return DataException.at(file, line(), message);
    }

    private DataException malformed(final JsonProcessingException broken) {
        final JsonLocation place = broken.getLocation() == null
                ? parser.currentLocation()
                : broken.getLocation(); // none: nested too deeply
        return DataException.at(
                file, place.getLineNr(), "JSON: " + firstLine(broken.getOriginalMessage()) + "; correct the line");
    }

    private DataException truncated() {
        return DataException.at(
                file,
                parser.currentLocation().getLineNr(),
                "JSON: ends too early; the file is truncated, copy it again");
    }

    private static String shortened(final String text) {
        return text.length() <= 30 ? text : text.substring(0, 27) + "...";
    }

    private static String firstLine(final String text) {
        return text.lines().findFirst().orElse("is malformed");
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
