package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnliJsonTest {
    private static final String NEUTRAL =
            "{\"gold_label\": \"neutral\", \"sentence1\": \"A man.\", \"sentence2\": \"A tall man.\"}";
    private static final String ENTAILED =
            "{\"gold_label\": \"entailment\", \"sentence1\": \"A man.\", \"sentence2\": \"A person.\"}";
    private static final String UNDECIDED =
            "{\"gold_label\": \"-\", \"sentence1\": \"A man.\", \"sentence2\": \"A boy.\"}";

    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    @Test
    void leavesOutUndecidedPairsAndCountsThem() {
        folder.write("pairs.jsonl", NEUTRAL, UNDECIDED, ENTAILED, UNDECIDED);
        final Corpus corpus = folder.load("pairs.jsonl");
        final String file = folder.of("pairs.jsonl").toString();
        assertEquals(
                List.of(
                        new Example("A man.", "A tall man.", "neutral", null, file + ":1"),
                        new Example("A man.", "A person.", "entailment", null, file + ":3")),
                corpus.examples());
        assertEquals(List.of("2 left out: pairs without a gold label"), corpus.notes());
        assertEquals(List.of("entailment", "neutral"), corpus.labels());
    }

    @Test
    void readsPremiseAndHypothesis() {
        folder.gzip(
                "pairs.jsonl.gz",
                "{\"premise\": \"p\", \"hypothesis\": \"h\", \"label\": 0}",
                "{\"premise\": \"p\", \"hypothesis\": \"h2\", \"label\": 2}",
                "{\"premise\": \"p\", \"hypothesis\": \"h3\", \"label\": -1}");
        final Corpus corpus = folder.load("pairs.jsonl.gz");
        assertEquals(2, corpus.size());
        assertEquals("h2", corpus.examples().get(1).pair());
        assertEquals(List.of("0", "2"), corpus.labels());
    }

    @Test
    void aFolderOfPartsIsASplit() {
        folder.write("snli/snli_1.0_train.jsonl", NEUTRAL, ENTAILED);
        folder.write("snli/snli_1.0_dev.jsonl", ENTAILED);
        folder.write("snli/snli_1.0_test.jsonl", NEUTRAL);
        assertEquals(
                List.of(Part.VALIDATION, Part.TEST, Part.TRAIN, Part.TRAIN),
                folder.load("snli").parts());
    }

    @Test
    void tellsWhatIsWrongAndWhere() {
        folder.write("a.jsonl", NEUTRAL, "{\"gold_label\": \"neutral\", \"sentence1\": \"A man.\"}");
        folder.refuses(
                "a.jsonl",
                "DIR/a.jsonl:2: field \"hypothesis\": is missing; the fields are gold_label, sentence1, correct the"
                        + " row");
        folder.write("b.jsonl", NEUTRAL, NEUTRAL);
        folder.refuses(
                "b.jsonl",
                "b.jsonl: label \"neutral\": is the only class of all 2 examples; classification needs at least 2");
        folder.write("c.jsonl", UNDECIDED);
        folder.refuses(
                "c.jsonl",
                "c.jsonl: examples: there are none (left out: 1 left out: pairs without a gold label); "
                        + "give a file that holds labelled texts");
        folder.write("d.jsonl", NEUTRAL, "[1]");
        folder.refuses("d.jsonl", "DIR/d.jsonl:2: list: must be an object, one a line; correct it");
        folder.truncated("e.jsonl.gz", 0.8, NEUTRAL, ENTAILED, UNDECIDED, NEUTRAL);
        folder.mistake(
                "DIR/e.jsonl.gz:2: compressed data: end too early; the file is truncated, copy it again",
                () -> folder.load("e.jsonl.gz,format=snli"));
    }
}
