package borep.data;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** All formats of samples, in the order in which they are asked whether they recognise a path. */
final class SampleFormats {
    static final List<SampleFormat> ALL = List.of(new IdxPictures(), new LibsvmLines());

    private SampleFormats() {}

    /** The format of this name, if it is one of samples. */
    static Optional<SampleFormat> named(final String name) {
        return ALL.stream().filter(format -> format.name().equals(name)).findFirst();
    }

    static String names() {
        return ALL.stream().map(SampleFormat::name).collect(Collectors.joining(", "));
    }

    /** The first format that recognises what is there. */
    static Optional<SampleFormat> recognise(final Glimpse glimpse) {
        return ALL.stream().filter(format -> format.recognises(glimpse)).findFirst();
    }
}
