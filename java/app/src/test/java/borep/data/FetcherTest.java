package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetcherTest {
    private static final String SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private static final Catalogue.Entry ENTRY = new Catalogue.Entry(
            "toy",
            Catalogue.Kind.CORPUS,
            "a toy",
            "CC0",
            Client.NPM,
            "toy@1",
            3,
            SHA256_OF_ABC,
            Unpacking.asIs("toy.txt"));

    @TempDir
    private Path temp;

    private Folder folder;
    private Path cache;
    private final List<String> progress = new ArrayList<>();
    private int downloads;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
        cache = temp.resolve("a/cache");
    }

    private Fetcher bringing(final String text) {
        return new Fetcher(
                cache,
                (entry, into) -> {
                    downloads++;
                    Files.writeString(into.resolve("toy-1.tgz"), text);
                },
                progress::add);
    }

    private List<String> cached() {
        return Glimpse.list(cache).stream()
                .map(path -> path.getFileName().toString())
                .toList();
    }

    private void assertNothingUnfinished() throws IOException {
        try (var all = Files.list(cache)) {
            assertEquals(
                    List.of(),
                    all.filter(path -> path.getFileName().toString().startsWith("."))
                            .toList());
        }
    }

    @Test
    void keepsWhatIsVerifiedAndFetchesOnce() throws IOException {
        final Path target = bringing("abc").fetch(ENTRY);
        assertEquals("abc", Files.readString(target.resolve("toy.txt")));
        assertEquals(List.of("toy-ba7816bf"), cached());
        assertEquals(target, bringing("other").fetch(ENTRY));
        assertEquals(1, downloads);
        assertEquals("toy: fetching toy@1 with npm (0.0 MB)", progress.get(0));
        assertEquals("toy: is in " + target, progress.get(progress.size() - 1));
        assertNothingUnfinished();
    }

    @Test
    void anotherFileIsRemovedAndNamed() throws IOException {
        folder.mistake(
                "toy: file toy-1.tgz: has sha256 "
                        + "cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34, must have " + SHA256_OF_ABC
                        + "; it was removed, try again later",
                () -> bringing("def").fetch(ENTRY));
        assertEquals(List.of(), cached());
        assertNothingUnfinished();
    }

    @Test
    void aClientThatBringsNothingIsNamed() {
        folder.mistake(
                "toy: npm brought 0 files, 1 was expected; try again",
                () -> new Fetcher(cache, (entry, into) -> {}, progress::add).fetch(ENTRY));
    }

    @Test
    void anUnwritableCacheIsNamed() {
        folder.write("a", "a file in the way");
        folder.mistake(
                "DIR/a/cache: cannot be written: Not a directory; make room or name another folder with BOREP_CACHE",
                () -> bringing("abc").fetch(ENTRY));
        assertEquals(0, downloads);
    }

    @Test
    void leftoversOfStoppedProcessesAreRemoved() throws IOException {
        final Process process = new ProcessBuilder("true").start();
        final long pid = process.pid();
        try {
            process.waitFor();
        } catch (final InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        folder.write("a/cache/.fetching-" + pid + "-1/download/half", "half");
        folder.write("a/cache/.fetching-" + ProcessHandle.current().pid() + "-1/download/half", "half");
        bringing("abc").fetch(ENTRY);
        assertFalse(Files.exists(cache.resolve(".fetching-" + pid + "-1")));
        assertTrue(Files.exists(
                cache.resolve(".fetching-" + ProcessHandle.current().pid() + "-1")));
    }

    @Test
    void clientsAreAskedInTheirOwnWords() {
        assertEquals(List.of("npm", "pack", "--loglevel=error", "a@1"), Client.NPM.download("a@1"));
        assertEquals(List.of("apt-get", "download", "a=1"), Client.APT.download("a=1"));
        assertEquals(List.of("apt-get", "update"), Client.APT.refresh());
        assertEquals(
                List.of(
                        "mvn",
                        "--quiet",
                        "--batch-mode",
                        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
                        "-Dartifact=g:a:1",
                        "-DoutputDirectory=."),
                Client.MAVEN.download("g:a:1"));
    }

    @Test
    void missingAndFailingProgramsAreNamed() {
        folder.mistake(
                "program borep-no-such-client: is not installed or not on the PATH; install Node.js with npm",
                () -> Processes.run(List.of("borep-no-such-client", "pack"), temp, "Node.js with npm"));
        folder.mistake(
                "command sh -c echo start; echo npm error code E404; echo end; exit 3: failed with exit code 3 "
                        + "(npm error code E404); check the network and try again",
                () -> Processes.run(
                        List.of("sh", "-c", "echo start; echo npm error code E404; echo end; exit 3"),
                        temp,
                        "a shell"));
    }

    @Test
    void readsTarArchivesWithLongNamesAndPadding() throws IOException {
        final String name = "package/data/" + "long-".repeat(30) + "name.txt";
        folder.write("set/" + name, "content of the long one");
        folder.write("set/package/data/b.txt", "b".repeat(1000));
        folder.write("set/package/other/c.txt", "c");
        Processes.run(List.of("tar", "-czf", folder.of("set.tgz").toString(), "package"), folder.of("set"), "tar");
        final Path into = Files.createDirectory(folder.of("into"));
        Unpacking.tar("package/data/").unpack(folder.of("set.tgz"), into);
        assertEquals(
                List.of("b.txt", name.substring("package/data/".length())),
                Glimpse.list(into).stream()
                        .map(path -> path.getFileName().toString())
                        .toList());
        assertEquals(
                "content of the long one\n", Files.readString(into.resolve(name.substring("package/data/".length()))));
        assertEquals("b".repeat(1000) + "\n", Files.readString(into.resolve("b.txt")));
        folder.write("not.tar", "x".repeat(2000).getBytes(StandardCharsets.UTF_8));
        folder.mistake(
                "DIR/not.tar: archive: is not a tar file; fetch it again",
                () -> new TarReader(folder.of("not.tar")).next());
    }
}
