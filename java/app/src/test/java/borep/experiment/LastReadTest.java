package borep.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are read once for many runs, and again when anything about them is another. */
class LastReadTest {
    private record Settings(String text) {}

    private final LastRead<int[]> last = new LastRead<>();
    private int reads;

    private int[] get(final String text, final Path... files) {
        return last.get(
                new Settings(text), List.of(files).stream().map(Path::toString).toList(), () -> new int[] {++reads});
    }

    @Test
    void readsOnceWhatStaysTheSame(@TempDir final Path folder) throws Exception {
        final Path file = Files.writeString(folder.resolve("a.csv"), "a");
        assertEquals(1, get("one", file)[0]);
        assertEquals(1, get("one", file)[0]);
        assertEquals(2, get("two", file)[0], "other settings");
        assertEquals(3, get("one", file)[0], "only the last is kept");
        assertEquals(4, get("one", folder.resolve("glosses"))[0], "a name that is no file");
        assertEquals(4, get("one", folder.resolve("glosses"))[0]);
    }

    @Test
    void readsAgainWhatHasChanged(@TempDir final Path folder) throws Exception {
        final Path file = Files.writeString(folder.resolve("a.csv"), "a");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        get("one", file);
        Files.setLastModifiedTime(file, FileTime.fromMillis(2_000_000));
        assertEquals(2, get("one", file)[0]);
        get("one", folder);
        Files.writeString(folder.resolve("b.csv"), "b");
        assertEquals(4, get("one", folder)[0], "a file more in a folder");
    }

    @Test
    void keepsNothingOfAFailure() {
        assertThrows(
                IllegalStateException.class,
                () -> last.get(new Settings("one"), List.of(), () -> {
                    throw new IllegalStateException("unreadable");
                }));
        assertEquals(1, get("one")[0]);
    }
}
