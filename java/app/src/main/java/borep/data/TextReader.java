package borep.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A strict decoder that knows its line: bytes that are not text and compressed data that end early become a
 * {@link DataException} naming file and line, where {@code java.io.InputStreamReader} would replace the bytes or forget
 * the line. Files that begin with gzip's two magic bytes are unpacked, whatever their name. A byte order mark is
 * dropped.
 */
final class TextReader extends Reader {
    private static final int BUFFER = 1 << 16;
    private static final int GZIP_MAGIC = 0x1f8b;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final InputStream in;
    private final String file;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER).limit(0);
    private boolean ended;
    private boolean started;
    private long line = 1;
    private char lastVisible;

    /** Reads text from a stream that is already unpacked; {@code file} is its name in messages. */
    TextReader(final InputStream in, final String file, final Charset charset) {
        this.in = in;
        this.file = file;
        this.decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /** Opens a plain or gzip file. */
    static TextReader open(final Path path, final Charset charset) {
        return new TextReader(openBytes(path), path.toString(), charset);
    }

    /** Opens a plain or gzip file in UTF-8. */
    static TextReader open(final Path path) {
        return open(path, StandardCharsets.UTF_8);
    }

    /** Opens a plain or gzip file as bytes. */
    static InputStream openBytes(final Path path) {
        if (Files.isDirectory(path)) {
            throw new DataException(path + ": is a folder; give a file");
        }
        if (!Files.exists(path)) {
            throw new DataException(path + ": no such file; check the path");
        }
        try {
            final BufferedInputStream raw = new BufferedInputStream(Files.newInputStream(path), BUFFER);
            raw.mark(2);
            final int magic = raw.read() << 8 | raw.read();
            raw.reset();
            return magic == GZIP_MAGIC ? new GZIPInputStream(raw, BUFFER) : raw;
        } catch (final EOFException end) {
            throw truncated(path.toString(), 1, end);
        } catch (final IOException failure) {
            throw unreadable(path.toString(), 1, failure);
        }
    }

    /** The line that the next character is on, from 1. */
    long line() {
        return line;
    }

    /** The last character read that does not end a line; 0 before the first. */
    char lastVisible() {
        return lastVisible;
    }

    @Override
    public int read(final char[] target, final int offset, final int length) {
        if (length == 0) {
            return 0;
        }
        final CharBuffer chars = CharBuffer.wrap(target, offset, length);
        while (true) {
            final CoderResult result = decoder.decode(bytes, chars, ended);
            int count = chars.position() - offset;
            if (count > 0 && !started) {
                started = true;
                if (target[offset] == BYTE_ORDER_MARK) {
                    count--;
                    System.arraycopy(target, offset + 1, target, offset, count);
                    chars.position(offset + count);
                }
            }
            if (count > 0) {
                for (int i = offset; i < offset + count; i++) {
                    line += target[i] == '\n' ? 1 : 0;
                    lastVisible = target[i] == '\n' || target[i] == '\r' ? lastVisible : target[i];
                }
                return count;
            }
            if (result.isError()) {
                throw DataException.at(
                        file,
                        line,
                        "text: bytes " + hex(result.length()) + "are not " + decoder.charset()
                                + "; convert the file to UTF-8 or name its encoding, such as encoding=windows-1252");
            }
            if (ended) {
                return -1;
            }
            fill();
        }
    }

    private void fill() {
        bytes.compact();
        try {
            final int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
            if (count < 0) {
                ended = true;
            } else {
                bytes.position(bytes.position() + count);
            }
        } catch (final EOFException end) {
            throw truncated(file, line, end);
        } catch (final IOException failure) {
            throw unreadable(file, line, failure);
        }
        bytes.flip();
    }

    private String hex(final int length) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(String.format("%02x ", bytes.get(bytes.position() + i)));
        }
        return text.toString();
    }

    static DataException truncated(final String file, final long line, final IOException cause) {
        return new DataException(
                file + ":" + line + ": compressed data: end too early; the file is truncated, copy it again", cause);
    }

    static DataException unreadable(final String file, final long line, final IOException cause) {
        return new DataException(
                cause instanceof ZipException
                        ? file + ":" + line + ": compressed data: are damaged (" + cause.getMessage()
                                + "); copy the file again"
                        : file + ":" + line + ": cannot be read: " + DataException.reason(cause)
                                + "; check the file and its rights",
                cause);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (final IOException failure) {
            throw unreadable(file, line, failure);
        }
    }
}
