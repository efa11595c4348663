package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferSentLayoutTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    private void part(final String part, final String... labels) {
        final String[] first = new String[labels.length];
        final String[] second = new String[labels.length];
        for (int i = 0; i < labels.length; i++) {
            first[i] = part + " premise " + i;
            second[i] = part + " hypothesis " + i;
        }
        folder.write("nli/s1." + part, first);
        folder.gzip("nli/s2." + part + ".gz", second);
        folder.write("nli/labels." + part, labels);
    }

    @Test
    void partsAreTheSplit() {
        part("train", "entailment", "neutral");
        part("dev", "neutral");
        part("test", "entailment");
        final Corpus corpus = folder.load("nli");
        assertEquals(List.of(Part.TRAIN, Part.TRAIN, Part.VALIDATION, Part.TEST), corpus.parts());
        assertEquals(
                new Example("dev premise 0", "dev hypothesis 0", "neutral", null, folder.of("nli/s1.dev") + ":1"),
                corpus.examples().get(2));
    }

    @Test
    void filesMustBeComplete() {
        part("train", "entailment", "neutral");
        folder.write("nli/labels.train", "entailment");
        folder.refuses(
                "nli",
                "DIR/nli/labels.train:2: line 2: is missing; s1.train, s2.train and labels.train must have equally"
                        + " many lines");
        folder.write("nli/labels.test", "entailment");
        part("train", "entailment", "neutral");
        folder.refuses("nli", "DIR/nli: file s1.test: is missing beside labels.test; add it");
        folder.write("other/labels.all", "x");
        folder.write("other/s1.all", "x");
        folder.refuses(
                "other",
                "DIR/other: files labels.train, labels.dev, labels.test: none is there; "
                        + "give the folder that holds them beside s1.* and s2.*");
    }
}
