package borep.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Path;

/** A text file line by line, with line numbers from 1. */
final class Lines implements AutoCloseable {
    private final BufferedReader reader;
    private final String file;
    private long number;

    /** Opens a plain or gzip file. */
    Lines(final Path path, final Charset charset) {
        file = path.toString();
        reader = new BufferedReader(TextReader.open(path, charset));
    }

    /** The next line without its end; null after the last. */
    String next() {
        try {
            final String line = reader.readLine();
            number++;
            return line;
        } catch (final IOException failure) {
            throw TextReader.unreadable(file, number + 1, failure);
        }
    }

    /** The number of the line that {@link #next} gave last. */
    long number() {
        return number;
    }

    /** The file's name as the user gave it. */
    String file() {
        return file;
    }

    /** A mistake in the current line. */
    DataException error(final String message) {
        return DataException.at(file, number, message);
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
