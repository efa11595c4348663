package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSpecTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    @Test
    void separatesPathAndOptions() {
        final DataSpec spec = DataSpec.parse("my, folder/a.csv,text=body,delimiter=,,label=x=y");
        assertEquals("my, folder/a.csv", spec.source());
        assertEquals(Map.of("text", "body", "delimiter", ",", "label", "x=y"), spec.options());
        assertEquals("my, folder/a.csv,text=body,delimiter=,,label=x=y", spec.toString());
    }

    @Test
    void labelsSayWhichAndInWhatOrder() {
        folder.write("a.csv", "text,label", "x,good", "y,bad");
        assertEquals(
                List.of("good", "bad"), folder.load("a.csv,labels=good|bad").labels());
        folder.refuses(
                "a.csv,labels=good|poor",
                "DIR/a.csv:3: label \"bad\": is unknown; the labels are good, poor, correct it or change labels=");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        folder.write("a.csv", "text,label", "x,good", "y,bad");
        folder.refuses(
                "a.csv,txt=body",
                "option txt=body: is unknown to table; known options are "
                        + "delimiter, domain, encoding, format, header, label, labels, pair, skipEmpty, split, text");
        folder.refuses(
                "a.csv,format=excel",
                "format excel: is unknown; known formats are infersent, leaf, snli, reviews, table, lines, folders,"
                        + " spam-assassin");
        folder.write("a.bin", "x");
        folder.refuses(
                "a.bin",
                "DIR/a.bin: format: is not recognised; name it with format= and one of "
                        + "infersent, leaf, snli, reviews, table, lines, folders, spam-assassin");
        folder.refusesSamples(
                "a.bin",
                "DIR/a.bin: format: is not recognised; name it with format= and one of "
                        + "idx, libsvm, infersent, leaf, snli, reviews, table, lines, folders, spam-assassin");
        folder.refuses("a.csv,skipEmpty=yes", "option skipEmpty=yes: must be true or false");
        folder.mistake(
                "data \"a.csv,text=x,text=y\": option text: is given twice; give it once",
                () -> DataSpec.parse("a.csv,text=x,text=y"));
        folder.mistake(
                "data \"\": must begin with a name or path; known names are glosses, verbs, spam-assassin",
                () -> DataSpec.parse(""));
        folder.mistake(
                "data glosses,text=x: options are for files; give glosses without them",
                () -> DataSpec.parse("glosses,text=x").load());
    }

    @Test
    void missingDataAreNamedWithTheKnownOnes() {
        folder.refuses(
                "b.csv",
                "data DIR/b.csv: no such file, folder or known name; known names are glosses, verbs, spam-assassin");
        folder.refuses("b.csv,format=table", "DIR/b.csv: no such file; check the path");
    }

    @Test
    void everyFormatIsListedWithASummary() {
        assertEquals(Formats.ALL.size(), DataSpec.formats().size());
        DataSpec.formats().values().forEach(summary -> assertTrue(summary.length() > 20, summary));
    }
}
