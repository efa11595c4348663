package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextReaderTest {
    /** Gives a few bytes at a time, so that characters and lines fall across reads. */
    private static InputStream trickling(final byte[] bytes, final Random random) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(final byte[] target, final int offset, final int length) {
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(3)));
            }
        };
    }

    @Test
    void readsTheSameInAnyPieces() throws IOException {
        final long seed = Long.getLong("borep.seed", 7);
        final Random random = new Random(seed);
        for (int trial = 0; trial < 200; trial++) {
            final StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append(List.of("a", "\n", "é", "€", "😀", " ").get(random.nextInt(6)));
            }
            final byte[] bytes = ("\uFEFF" + text).getBytes(StandardCharsets.UTF_8);
            final TextReader reader = new TextReader(trickling(bytes, random), "f", StandardCharsets.UTF_8);
            final StringBuilder read = new StringBuilder();
            final char[] buffer = new char[10];
            while (true) {
                final int offset = random.nextInt(5);
                final int count = reader.read(buffer, offset, 2 + random.nextInt(4));
                if (count < 0) {
                    break;
                }
                read.append(buffer, offset, count);
            }
            assertEquals(text.toString(), read.toString(), "seed " + seed + ", trial " + trial);
            assertEquals(
                    1 + text.chars().filter(c -> c == '\n').count(),
                    reader.line(),
                    "seed " + seed + ", trial " + trial);
        }
    }

    @Test
    void theLineOfABadByteIsExact() {
        final byte[] bytes = "one\ntwo\nth?ee\n".getBytes(StandardCharsets.UTF_8);
        bytes[10] = (byte) 0xc3;
        final TextReader reader = new TextReader(new ByteArrayInputStream(bytes), "f", StandardCharsets.UTF_8);
        final DataException mistake = assertThrows(DataException.class, () -> reader.transferTo(new StringWriter()));
        assertEquals(
                "f:3: text: bytes c3 are not UTF-8; convert the file to UTF-8 or name its encoding, such as"
                        + " encoding=windows-1252",
                mistake.getMessage());
    }

    @Test
    void brokenFilesBecomeOneSentence(@TempDir final Path temp) {
        final Folder folder = new Folder(temp);
        folder.truncated("cut.gz", 0.1, "text");
        folder.mistake(
                "DIR/cut.gz:1: compressed data: end too early; the file is truncated, copy it again",
                () -> TextReader.open(folder.of("cut.gz")));
        final byte[] damaged = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f};
        folder.write("bad.gz", damaged);
        folder.mistake(
                "DIR/bad.gz:1: compressed data: are damaged (invalid block type); copy the file again",
                () -> TextReader.open(folder.of("bad.gz")).transferTo(new StringWriter()));
        folder.mistake("DIR: is a folder; give a file", () -> TextReader.open(temp));
        folder.mistake("DIR/none: no such file; check the path", () -> TextReader.open(folder.of("none")));
    }
}
