package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    @Test
    void quotedFieldsMayHoldDelimitersQuotesAndLines() {
        folder.gzip(
                "reviews.csv.gz",
                "id;stars;product;body",
                "1;5;dvd;\"good; very \"\"good\"\"",
                "indeed\"",
                "2;1;cd;bad");
        final Corpus corpus = folder.load("reviews.csv.gz,text=body,label=stars,domain=product,delimiter=;");
        final String file = folder.of("reviews.csv.gz").toString();
        assertEquals(
                List.of(
                        new Example("good; very \"good\"\nindeed", null, "5", "dvd", file + ":2"),
                        new Example("bad", null, "1", "cd", file + ":4")),
                corpus.examples());
    }

    @Test
    void readsTabsPairsAndTheSplit() {
        folder.write("p.tsv", "\uFEFFa\tb\tlabel\tpart", "x\ty\tyes\ttrain", "z\tw\tno\tdev");
        final Corpus corpus = folder.load("p.tsv,text=a,pair=b,split=part");
        assertEquals(List.of(Part.TRAIN, Part.VALIDATION), corpus.parts());
        assertEquals("w", corpus.examples().get(1).pair());
    }

    @Test
    void aFileWithoutHeaderTakesItFromTheOption() {
        folder.write("p.csv", "x,yes", "z,no");
        final Corpus corpus = folder.load("p.csv,header=text|label");
        assertEquals(
                List.of("x", "z"), corpus.examples().stream().map(Example::text).toList());
        folder.refuses(
                "p.csv,header=text|label|domain",
                "DIR/p.csv:1: row: has 2 fields, the header has 3; quote a text that holds the delimiter");
    }

    @Test
    void readsObjectsOneALine() {
        folder.write("t.jsonl", "{\"text\": \"a\", \"label\": true}", "{\"text\": \"b\", \"label\": false}");
        assertEquals(List.of("false", "true"), folder.load("t.jsonl").labels());
    }

    @Test
    void aFileLongerThanAnyBufferIsReadWhole() {
        final StringBuilder rows = new StringBuilder("label,text\n");
        for (int i = 0; i < 20_000; i++) {
            rows.append(i % 3).append(",\"row ").append(i).append(" é\"\n");
        }
        folder.write("long.csv", rows.toString().getBytes(StandardCharsets.UTF_8));
        final Corpus corpus = folder.load("long.csv");
        for (int i = 0; i < 20_000; i++) {
            assertEquals("row " + i + " é", corpus.examples().get(i).text());
        }
        assertEquals(
                folder.of("long.csv") + ":20001", corpus.examples().get(19_999).origin());
    }

    @Test
    void tellsWhatIsWrongAndWhere() {
        folder.write("a.csv", "text,stars", "x,1", "y,2");
        folder.refuses(
                "a.csv",
                "DIR/a.csv:1: label column \"label\": is missing; the columns are text, stars, choose one with label=");
        folder.refuses(
                "a.csv,label=stars,domain=shop",
                "DIR/a.csv:1: domain column \"shop\": is missing; the columns are text, stars, choose one with"
                        + " domain=");
        folder.refuses(
                "a.csv,delimiter=;",
                "DIR/a.csv:1: label column \"label\": is missing; the columns are text,stars, choose one with label=, "
                        + "or the delimiter, now \";\", with delimiter=");
        folder.refuses("a.csv,delimiter=::", "option delimiter=::: must be one character, or the word tab");
        folder.write("b.csv", "text,label", "x,1", "y,z,2");
        folder.refuses(
                "b.csv", "DIR/b.csv:3: row: has 3 fields, the header has 2; quote a text that holds the delimiter");
        folder.write("c.csv", "text,label", "x,1", "y");
        folder.refuses(
                "c.csv", "DIR/c.csv:3: row: has 1 field, the header has 2; quote a text that holds the delimiter");
        folder.write("d.csv", "label,text", "1,\"x", "2,y", "3,z");
        folder.refuses("d.csv", "DIR/d.csv:2: quote: is never closed; close it, or write a quote inside a text twice");
        folder.write("e.csv", "label,text", "1,\"x\"y");
        folder.refuses(
                "e.csv",
                "DIR/e.csv:2: row: unexpected character after closing quote: 'y' (0x79); write a quote inside a quoted"
                        + " text twice");
        folder.write("f.csv", new byte[0]);
        folder.refuses("f.csv", "DIR/f.csv:1: rows: there are none; the first line must name the columns");
        folder.write("g.csv", "label,text,part", "1,x,middle");
        folder.refuses(
                "g.csv,split=part",
                "DIR/g.csv:2: split \"middle\": must be train, validation or test; correct it or leave out split=");
        folder.write("h.csv", "label,text");
        folder.refuses("h.csv", "h.csv: examples: there are none; give a file that holds labelled texts");
    }

    @Test
    void aColumnIsNamedOnce() {
        folder.write("t.csv", "text,note,note,label", "x,,,yes", "y,,,no");
        assertEquals(2, folder.load("t.csv").examples().size());
        folder.write("t.csv", "text,label,text", "x,yes,z", "y,no,z");
        folder.refuses("t.csv", "DIR/t.csv:1: header: names \"text\" twice; rename one of the columns");
    }

    /** What is wrong with the bytes is said once, without a remedy for quotes. */
    @Test
    void brokenBytesAreToldAsSuch() {
        folder.write("b.csv", "text,label\nx,yes\ny\u00e9,no\n".getBytes(StandardCharsets.ISO_8859_1));
        folder.refuses(
                "b.csv",
                "DIR/b.csv:3: text: bytes e9 are not UTF-8; convert the file to UTF-8 or name its encoding, such as"
                        + " encoding=windows-1252");
        folder.truncated("b.csv.gz", 0.5, "text,label", "a fine day in the room,yes", "a cold day in the hall,no");
        folder.refuses(
                "b.csv.gz", "DIR/b.csv.gz:1: compressed data: end too early; the file is truncated, copy it again");
    }
}
