package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledFoldersTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    private static byte[] zip(final String... namesAndTexts) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
                zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void aFoldersNameIsTheLabel() {
        folder.write("set/README", "about");
        folder.write("set/neg/1.txt", "bad", "very bad");
        folder.gzip("set/pos/1.txt.gz", "good");
        assertEquals(
                List.of(
                        new Example("bad\nvery bad\n", null, "neg", null, folder.of("set/neg/1.txt") + ":1"),
                        new Example("good\n", null, "pos", null, folder.of("set/pos/1.txt.gz") + ":1")),
                folder.load("set").examples());
    }

    @Test
    void foldersTrainAndTestAreTheSplit() {
        for (final String part : List.of("train", "test")) {
            folder.write("set/" + part + "/neg/1.txt", "bad");
            folder.write("set/" + part + "/pos/1.txt", "good");
        }
        final Corpus corpus = folder.load("set");
        assertEquals(List.of(Part.TEST, Part.TEST, Part.TRAIN, Part.TRAIN), corpus.parts());
        assertEquals(List.of("neg", "pos"), corpus.labels());
    }

    @Test
    void readsZipFilesWithOrWithoutARootFolder() throws IOException {
        folder.write("a.zip", zip("set/README", "about", "set/pos/1.txt", "good", "set/neg/1.txt", "bad"));
        folder.write("b.zip", zip("pos/1.txt", "good", "neg/1.txt", "bad"));
        assertEquals(
                new Example("bad", null, "neg", null, folder.of("a.zip") + ", entry set/neg/1.txt"),
                folder.load("a.zip").examples().get(0));
        assertEquals(List.of("neg", "pos"), folder.load("b.zip").labels());
    }

    @Test
    void tellsWhatIsWrongAndWhere() throws IOException {
        final byte[] whole = zip("pos/1.txt", "good", "neg/1.txt", "bad");
        folder.write("cut.zip", Arrays.copyOf(whole, whole.length / 2));
        folder.refuses(
                "cut.zip", "DIR/cut.zip: zip file: is damaged or truncated (zip END header not found); copy it again");
        folder.write("empty.zip", zip("pos/1.txt", "good", "neg/1.txt", "  "));
        folder.refuses(
                "empty.zip",
                "DIR/empty.zip, entry neg/1.txt: text: is empty; give it words, delete the example, or add"
                        + " skipEmpty=true");
        folder.refuses("none.zip,format=folders", "DIR/none.zip: no such file; check the path");
    }
}
