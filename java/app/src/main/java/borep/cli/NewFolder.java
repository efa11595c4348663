package borep.cli;

import borep.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/** Where results go. */
final class NewFolder {
    private NewFolder() {}

    /**
     * {@code out}, or a folder in {@code runs} that is named after this and the time.
     *
     * @throws DataException if {@code out} is an empty name
     */
    static Path of(final Path out, final String name) {
        if (out != null) {
            if (out.toString().isEmpty()) {
                throw new DataException("out '': must name a folder");
            }
            return out;
        }
        final String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        Path folder = Path.of("runs", name + "-" + time);
        for (int copy = 2; Files.exists(folder); copy++) { // several in one second
            folder = Path.of("runs", name + "-" + time + "-" + copy);
        }
        return folder;
    }

    /** @throws DataException if there is something already, but for an empty folder */
    static void require(final Path folder, final String remedy) {
        final String[] files = folder.toFile().list();
        if (Files.exists(folder) && (files == null || files.length > 0)) {
            throw new DataException(folder + ": is there already; " + remedy);
        }
    }

    /** @throws DataException if it cannot be made: before what is to be written into it takes its time */
    static void make(final Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be made: " + e.getMessage() + "; choose another --out");
        }
    }
}
