package borep.data;

import java.nio.file.Path;
import java.util.List;

/**
 * One file format of labelled samples of numbers. A new format is one class that implements this, its row in {@link
 * SampleFormats}, and its tests; see docs/adding-a-data-format.md.
 */
interface SampleFormat {
    /** The name that {@code format=} takes. */
    String name();

    /** What the format is, for lists: at most one line. */
    String summary();

    /** Names of the options that the format understands besides {@code format}. */
    List<String> options();

    /** Whether the path looks like this format. */
    boolean recognises(Glimpse glimpse);

    /** Reads all samples, in file order; {@code name} is what to call them. */
    Samples read(Path path, Options options, String name);
}
