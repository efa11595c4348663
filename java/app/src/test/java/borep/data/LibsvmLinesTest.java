package borep.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibsvmLinesTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    private static void good(final Samples samples) {
        assertArrayEquals(new int[] {0, 2, 2, 3}, samples.rows().starts());
        assertArrayEquals(new int[] {0, 3, 1}, samples.rows().places());
        assertArrayEquals(new float[] {0.5f, -2, 1}, samples.rows().values());
        assertEquals(List.of("-1", "1"), samples.classes());
        assertArrayEquals(new int[] {1, 0, 0}, samples.labels());
        assertEquals(List.of("1", "2", "3", "4"), samples.features());
        assertEquals(List.of(), samples.parts());
    }

    @Test
    void readsPlainAndGzip() {
        final String[] lines = {"+1 1:0.5 4:-2e0 # why", "", "-1", "-1.0 2:1 3:0 "};
        folder.write("a", lines);
        folder.gzip("b.gz", lines);
        good(folder.samples("a"));
        good(folder.samples("b.gz"));
        assertEquals("+1 1:0.5 4:-2e0", folder.samples("a").texts().getFirst());
        assertEquals(folder.of("a") + ":4", folder.samples("a").origins().getLast());
    }

    @Test
    void classesAreSortedAsNumbers() {
        folder.write("a", "10 1:1", "2 1:1", "+2 1:1", "0 1:1");
        final Samples samples = folder.samples("a");
        assertEquals(List.of("0", "2", "10"), samples.classes());
        assertArrayEquals(new int[] {2, 1, 1, 0}, samples.labels());
    }

    @Test
    void countsFromZeroIfAskedTo() {
        folder.write("a", "0 0:1 2:1", "1 1:1");
        assertArrayEquals(
                new int[] {0, 2, 1}, folder.samples("a,first=0").rows().places());
        folder.refusesSamples(
                "a",
                "DIR/a:1: feature \"0:1\": indices begin with 1; if this file counts from 0, add first=0 to the data");
        folder.refusesSamples("a,first=2", "option first=2: must be 0 or 1, the index of the first feature");
    }

    @Test
    void everyMistakeIsOneSentence() {
        refuses(
                "0.5 1:1",
                "label \"0.5\": must be a whole number such as +1, 0 or 7: one class, not several, and no value to be predicted");
        refuses(
                "1,2 1:1",
                "label \"1,2\": must be a whole number such as +1, 0 or 7: one class, not several, and no value to be predicted");
        refuses("1 qid:3 1:1", "feature \"qid:3\": must be INDEX:VALUE, such as 3:0.5; correct it");
        refuses("1 :3", "feature \":3\": must be INDEX:VALUE, such as 3:0.5; correct it");
        refuses("1 3", "feature \"3\": must be INDEX:VALUE, such as 3:0.5; correct it");
        refuses("1 3:x", "feature \"3:x\": value must be a finite number; correct it");
        refuses("1 3:", "feature \"3:\": value must be a finite number; correct it");
        refuses("1 3:NaN", "feature \"3:NaN\": value must be a finite number; correct it");
        refuses("1 3:1e60", "feature \"3:1e60\": value must be a finite number; correct it");
        refuses("1 2:1 2:1", "feature \"2:1\": index 2 comes after 2, must ascend; sort the line's features");
        refuses("1 5:1 2:1", "feature \"2:1\": index 2 comes after 5, must ascend; sort the line's features");
        refuses("1 999999999:1", "feature \"999999999:1\": indices end at 268435456; number the features anew");
    }

    private void refuses(final String line, final String sentence) {
        folder.write("a", "-1 1:1", line);
        folder.refusesSamples("a,format=libsvm", "DIR/a:2: " + sentence);
    }

    @Test
    void refusesFilesThatHoldNothingToLearn() {
        folder.write("a", "# nothing");
        folder.refusesSamples("a,format=libsvm", "a: samples: there are none; give a file that holds labelled samples");
        folder.write("b", "+1 1:1", "1 2:1");
        folder.refusesSamples(
                "b", "b: label \"1\": is the only class of all 2 samples; classification needs at least 2");
        folder.truncated("c.gz", 0.5, "+1 1:1", "-1 2:1", "+1 3:1", "-1 4:1");
        folder.refusesSamples(
                "c.gz,format=libsvm",
                "DIR/c.gz:2: compressed data: end too early; the file is truncated, copy it again");
        folder.write("d", "+1 1:1", "-1 2:1");
        folder.refusesSamples(
                "d,text=x", "option text=x: is unknown to libsvm; known options are encoding, first, format");
        folder.refusesSamples(
                "e",
                "data DIR/e: no such file, folder or known name; known names are glosses, verbs, spam-assassin, mnist,"
                        + " fashion-mnist");
    }

    @Test
    void testSamplesJoinTheirTrainingSamples() {
        folder.write("a", "+1 1:1", "-1 2:1");
        folder.write("t", "-1 3:0.5", "+1 1:2");
        final Samples both = folder.samples("a").withTest(folder.samples("t"));
        assertEquals(List.of(Part.TRAIN, Part.TRAIN, Part.TEST, Part.TEST), both.parts());
        assertArrayEquals(new int[] {1, 0, 0, 1}, both.labels());
        assertArrayEquals(new int[] {0, 1, 2, 3, 4}, both.rows().starts());
        assertArrayEquals(new int[] {0, 1, 2, 0}, both.rows().places());
        assertEquals(3, both.rows().columns());
        assertEquals(List.of("1", "2", "3"), both.features());
        folder.write("u", "3 3:0.5", "1 1:2");
        folder.mistake(
                "u: label \"3\": a has no such label, only -1, 1; give data with the same classes",
                () -> folder.samples("a").withTest(folder.samples("u")));
    }
}
