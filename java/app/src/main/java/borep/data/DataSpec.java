package borep.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which data to read: what the command line's {@code --data} takes.
 *
 * <p>{@code NAME} or {@code PATH[,key=value...]}: a name of {@link BuiltIn} or of {@link Catalogue}, or a file or
 * folder, for example {@code reviews.csv,text=body,label=stars,domain=product,delimiter=;}. Every format takes these
 * options, its own come on top:
 *
 * <ul>
 *   <li>{@code format}: the format's name, instead of recognising it
 *   <li>{@code labels}: the only labels allowed, in the order of their numbers, separated by {@code |}
 *   <li>{@code skipEmpty}: true leaves out empty texts and counts them, instead of ending with an error
 *   <li>{@code encoding}: of text files, UTF-8 by default
 * </ul>
 *
 * @param source  the name or path
 * @param options by key, in the order given
 */
public record DataSpec(String source, Map<String, String> options) {
    private static final List<String> COMMON = List.of("format", "labels", "skipEmpty", "encoding");

    /** Keeps an unmodifiable copy of the options. */
    public DataSpec {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /**
     * Reads a specification; whether the data exist shows in {@link #load}.
     *
     * @throws DataException if it is empty or an option is given twice
     */
    public static DataSpec parse(final String text) {
        final String[] parts = text.split(",(?=[A-Za-z]+=)");
        if (parts[0].isBlank()) {
            throw new DataException(
                    "data \"" + text + "\": must begin with a name or path; known names are " + names());
        }
        final Map<String, String> options = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            final int equals = parts[i].indexOf('=');
            if (options.put(parts[i].substring(0, equals), parts[i].substring(equals + 1)) != null) {
                throw new DataException("data \"" + text + "\": option " + parts[i].substring(0, equals)
                        + ": is given twice; give it once");
            }
        }
        return new DataSpec(parts[0], options);
    }

    /**
     * Reads the corpus.
     *
     * @throws DataException if it does not exist, is malformed, holds one class only, or an option is unknown
     */
    public Corpus load() {
        return load(Formats.names());
    }

    /** @param formats known ones, for the message about another */
    private Corpus load(final String formats) {
        if (BuiltIn.isKnown(source)) {
            if (!options.isEmpty() && !options.keySet().equals(Set.of("skipEmpty"))) {
                throw new DataException("data " + this + ": options are for files; give " + source + " without them");
            }
            return BuiltIn.corpus(source);
        }
        final boolean isFetched = Catalogue.isCorpus(source);
        final Path path = isFetched ? Catalogue.corpusFile(source) : Path.of(source);
        final String name = isFetched ? source : Glimpse.plain(path);
        final Format format;
        if (options.containsKey("format")) {
            format = Formats.named(options.get("format"), formats);
        } else {
            checkExists(path, names());
            format = Formats.recognise(path, formats);
        }
        refuseUnknown(format.name(), COMMON, format.options());
        final String labels = options.getOrDefault("labels", "");
        final CorpusBuilder builder =
                new CorpusBuilder(name, labels.isEmpty() ? List.of() : Arrays.asList(labels.split("\\|")), skipEmpty());
        format.read(path, new Options(options), builder);
        return builder.build();
    }

    /**
     * Reads samples of numbers: a fetched set of pictures, a file in a {@link SampleFormat}, or texts as bags of words.
     *
     * @throws DataException as {@link #load}
     */
    public Samples loadSamples() {
        final boolean isFetched = Catalogue.isPictures(source);
        if (BuiltIn.isKnown(source) || Catalogue.isCorpus(source)) {
            return BagOfWords.of(load());
        }
        final Path path = isFetched ? Catalogue.folder(source) : Path.of(source);
        final Optional<SampleFormat> format;
        if (options.containsKey("format")) {
            format = SampleFormats.named(options.get("format"));
        } else {
            checkExists(path, sampleNames());
            format = SampleFormats.recognise(Glimpse.of(path));
        }
        if (format.isEmpty()) {
            return BagOfWords.of(load(SampleFormats.names() + ", " + Formats.names()));
        }
        refuseUnknown(
                format.get().name(), List.of("format", "encoding"), format.get().options());
        return format.get().read(path, new Options(options), isFetched ? source : Glimpse.plain(path));
    }

    /** Whether texts without a word are to be left out and counted; {@link Vocabulary#encode} takes it. */
    public boolean skipEmpty() {
        return new Options(options).flag("skipEmpty");
    }

    /** One line about each file format, by its name. */
    public static Map<String, String> formats() {
        final Map<String, String> formats = new LinkedHashMap<>();
        Formats.ALL.forEach(format -> formats.put(format.name(), format.summary()));
        return formats;
    }

    /** One line about each file format of samples, by its name. */
    public static Map<String, String> sampleFormats() {
        final Map<String, String> formats = new LinkedHashMap<>();
        SampleFormats.ALL.forEach(format -> formats.put(format.name(), format.summary()));
        return formats;
    }

    private static void checkExists(final Path path, final String names) {
        if (!Files.exists(path) && !new LineFiles().recognises(new Glimpse(path, "", false, List.of(), ""))) {
            throw new DataException("data " + path + ": no such file, folder or known name; known names are " + names);
        }
    }

    private void refuseUnknown(final String format, final List<String> common, final List<String> own) {
        final TreeSet<String> known = new TreeSet<>(common);
        known.addAll(own);
        for (final String option : options.keySet()) {
            if (!known.contains(option)) {
                throw new DataException("option " + option + "=" + options.get(option) + ": is unknown to " + format
                        + "; known options are " + String.join(", ", known));
            }
        }
    }

    private static String sampleNames() {
        return names() + ", " + String.join(", ", Catalogue.pictures());
    }

    private static String names() {
        final List<String> names = new ArrayList<>(BuiltIn.names());
        names.addAll(Catalogue.corpora());
        return String.join(", ", names);
    }

    /** The specification as the command line takes it. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder(source);
        options.forEach((key, value) -> text.append(',').append(key).append('=').append(value));
        return text.toString();
    }
}
