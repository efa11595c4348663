package borep.experiment;

import borep.data.DataException;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What was read last, for as long as memory suffices: the runs of a comparison read the same files, which takes longer than many of their runs. A
 * file that has changed is read again.
 *
 * @param <V> what is read; nobody may change it
 */
final class LastRead<V> {
    private record Key(Record settings, List<FileTime> changed) {}

    private Key key;
    private SoftReference<V> value = new SoftReference<>(null);

    /**
     * What {@code read} gives, or gave the last time.
     *
     * @param settings all that it depends on beside the files
     * @param sources  names, or paths of files and folders
     */
    synchronized V get(final Record settings, final List<String> sources, final Supplier<V> read) {
        final Key wanted =
                new Key(settings, sources.stream().map(LastRead::changed).toList());
        V known = wanted.equals(key) ? value.get() : null;
        if (known == null) {
            known = read.get();
            key = wanted;
            value = new SoftReference<>(known);
        }
        return known;
    }

    /** When a file, or the newest in a folder, was changed; never, if it is a name, or the stem of several files. */
    private static FileTime changed(final String source) {
        final FileTime never = FileTime.fromMillis(0);
        final Path path = Path.of(source);
        if (source.isBlank() || !Files.exists(path)) {
            return never;
        }
        try (Stream<Path> files = Files.walk(path)) {
            FileTime newest = never;
            for (final Path file : (Iterable<Path>) files::iterator) {
                final FileTime time = Files.getLastModifiedTime(file);
                newest = time.compareTo(newest) > 0 ? time : newest;
            }
            return newest;
        } catch (IOException e) {
            throw new DataException(source + ": cannot be read: " + e.getMessage());
        }
    }
}
