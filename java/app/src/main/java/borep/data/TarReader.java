package borep.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The files of a tar archive (ustar, with the long names of pax and GNU), one after the other: what packages of the npm
 * registry are, once unzipped.
 */
final class TarReader implements AutoCloseable {
    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE = 12;
    private static final int TYPE_AT = 156;
    private static final int MAGIC_AT = 257;
    private static final int PREFIX_AT = 345;
    private static final int PREFIX = 155;

    private final InputStream in;
    private final String file;
    private long left;
    private long padding;

    /** Opens a plain or gzip archive. */
    TarReader(final Path path) {
        in = TextReader.openBytes(path);
        file = path.toString();
    }

    /** Moves to the next ordinary file and gives its name; null after the last. */
    String next() {
        try {
            String longName = null;
            while (true) {
                in.skipNBytes(left + padding);
                left = 0;
                padding = 0;
                final byte[] header = in.readNBytes(BLOCK);
                if (header.length < BLOCK || isZero(header)) {
                    return null;
                }
                if (!text(header, MAGIC_AT, 5).equals("ustar")) {
                    throw new DataException(file + ": archive: is not a tar file; fetch it again");
                }
                left = Long.parseLong("0" + text(header, SIZE_AT, SIZE).strip(), 8);
                padding = (BLOCK - left % BLOCK) % BLOCK;
                switch (header[TYPE_AT]) {
                    case 'x' -> longName = paxName(content(), longName);
                    case 'L' -> longName = text(content(), 0, Integer.MAX_VALUE);
                    case '0', 0 -> {
                        final String prefix = text(header, PREFIX_AT, PREFIX);
                        final String name = text(header, 0, NAME);
                        return longName != null ? longName : prefix.isEmpty() ? name : prefix + "/" + name;
                    }
                    default -> longName = null;
                }
            }
        } catch (final EOFException end) {
            throw TextReader.truncated(file, 1, end);
        } catch (final IOException failure) {
            throw TextReader.unreadable(file, 1, failure);
        }
    }

    /** The content of the file that {@link #next} moved to, to be read before the next call. */
    InputStream stream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                final byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(final byte[] target, final int offset, final int length) throws IOException {
                if (left == 0) {
                    return -1;
                }
                final int count = in.read(target, offset, (int) Math.min(left, length));
                if (count < 0) {
                    throw new EOFException("tar entry ends too early");
                }
                left -= count;
                return count;
            }
        };
    }

    private byte[] content() throws IOException {
        final byte[] bytes = in.readNBytes((int) left);
        left = 0;
        return bytes;
    }

    /** The path record "LENGTH path=VALUE\n" of a pax header. */
    private static String paxName(final byte[] content, final String otherwise) {
        for (final String line : new String(content, StandardCharsets.UTF_8).split("\n")) {
            final int start = line.indexOf(" path=");
            if (start > 0) {
                return line.substring(start + " path=".length());
            }
        }
        return otherwise;
    }

    private static String text(final byte[] bytes, final int at, final int most) {
        int end = at;
        while (end < bytes.length && end - at < most && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, at, end - at, StandardCharsets.UTF_8);
    }

    private static boolean isZero(final byte[] block) {
        for (final byte value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (final IOException failure) {
            throw TextReader.unreadable(file, 1, failure);
        }
    }
}
