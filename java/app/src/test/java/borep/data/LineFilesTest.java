package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineFilesTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    @Test
    void folderStemAndFileMeanTheSame() {
        folder.gzip("set/rt.pos.gz", "good", "very good");
        folder.gzip("set/rt.neg.gz", "bad");
        folder.write("set/README.txt", "about");
        for (final String spec : List.of("set", "set/rt", "set/rt.pos.gz", "set/rt.neg")) {
            final Corpus corpus = folder.load(spec);
            assertEquals(
                    List.of(
                            new Example("bad", null, "neg", null, folder.of("set/rt.neg.gz") + ":1"),
                            new Example("good", null, "pos", null, folder.of("set/rt.pos.gz") + ":1"),
                            new Example("very good", null, "pos", null, folder.of("set/rt.pos.gz") + ":2")),
                    corpus.examples(),
                    spec);
        }
    }

    @Test
    void severalStemsAreDomains() {
        for (final String domain : List.of("books", "dvd")) {
            folder.write("set/" + domain + ".pos", "good " + domain);
            folder.write("set/" + domain + ".neg", "bad " + domain);
        }
        assertEquals(List.of("books", "dvd"), folder.load("set").domains());
        assertEquals(List.of(), folder.load("set/dvd").domains());
    }

    @Test
    void tellsWhatIsWrongAndWhere() {
        folder.write("set/rt.pos", "good", "", "fine");
        folder.write("set/rt.neg", "bad");
        folder.refuses(
                "set", "DIR/set/rt.pos:2: text: is empty; give it words, delete the example, or add skipEmpty=true");
        assertEquals(
                List.of("1 left out: empty text"),
                folder.load("set,skipEmpty=true").notes());
        folder.write("set/rt.pos", "good\nna\u00efve".getBytes(StandardCharsets.ISO_8859_1));
        folder.refuses(
                "set",
                "DIR/set/rt.pos:2: text: bytes ef are not UTF-8; convert the file to UTF-8 or name its encoding, "
                        + "such as encoding=windows-1252");
        assertEquals(
                "naïve",
                folder.load("set,encoding=windows-1252").examples().get(2).text());
        folder.refuses(
                "set,encoding=klingon",
                "option encoding=klingon: is unknown; known are utf-8, iso-8859-1, windows-1252, utf-16");
        folder.write("one/rt.pos", "good");
        folder.refuses(
                "one,format=lines",
                "DIR/one: files NAME.LABEL: there are none; give a folder or stem with one file a class");
    }
}
