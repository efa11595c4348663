package borep.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A folder of parallel files {@code s1.PART, s2.PART, labels.PART} for the parts train, dev and test, one text or label
 * a line: how InferSent (Conneau et al. 2017) keeps SNLI. The parts are the split.
 */
final class InferSentLayout implements Format {
    @Override
    public String name() {
        return "infersent";
    }

    @Override
    public String summary() {
        return "folder of parallel files s1.*, s2.*, labels.* for train, dev, test";
    }

    @Override
    public List<String> options() {
        return List.of();
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        return glimpse.children().stream().anyMatch(child -> child.startsWith("labels."))
                && glimpse.children().stream().anyMatch(child -> child.startsWith("s1."));
    }

    @Override
    public void read(final Path path, final Options options, final CorpusBuilder corpus) {
        final Map<String, Path> files = new TreeMap<>();
        for (final Path file : Glimpse.list(path)) {
            files.put(Glimpse.plain(file), file);
        }
        boolean isFound = false;
        for (final String part : List.of("train", "dev", "test")) {
            if (files.containsKey("labels." + part)) {
                isFound = true;
                readPart(path, files, part, options, corpus);
            }
        }
        if (!isFound) {
            throw new DataException(path + ": files labels.train, labels.dev, labels.test: none is there; "
                    + "give the folder that holds them beside s1.* and s2.*");
        }
    }

    private static void readPart(
            final Path folder,
            final Map<String, Path> files,
            final String part,
            final Options options,
            final CorpusBuilder corpus) {
        for (final String stem : List.of("s1.", "s2.")) {
            if (!files.containsKey(stem + part)) {
                throw new DataException(
                        folder + ": file " + stem + part + ": is missing beside labels." + part + "; add it");
            }
        }
        try (Lines first = new Lines(files.get("s1." + part), options.encoding());
                Lines second = new Lines(files.get("s2." + part), options.encoding());
                Lines labels = new Lines(files.get("labels." + part), options.encoding())) {
            while (true) {
                final String text = first.next();
                final String pair = second.next();
                final String label = labels.next();
                if (text == null && pair == null && label == null) {
                    return;
                }
                for (final Lines lines : List.of(first, second, labels)) {
                    final String value = lines == first ? text : lines == second ? pair : label;
                    if (value == null) {
                        throw lines.error("line " + lines.number() + ": is missing; s1." + part + ", s2." + part
                                + " and labels." + part + " must have equally many lines");
                    }
                }
                corpus.add(
                        first.file(),
                        first.number(),
                        new Example(text, pair, label.strip(), null, null),
                        Part.named(part));
            }
        }
    }
}
