package borep.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The data that come with the program, so that it runs without a network: their sources, licences and how they were
 * made are in {@code SOURCES.md} beside them; {@link EmbeddedBuild} makes them.
 */
public final class BuiltIn {
    /** The name of the embedded word vectors, for {@code --embeddings}. */
    public static final String VECTORS = "embedded";

    private static final Map<String, String> SETS = new LinkedHashMap<>();

    static {
        SETS.put(
                EmbeddedBuild.GLOSSES,
                "8,000 dictionary definitions of nouns, 8 classes: what kind of thing is defined");
        SETS.put(
                EmbeddedBuild.VERBS,
                "dictionary definitions of verbs in 12 domains, 2 classes: whether the verb takes an object");
    }

    private BuiltIn() {}

    /** Names of the labelled sets. */
    public static List<String> names() {
        return List.copyOf(SETS.keySet());
    }

    /** One line about a set. */
    public static String summary(final String name) {
        return SETS.get(name);
    }

    static boolean isKnown(final String name) {
        return SETS.containsKey(name);
    }

    /** Reads a set. */
    static Corpus corpus(final String name) {
        final CorpusBuilder corpus = new CorpusBuilder(name, List.of(), false);
        final String file = name + ".tsv";
        try (TextReader text = new TextReader(open(file), file, StandardCharsets.UTF_8)) {
            Table.readRows(text, file, Columns.of(new Options(Map.of())), '\t', null, corpus);
            return corpus.build();
        }
    }

    /** Reads the wanted vectors; null reads all. */
    static WordVectors vectors(final Set<String> wanted) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(open("words.vectors")))) {
            return VectorBinary.read(in, VECTORS, wanted);
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static InputStream open(final String resource) {
        final InputStream in = BuiltIn.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException(
                    "resource " + resource + " is missing from the program: it was not built whole");
        }
        return in;
    }
}
