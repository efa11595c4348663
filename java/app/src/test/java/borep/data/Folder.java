package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.function.Executable;

/** A test's folder: small files made in it, and messages with its name shortened to DIR. */
record Folder(Path path) {
    Path of(final String name) {
        return path.resolve(name);
    }

    Path write(final String name, final String... lines) {
        return write(name, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    Path write(final String name, final byte[] bytes) {
        try {
            Files.createDirectories(of(name).getParent());
            return Files.write(of(name), bytes);
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Path gzip(final String name, final String... lines) {
        return write(name, zipped(lines));
    }

    /** A gzip file that ends after this share of its bytes. */
    Path truncated(final String name, final double share, final String... lines) {
        final byte[] whole = zipped(lines);
        return write(name, Arrays.copyOf(whole, (int) (whole.length * share)));
    }

    private static byte[] zipped(final String... lines) {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }

    Corpus load(final String spec) {
        return DataSpec.parse(path + "/" + spec).load();
    }

    Samples samples(final String spec) {
        return DataSpec.parse(path + "/" + spec).loadSamples();
    }

    /** The action must end in a {@link DataException} with exactly this sentence. */
    void mistake(final String sentence, final Executable action) {
        final DataException mistake = assertThrows(DataException.class, action);
        assertEquals(sentence, mistake.getMessage().replace(path.toString(), "DIR"));
    }

    /** Reading this as samples must end in exactly this sentence. */
    void refusesSamples(final String spec, final String sentence) {
        mistake(sentence, () -> samples(spec));
    }

    /** Reading this must end in exactly this sentence. */
    void refuses(final String spec, final String sentence) {
        mistake(sentence, () -> load(spec));
    }
}
