package borep.data;

import com.fasterxml.jackson.core.JsonToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * SNLI and MultiNLI as JSON lines: {@code gold_label, sentence1, sentence2} or {@code label, premise, hypothesis}.
 * Pairs that the annotators did not agree on ("-", in the numbered variant -1) are left out and counted. A folder of
 * {@code ..._train.jsonl}, {@code ..._dev.jsonl}, {@code ..._test.jsonl} gives a ready split.
 */
final class SnliJson implements Format {
    private static final String UNDECIDED = "pairs without a gold label";

    @Override
    public String name() {
        return "snli";
    }

    @Override
    public String summary() {
        return "JSON lines {gold_label, sentence1, sentence2} or {label, premise, hypothesis}; file or folder of"
                + " train, dev, test";
    }

    @Override
    public List<String> options() {
        return List.of("domain");
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        if (glimpse.isFolder()) {
            return glimpse.children().stream().anyMatch(child -> child.endsWith(".jsonl") && partOf(child) != null);
        }
        return glimpse.mentions("gold_label") && glimpse.mentions("sentence1")
                || glimpse.mentions("premise") && glimpse.mentions("hypothesis") && glimpse.first() == '{';
    }

    @Override
    public void read(final Path path, final Options options, final CorpusBuilder corpus) {
        for (final Path file : files(path)) {
            readFile(file, options, partOf(Glimpse.plain(file)), corpus);
        }
    }

    private static void readFile(final Path path, final Options options, final Part part, final CorpusBuilder corpus) {
        final String file = path.toString();
        try (JsonSource json = new JsonSource(TextReader.open(path, options.encoding()), file)) {
            while (json.next() != null) {
                if (json.token() != JsonToken.START_OBJECT) {
                    throw json.error(json.describe() + ": must be an object, one a line; correct it");
                }
                final long line = json.line();
                final Map<String, String> row = json.scalars();
                final boolean isGold = row.containsKey("gold_label");
                final String label = field(file, line, row, isGold ? "gold_label" : "label");
                if (label.equals("-") || label.equals("-1")) {
                    corpus.leaveOut(UNDECIDED);
                    continue;
                }
                final String first = field(file, line, row, row.containsKey("sentence1") ? "sentence1" : "premise");
                final String second = field(file, line, row, row.containsKey("sentence2") ? "sentence2" : "hypothesis");
                final String domain =
                        options.get("domain") == null ? null : field(file, line, row, options.get("domain"));
                corpus.add(file, line, new Example(first, second, label, domain, null), part);
            }
        }
    }

    private static List<Path> files(final Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        final List<Path> files = new ArrayList<>();
        for (final Path file : Glimpse.list(path)) {
            if (Glimpse.plain(file).endsWith(".jsonl")) {
                files.add(file);
            }
        }
        return files;
    }

    /** The part in a name such as snli_1.0_dev.jsonl; null if there is none. */
    private static Part partOf(final String name) {
        for (final String word : name.split("[._-]")) {
            if (Part.named(word) != null) {
                return Part.named(word);
            }
        }
        return null;
    }

    private static String field(final String file, final long line, final Map<String, String> row, final String name) {
        final String value = row.get(name);
        if (value == null) {
            throw DataException.at(
                    file,
                    line,
                    "field \"" + name + "\": is missing; the fields are " + String.join(", ", row.keySet())
                            + ", correct the row");
        }
        return value;
    }
}
