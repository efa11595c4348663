package borep.report;

import borep.data.DataException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Turns run directories into pages that need nothing but themselves: no script, no font, no network. A page appears
 * whole or not at all; if anything is wrong an earlier one stays as it is.
 */
public final class Report {
    private Report() {}

    /**
     * Writes {@code report.html} into a run directory.
     *
     * @param directory what {@code borep run} wrote; it may still be running
     * @return the page
     * @throws DataException "DIR/trace.jsonl:17: …", or why the page cannot be written
     */
    public static Path write(final Path directory) {
        final Path file = directory.resolve("report.html");
        replace(file, RunPage.html(Run.read(directory), true));
        return file;
    }

    /** Like {@link #write(Path)}, but the page goes to {@code file}. */
    public static Path write(final Path directory, final Path file) {
        replace(file, RunPage.html(Run.read(directory), false));
        return file;
    }

    /**
     * Writes one page that compares several runs: a table, and their curves on the same axes.
     *
     * @param directories two or more run directories, in the order of the table
     * @param file        the page to write
     * @return {@code file}
     * @throws DataException as {@link #write(Path)}
     */
    public static Path compare(final List<Path> directories, final Path file) {
        if (directories.size() < 2) {
            throw new IllegalArgumentException(directories.size() + " directories: a comparison needs at least 2");
        }
        replace(file, ComparisonPage.html(directories.stream().map(Run::read).toList()));
        return file;
    }

    /**
     * Writes the page of a comparison of solvers, and its first figure for documents.
     *
     * @param problem    what they solved
     * @param contenders in the order of the table
     * @param folder     of {@code index.html} and {@code figure.svg}; there is no figure if every run diverged
     * @throws DataException if they cannot be written
     */
    public static void contest(final String problem, final List<Contender> contenders, final Path folder) {
        replace(folder.resolve("index.html"), ContestPage.html(problem, contenders));
        ContestPage.svg(problem, contenders).ifPresent(figure -> replace(folder.resolve("figure.svg"), figure));
    }

    /**
     * Writes what was measured along a training path: {@code smoothness.csv}, {@code index.html} and its first figure, {@code figure.svg}.
     *
     * @param folder made if it is not there
     * @throws DataException if they cannot be written
     */
    public static void smoothness(final SmoothnessPath path, final Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException failed) {
            throw RunFiles.mistake(folder, "cannot be made: " + failed.getMessage() + "; choose another folder");
        }
        replace(folder.resolve("smoothness.csv"), path.csv());
        replace(folder.resolve("index.html"), SmoothnessPage.html(path));
        replace(folder.resolve("figure.svg"), SmoothnessPage.svg(path));
    }

    private static void replace(final Path file, final String page) {
        final Path whole = file.toAbsolutePath();
        if (Files.isDirectory(whole)) {
            throw RunFiles.mistake(file, "is a directory; give the name of a file, such as report.html");
        }
        final Path fresh = whole.resolveSibling(
                "." + whole.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try {
                Files.writeString(fresh, page);
                move(fresh, whole);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (NoSuchFileException missing) {
            throw RunFiles.mistake(file, "cannot be written: its directory does not exist; create it first");
        } catch (AccessDeniedException denied) {
            throw RunFiles.mistake(file, "cannot be written: permission denied; give a directory you may write to");
        } catch (IOException failed) {
            throw RunFiles.mistake(file, "cannot be written: " + failed.getMessage());
        }
    }

    private static void move(final Path fresh, final Path file) throws IOException {
        try {
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException unsupported) { // some network file systems
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
