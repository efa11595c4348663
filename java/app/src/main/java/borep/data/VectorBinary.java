package borep.data;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The project's compact form of word vectors, big-endian:
 *
 * <pre>
 * "BOREPVEC"  8 bytes, int version = 1, int bits (8 or 16), int words n, int width d
 * n words     unsigned short length, then modified UTF-8 (DataOutput.writeUTF)
 * n rows      float scale, then d signed whole numbers of the given bits; value = scale * number
 * </pre>
 *
 * <p>The scale is the row's largest magnitude over 127 or 32767, so the error of an element is at most half a scale:
 * 0.4 % or 0.0016 % of the row's largest magnitude.
 */
final class VectorBinary {
    static final int MAGIC_BYTES = 8;
    private static final byte[] MAGIC = {'B', 'O', 'R', 'E', 'P', 'V', 'E', 'C'};
    private static final int VERSION = 1;
    private static final int WIDEST = 1 << 24;

    private VectorBinary() {}

    /** Whether a file with this head is in this form. */
    static boolean begins(final byte[] head) {
        return Arrays.equals(head, MAGIC);
    }

    /** The largest whole number at this many bits. */
    static int largest(final int bits) {
        if (bits != 8 && bits != 16) {
            throw new IllegalArgumentException("bits " + bits + ": must be 8 or 16");
        }
        return (1 << bits - 1) - 1;
    }

    /** Writes all words of {@code vectors}, in order. */
    static void write(final WordVectors vectors, final int bits, final DataOutputStream out) throws IOException {
        final int largest = largest(bits);
        out.write(MAGIC);
        out.writeInt(VERSION);
        out.writeInt(bits);
        out.writeInt(vectors.size());
        out.writeInt(vectors.width());
        for (final String word : vectors.words()) {
            out.writeUTF(word);
        }
        final float[] row = new float[vectors.width()];
        for (int i = 0; i < vectors.size(); i++) {
            vectors.copy(i, row, 0);
            float peak = 0;
            for (final float value : row) {
                peak = Math.max(peak, Math.abs(value));
            }
            final float scale = peak / largest;
            out.writeFloat(scale);
            for (final float value : row) {
                final int number = scale == 0 ? 0 : Math.clamp(Math.round((double) value / scale), -largest, largest);
                if (bits == 8) {
                    out.writeByte(number);
                } else {
                    out.writeShort(number);
                }
            }
        }
    }

    /** Reads the wanted words; null reads all. */
    static WordVectors read(final DataInputStream in, final String file, final Set<String> wanted) throws IOException {
        try {
            in.skipNBytes(MAGIC_BYTES);
            final int version = in.readInt();
            final int bits = in.readInt();
            final int count = in.readInt();
            final int width = in.readInt();
            if (version != VERSION || bits != 8 && bits != 16 || count < 1 || width < 1 || width > WIDEST) {
                throw new DataException(
                        file + ": vectors: version " + version + ", " + bits + " bits, " + count + " words of width "
                                + width + " is not a form that this program reads; fetch or build the file again");
            }
            final List<String> words = new ArrayList<>(); // grows: a damaged count must not ask for all memory
            for (int i = 0; i < count; i++) {
                words.add(in.readUTF());
            }
            final FloatRows rows = new FloatRows(width);
            final byte[] bytes = new byte[width * bits / 8];
            for (int i = 0; i < count; i++) {
                final float scale = in.readFloat();
                in.readFully(bytes);
                if (!Float.isFinite(scale)) {
                    throw new DataException(file + ": word \"" + words.get(i) + "\": scale " + scale
                            + ": must be finite; fetch or build the file again");
                }
                if (wanted == null || wanted.contains(words.get(i))) {
                    final int offset = rows.add(words.get(i));
                    for (int j = 0; j < width; j++) {
                        final int number = bits == 8 ? bytes[j] : bytes[2 * j] << 8 | bytes[2 * j + 1] & 0xff;
                        rows.values()[offset + j] = scale * number;
                    }
                }
            }
            return rows.vectors(file);
        } catch (final EOFException end) {
            throw new DataException(
                    file + ": vectors: end too early; the file is truncated, fetch or build it again", end);
        }
    }
}
