package borep.report;

import borep.data.DataException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the JSON files of a run directory; every mistake in them becomes one sentence with file and line. */
final class RunFiles {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // a diverging run writes NaN, and that is worth seeing
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Takes one object of a {@code .jsonl} file. */
    interface RowReader {
        /**
         * @param line   counted from 1
         * @param values the object of that line
         */
        void read(int line, ObjectNode values);
    }

    private RunFiles() {}

    /** The one object that {@code file} holds. */
    static ObjectNode object(final Path file) {
        try {
            if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException broken) {
            final long line =
                    broken.getLocation() == null ? 1 : broken.getLocation().getLineNr();
            throw mistake(file, line, "is not valid JSON: " + firstLine(broken));
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
        throw mistake(file, 1, "must be one JSON object");
    }

    /**
     * Hands the objects of a {@code .jsonl} file over, in order. A last line without a line end that is no whole object
     * was cut off when its run was killed (or is being written right now) and is left out; empty lines are skipped.
     */
    static void rows(final Path file, final RowReader reader) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
            int line = 1;
            int next;
            do {
                next = in.read();
                if (next >= 0 && next != '\n') {
                    bytes.write(next);
                    continue;
                }
                final ObjectNode row = row(file, line++, bytes.toByteArray(), next < 0);
                if (row != null) {
                    reader.read(line - 1, row);
                }
                bytes.reset();
            } while (next >= 0);
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    /** The object in {@code bytes}, or null for an empty line and for an incomplete last one. */
    private static ObjectNode row(final Path file, final int line, final byte[] bytes, final boolean unended)
            throws IOException {
        if (new String(bytes, StandardCharsets.UTF_8).isBlank()) {
            return null;
        }
        String problem = "must be one JSON object";
        try {
            if (JSON.readTree(bytes) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException broken) {
            problem = "is not a whole JSON object: " + firstLine(broken);
        }
        if (unended) {
            return null;
        }
        throw mistake(file, line, problem + "; repair or delete this line");
    }

    /**
     * The number in {@code node}; not-a-number and infinities may be written bare, as text or as null.
     *
     * @param line counted from 1; 0 if only the file is known
     */
    static double number(final JsonNode node, final Path file, final int line, final String key) {
        if (node.isNumber()) {
            return node.doubleValue();
        }
        if (node.isNull()) {
            return Double.NaN;
        }
        return switch (node.asText()) {
            case "NaN" -> Double.NaN;
            case "Infinity", "+Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> {
                final String rule = key + " " + node + ": must be a number";
                throw line == 0 ? mistake(file, rule) : mistake(file, line, rule);
            }
        };
    }

    /** The exception for a mistake in {@code file} as a whole. */
    static DataException mistake(final Path file, final String rule) {
        return new DataException(file + ": " + rule);
    }

    /** The exception for a mistake in one line of {@code file}. */
    static DataException mistake(final Path file, final long line, final String rule) {
        return new DataException(file + ":" + line + ": " + rule);
    }

    private static DataException unreadable(final Path file, final IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return mistake(
                    file,
                    "does not exist; give a directory that 'borep run' wrote (it holds config.json and trace.jsonl)");
        }
        if (cause instanceof AccessDeniedException) {
            return mistake(file, "may not be read; check its permissions");
        }
        return mistake(file, "cannot be read: " + cause.getMessage());
    }

    private static String firstLine(final JsonProcessingException broken) {
        return broken.getOriginalMessage().lines().findFirst().orElse("unknown reason");
    }
}
