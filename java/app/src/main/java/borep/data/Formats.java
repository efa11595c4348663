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

    /** The format of this name; {@code known} are those to be told of otherwise. */
    static Format named(final String name, final String known) {
        for (final Format format : ALL) {
            if (format.name().equals(name)) {
                return format;
            }
        }
        throw new DataException("format " + name + ": is unknown; known formats are " + known);
    }

    /** The first format that recognises the path; {@code known} are those to be told of if none does. */
    static Format recognise(final Path path, final String known) {
        final Glimpse glimpse = Glimpse.of(path);
        for (final Format format : ALL) {
            if (format.recognises(glimpse)) {
                return format;
            }
        }
        throw new DataException(path + ": format: is not recognised; name it with format= and one of " + known);
    }

    static String names() {
        return ALL.stream().map(Format::name).collect(Collectors.joining(", "));
    }
}
