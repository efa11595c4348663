package borep.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxPicturesTest {
    private static final int PICTURES = 0x0803;
    private static final int LABELS = 0x0801;

    @TempDir
    private Path temp;

    private Folder folder;

    @BeforeEach
    void open() {
        folder = new Folder(temp);
    }

    private static byte[] idx(final int magic, final int[] sizes, final int... data) {
        final ByteBuffer bytes = ByteBuffer.allocate(4 * (1 + sizes.length) + data.length);
        bytes.putInt(magic);
        Arrays.stream(sizes).forEach(bytes::putInt);
        Arrays.stream(data).forEach(value -> bytes.put((byte) value));
        return bytes.array();
    }

    private static byte[] zipped(final byte[] bytes) {
        final ByteArrayOutputStream to = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(to)) {
            out.write(bytes);
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return to.toByteArray();
    }

    private static final int[] TWO_OF_1X3 = {2, 1, 3};
    private static final byte[] GOOD = idx(PICTURES, TWO_OF_1X3, 0, 255, 51, 0, 0, 102);
    private static final byte[] GOOD_LABELS = idx(LABELS, new int[] {2}, 7, 3);

    @Test
    void readsAFolderWithItsParts() {
        folder.write("m/train-images-idx3-ubyte", GOOD);
        folder.write("m/train-labels-idx1-ubyte", GOOD_LABELS);
        folder.write("m/t10k-images.idx3-ubyte.gz", zipped(idx(PICTURES, new int[] {1, 1, 3}, 1, 0, 0)));
        folder.write("m/t10k-labels.idx1-ubyte.gz", zipped(idx(LABELS, new int[] {1}, 3)));
        folder.write("m/LICENSE", "free");
        final Samples samples = folder.samples("m");
        assertEquals("m", samples.name());
        assertEquals(List.of(Part.TEST, Part.TRAIN, Part.TRAIN), samples.parts());
        assertEquals(List.of("3", "7"), samples.classes());
        assertArrayEquals(new int[] {0, 1, 0}, samples.labels());
        assertArrayEquals(new int[] {0, 1, 3, 4}, samples.rows().starts());
        assertArrayEquals(new int[] {0, 1, 2, 2}, samples.rows().places());
        assertArrayEquals(new float[] {1 / 255f, 1, 0.2f, 0.4f}, samples.rows().values());
        assertEquals(new Samples.Picture(1, 3), samples.picture());
        assertEquals("pixel 0, 2", samples.features().getLast());
        assertEquals("train-images-idx3-ubyte, picture 2", samples.origins().getLast());
    }

    @Test
    void readsOneFileOfPictures() {
        folder.write("digits-images-idx3-ubyte", GOOD);
        folder.write("digits-labels-idx1-ubyte.gz", zipped(GOOD_LABELS));
        final Samples samples = folder.samples("digits-images-idx3-ubyte");
        assertEquals(2, samples.size());
        assertEquals(List.of(), samples.parts());
    }

    @Test
    void everyBrokenFileIsOneSentence() {
        broken(
                idx(0x0d03, TWO_OF_1X3, 0, 0),
                "begins with 00000d03: must be 00000803, pictures; give an IDX file of unsigned bytes");
        broken(Arrays.copyOf(GOOD, 3), "ends within its header; the file is truncated, copy it again");
        broken(Arrays.copyOf(GOOD, 9), "ends within its header; the file is truncated, copy it again");
        broken(new byte[0], "ends within its header; the file is truncated, copy it again");
        broken(
                Arrays.copyOf(GOOD, GOOD.length - 1),
                "holds 5 bytes of data, its header promises 6; the file is damaged, copy it again");
        broken(
                Arrays.copyOf(GOOD, GOOD.length + 1),
                "holds more than 6 bytes of data, its header promises 6; the file is damaged, copy it again");
        broken(
                idx(PICTURES, new int[] {2, 0, 3}),
                "size 0 of dimension 2: must be at least 1; the file is damaged, copy it again");
        broken(
                idx(PICTURES, new int[] {-1, 28, 28}),
                "size 4294967295 of dimension 1: must be at least 1; the file is damaged, copy it again");
        broken(
                idx(PICTURES, new int[] {2_000_000_000, 2_000_000_000, 2_000_000_000}),
                "promises 2000000000 pictures of 2000000000 x 2000000000: more than an array holds; the file is damaged,"
                        + " copy it again, or split it");
    }

    @Test
    void brokenCompressionIsOneSentence() {
        final byte[] damaged = zipped(GOOD_LABELS);
        damaged[damaged.length - 5] ^= 1;
        brokenLabels(Arrays.copyOf(damaged, 20), "end too early; the file is truncated, copy it again");
        brokenLabels(damaged, "are damaged (Corrupt GZIP trailer); copy the file again");
    }

    private void brokenLabels(final byte[] labels, final String sentence) {
        folder.write("x-images-idx3-ubyte", GOOD);
        folder.write("x-labels-idx1-ubyte.gz", labels);
        folder.refusesSamples("x-images-idx3-ubyte", "DIR/x-labels-idx1-ubyte.gz:1: compressed data: " + sentence);
    }

    private void broken(final byte[] pictures, final String sentence) {
        folder.write("x-images-idx3-ubyte", pictures);
        folder.write("x-labels-idx1-ubyte", GOOD_LABELS);
        folder.refusesSamples("x-images-idx3-ubyte", "DIR/x-images-idx3-ubyte: " + sentence);
    }

    @Test
    void picturesAndLabelsMustBelongTogether() {
        folder.write("x-images-idx3-ubyte", GOOD);
        folder.refusesSamples(
                "x-images-idx3-ubyte",
                "DIR/x-images-idx3-ubyte: labels: there is no file x-labels-idx1-ubyte beside it, plain or .gz; put it there");
        folder.write("x-labels-idx1-ubyte", idx(LABELS, new int[] {3}, 1, 2, 3));
        folder.refusesSamples(
                "x-images-idx3-ubyte",
                "DIR/x-labels-idx1-ubyte: 3 labels: DIR/x-images-idx3-ubyte has 2 pictures, must be equally many; give the"
                        + " files that belong together");
        folder.write("x-labels-idx1-ubyte", GOOD);
        folder.refusesSamples(
                "x-images-idx3-ubyte",
                "DIR/x-labels-idx1-ubyte: begins with 00000803: must be 00000801, labels; give an IDX file of unsigned bytes");
        folder.write("x-labels-idx1-ubyte", GOOD_LABELS);
        folder.write("y-images-idx3-ubyte", idx(PICTURES, new int[] {2, 3, 1}, 0, 0, 0, 0, 0, 0));
        folder.write("y-labels-idx1-ubyte", GOOD_LABELS);
        folder.refusesSamples(
                "", "DIR/y-images-idx3-ubyte: pictures of 3 x 1: those before have 1 x 3; give files of one size");
        folder.write("e/readme", "x");
        folder.refusesSamples(
                "e,format=idx", "DIR/e: files NAME-images-idx3-ubyte: there are none; give a folder that holds some");
    }
}
