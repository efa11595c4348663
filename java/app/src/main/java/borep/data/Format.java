package borep.data;

import java.nio.file.Path;
import java.util.List;

/**
 * One file format of labelled texts. A new format is one class that implements this, its row in {@link Formats}, and
 * its tests; see docs/adding-a-data-format.md.
 */
interface Format {
    /** The name that {@code format=} takes. */
    String name();

    /** What the format is, for lists: at most one line. */
    String summary();

    /** Names of the options that the format understands besides the common ones of {@link DataSpec}. */
    List<String> options();

    /** Whether the path looks like this format. */
    boolean recognises(Glimpse glimpse);

    /** Reads all examples into {@code corpus}, in file order. */
    void read(Path path, Options options, CorpusBuilder corpus);
}
