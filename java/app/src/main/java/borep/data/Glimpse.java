package borep.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a format may look at to recognise itself, read once.
 *
 * @param path     the path itself
 * @param name     the file's or folder's name in lower case, without {@code .gz}
 * @param isFolder whether the path is a folder
 * @param children names of a folder's files and folders in lower case, without {@code .gz}, sorted; empty for a file
 * @param head     the first characters of a file; empty for a folder, a zip file or a stem
 */
record Glimpse(Path path, String name, boolean isFolder, List<String> children, String head) {
    private static final int HEAD = 4096;

    /**
     * Looks at a path that exists, or at a stem of files ({@code reviews} for {@code reviews.pos}, {@code
     * reviews.neg}).
     */
    static Glimpse of(final Path path) {
        if (Files.isDirectory(path)) {
            return new Glimpse(path, plain(path), true, children(path), "");
        }
        final String name = plain(path);
        if (!Files.exists(path) || name.endsWith(".zip") || name.endsWith(".tgz")) {
            return new Glimpse(path, name, false, List.of(), "");
        }
        try (var in = TextReader.openBytes(path)) {
            return new Glimpse(
                    path,
                    name,
                    false,
                    List.of(),
                    new String(in.readNBytes(HEAD), StandardCharsets.UTF_8).replace("\uFEFF", ""));
        } catch (final EOFException end) {
            throw TextReader.truncated(path.toString(), 1, end);
        } catch (final IOException failure) {
            throw TextReader.unreadable(path.toString(), 1, failure);
        }
    }

    /** A path's file name in lower case without {@code .gz}. */
    static String plain(final Path path) {
        final String name =
                String.valueOf(path.toAbsolutePath().normalize().getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name;
    }

    /** The paths in a folder, sorted by name, hidden ones left out. */
    static List<Path> list(final Path folder) {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> !path.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (final IOException failure) {
            throw new DataException(
                    folder + ": cannot be listed: " + DataException.reason(failure) + "; check the folder's rights",
                    failure);
        }
    }

    private static List<String> children(final Path folder) {
        return list(folder).stream().map(Glimpse::plain).toList();
    }

    /** The first character that is not white space; 0 if there is none. */
    char first() {
        final String text = head.stripLeading();
        return text.isEmpty() ? 0 : text.charAt(0);
    }

    /** Whether the head mentions a quoted name, as a JSON field does. */
    boolean mentions(final String field) {
        return head.contains('"' + field + '"');
    }
}
