package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeafJsonTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    private static String file(final String userData) {
        return "{\"users\": [\"ann\", \"bob\"], \"num_samples\": [2, 1],\n\"user_data\": {" + userData + "}}";
    }

    @Test
    void readsPlainTextsAndTweets() {
        folder.write(
                "plain.json",
                file("\"ann\": {\"x\": [\"hi\", \"ho\"], \"y\": [0, 1]}, \"bob\": {\"y\": [1], \"x\": [\"hey\"]}"));
        assertEquals(
                List.of("hi 0 ann", "ho 1 ann", "hey 1 bob"),
                folder.load("plain.json").examples().stream()
                        .map(e -> e.text() + " " + e.label() + " " + e.domain())
                        .toList());
        folder.write(
                "tweets.json",
                file("\"ann\": {\"x\": [[\"id\", \"time\", \"NO_QUERY\", \"ann\", \"nice day\", \"t\"]], \"y\":"
                        + " [\"4\"]},\"bob\": {\"x\": [[\"id\", \"time\", \"rain\", \"bob\", \"bad day\", \"t\"]],"
                        + " \"y\": [\"0\"]}"));
        assertEquals("nice day", folder.load("tweets.json").examples().get(0).text());
        assertEquals(
                List.of("NO_QUERY", "rain"), folder.load("tweets.json,domain=2").domains());
        assertEquals(
                "time", folder.load("tweets.json,field=1").examples().get(0).text());
    }

    @Test
    void foldersTrainAndTestAreTheSplit() {
        folder.write("set/train/part0.json", file("\"ann\": {\"x\": [\"hi\", \"ho\"], \"y\": [0, 1]}"));
        folder.write("set/test/part0.json", file("\"bob\": {\"x\": [\"hey\", \"you\"], \"y\": [1, 0]}"));
        assertEquals(
                List.of(Part.TEST, Part.TEST, Part.TRAIN, Part.TRAIN),
                folder.load("set").parts());
        assertEquals(2, folder.load("set/train").size());
    }

    @Test
    void tellsWhatIsWrongAndWhere() {
        folder.write("a.json", file("\"ann\": {\"x\": [\"hi\", \"ho\"], \"y\": [0]}"));
        folder.refuses("a.json", "DIR/a.json:2: user ann: x has 2 texts, y has 1 labels; they must be equally many");
        folder.write("b.json", file("\"ann\": {\"x\": [[\"id\", \"hi\"]], \"y\": [0]}"));
        folder.refuses(
                "b.json",
                "DIR/b.json:2: x of user ann: has 2 fields, the text is field 4 (counted from 0); choose with field=");
        folder.write("c.json", "{\"users\": []}");
        folder.refuses("c.json", "DIR/c.json:1: field \"user_data\": is missing; LEAF files hold users and user_data");
        folder.write("d.json", file("\"ann\": {\"x\": [3], \"y\": [0]}"));
        folder.refuses("d.json", "DIR/d.json:2: value 3: must be a text or a list of fields; correct x of user ann");
        folder.refuses("d.json,field=one", "option field=one: must be a whole number, 0 or more");
    }

    @Test
    void refusesWhatIsNestedTooDeeply() {
        folder.write("deep.json", file("\"ann\": {\"x\": " + "[".repeat(2000)));
        final String said = assertThrows(DataException.class, () -> folder.load("deep.json"))
                .getMessage();
        assertTrue(said.startsWith(folder.of("deep.json") + ":2: JSON: ") && said.endsWith("; correct the line"), said);
    }
}
