package borep.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One text a line, one file a class, the class in the file's suffix: {@code rt-polarity.pos}, {@code rt-polarity.neg}.
 * The path is the folder, the stem ({@code rt-polarity}) or one of the files. Several stems in a folder are domains.
 */
final class LineFiles implements Format {
    private static final List<String> NOT_LABELS =
            List.of("txt", "md", "html", "pdf", "json", "jsonl", "csv", "tsv", "zip", "tgz");

    @Override
    public String name() {
        return "lines";
    }

    @Override
    public String summary() {
        return "one text a line, one file a class: folder or stem of NAME.LABEL files such as reviews.pos, reviews.neg";
    }

    @Override
    public List<String> options() {
        return List.of();
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        return !stems(glimpse.path()).isEmpty();
    }

    @Override
    public void read(final Path path, final Options options, final CorpusBuilder corpus) {
        final Map<String, Map<String, Path>> stems = stems(path);
        if (stems.isEmpty()) {
            throw new DataException(
                    path + ": files NAME.LABEL: there are none; give a folder or stem with one file a class");
        }
        stems.forEach((stem, files) -> files.forEach((label, file) -> {
            final String domain = stems.size() > 1 ? stem : null;
            try (Lines lines = new Lines(file, options.encoding())) {
                for (String text = lines.next(); text != null; text = lines.next()) {
                    corpus.add(lines.file(), lines.number(), new Example(text, null, label, domain, null), null);
                }
            }
        }));
    }

    /**
     * By stem: the file of each label; only stems with at least two labels, and only the one that a path to no folder
     * means.
     */
    private static Map<String, Map<String, Path>> stems(final Path path) {
        final boolean isFolder = Files.isDirectory(path);
        final Path folder = isFolder ? path : path.toAbsolutePath().getParent();
        final Map<String, Map<String, Path>> stems = new TreeMap<>();
        if (folder == null || !Files.isDirectory(folder)) {
            return stems;
        }
        for (final Path file : Glimpse.list(folder)) {
            final String name = withoutGz(file.getFileName().toString());
            final int dot = name.lastIndexOf('.');
            if (dot > 0
                    && !Files.isDirectory(file)
                    && !NOT_LABELS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT))) {
                stems.computeIfAbsent(name.substring(0, dot), any -> new TreeMap<>())
                        .put(name.substring(dot + 1), isFolder ? file : path.resolveSibling(file.getFileName()));
            }
        }
        stems.values().removeIf(files -> files.size() < 2);
        if (!isFolder) {
            final String wanted = withoutGz(path.getFileName().toString());
            stems.entrySet()
                    .removeIf(entry -> !wanted.equals(entry.getKey())
                            && entry.getValue().keySet().stream()
                                    .noneMatch(label -> wanted.equals(entry.getKey() + "." + label)));
        }
        return stems;
    }

    private static String withoutGz(final String name) {
        return name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name;
    }
}
