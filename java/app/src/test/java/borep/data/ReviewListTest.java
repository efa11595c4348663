package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReviewListTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    @Test
    void readsTextLabelDomainAndLine() {
        folder.gzip(
                "reviews.json.gz",
                "[",
                "{\"text\": \"good \\\"player\\\"\", \"label\": \"positive\", \"domain\": \"dvd\", \"extra\": {\"a\":"
                        + " [1]}},",
                "{\"label\": \"negative\",",
                " \"text\": \"bad\"}",
                "]");
        final Corpus corpus = folder.load("reviews.json.gz");
        final String file = folder.of("reviews.json.gz").toString();
        assertEquals(
                List.of(
                        new Example("good \"player\"", null, "positive", "dvd", file + ":2"),
                        new Example("bad", null, "negative", null, file + ":3")),
                corpus.examples());
        assertEquals(List.of("negative", "positive"), corpus.labels());
        assertEquals("reviews.json", corpus.name());
        assertEquals(List.of(), corpus.parts());
    }

    @Test
    void numbersAreLabelsInTheirOrder() {
        folder.write("stars.json", "[{\"body\": \"a\", \"stars\": 10}, {\"body\": \"b\", \"stars\": 9}]");
        final Corpus corpus = folder.load("stars.json,text=body,label=stars");
        assertEquals(List.of("9", "10"), corpus.labels());
        assertEquals(List.of(1, 0), List.of(corpus.classes()[0], corpus.classes()[1]));
    }

    @Test
    void tellsWhatIsWrongAndWhere() {
        folder.write("no-label.json", "[", "{\"text\": \"x\", \"kind\": \"y\"}]");
        folder.refuses(
                "no-label.json",
                "DIR/no-label.json:2: label column \"label\": is missing; the columns are text, kind, choose one with"
                        + " label=");
        folder.write("comma.json", "[", "{\"text\": \"x\" \"label\": \"y\"}]");
        folder.refuses(
                "comma.json",
                "DIR/comma.json:2: JSON: Unexpected character ('\"' (code 34)): was expecting comma to separate Object"
                        + " entries; correct the line");
        folder.write("cut.json", "[", "{\"text\": \"x\", \"label\": \"y\"},", "{\"text\": \"x\"");
        folder.refuses("cut.json", "DIR/cut.json:4: JSON: ends too early; the file is truncated, copy it again");
        folder.write("scalar.json", "[", "{\"text\": \"x\", \"label\": \"y\"},", "17]");
        folder.refuses(
                "scalar.json",
                "DIR/scalar.json:3: value 17: must be an object such as {\"text\": ..., \"label\": ...}; correct it");
        folder.write(
                "empty-text.json", "[{\"text\": \"x\", \"label\": \"y\"},", "{\"text\": \" \", \"label\": \"z\"}]");
        folder.refuses(
                "empty-text.json",
                "DIR/empty-text.json:2: text: is empty; give it words, delete the example, or add skipEmpty=true");
        folder.write("empty-label.json", "[{\"text\": \"x\", \"label\": \"\"}]");
        folder.refuses(
                "empty-label.json", "DIR/empty-label.json:1: label: is empty; name the class or delete the example");
        folder.write("object.json", "{\"text\": \"x\"}");
        folder.refuses(
                "object.json,format=reviews",
                "DIR/object.json:1: object: must be a list of objects; correct it or name another format with format=");
    }
}
