package borep.data;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** All formats, in the order in which they are asked whether they recognise a path. */
final class Formats {
    static final List<Format> ALL = List.of(
            new InferSentLayout(),
            new LeafJson(),
            new SnliJson(),
            new ReviewList(),
            new Table(),
            new LineFiles(),
            new LabelledFolders(),
            new SpamAssassin());

    private Formats() {}

    /** The format of this name. */
    static Format named(final String name) {
        for (final Format format : ALL) {
            if (format.name().equals(name)) {
                return format;
            }
        }
        throw new DataException("format " + name + ": is unknown; known formats are " + names());
    }

    /** The first format that recognises the path. */
    static Format recognise(final Path path) {
        final Glimpse glimpse = Glimpse.of(path);
        for (final Format format : ALL) {
            if (format.recognises(glimpse)) {
                return format;
            }
        }
        throw new DataException(path + ": format: is not recognised; name it with format= and one of " + names());
    }

    static String names() {
        return ALL.stream().map(Format::name).collect(Collectors.joining(", "));
    }
}
