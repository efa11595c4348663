package borep.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Pictures in the IDX format of MNIST and its relatives: a file of pictures ({@code …-images-idx3-ubyte}) and one of labels
 * ({@code …-labels-idx1-ubyte}) of the same beginning. The path is a folder with one or more such pairs, or one file of pictures. Files
 * that begin with train hold the training samples, those with t10k or test the test samples. Pixels become numbers in [0, 1].
 */
final class IdxPictures implements SampleFormat {
    private static final int PICTURES = 0x0803; // unsigned bytes, 3 dimensions
    private static final int LABELS = 0x0801; // unsigned bytes, 1 dimension
    private static final float BRIGHTEST = 255;
    private static final long MOST_BYTES = Integer.MAX_VALUE - 8L;

    @Override
    public String name() {
        return "idx";
    }

    @Override
    public String summary() {
        return "pictures as of MNIST: folder of NAME-images-idx3-ubyte and NAME-labels-idx1-ubyte, or one file of pictures";
    }

    @Override
    public List<String> options() {
        return List.of();
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        return glimpse.isFolder()
                ? glimpse.children().stream().anyMatch(IdxPictures::isPictures)
                : isPictures(glimpse.name());
    }

    private static boolean isPictures(final String name) {
        return name.contains("images") && name.contains("idx3");
    }

    @Override
    public Samples read(final Path path, final Options options, final String name) {
        final List<Path> files = Files.isDirectory(path)
                ? Glimpse.list(path).stream()
                        .filter(file -> isPictures(Glimpse.plain(file)))
                        .toList()
                : List.of(path);
        if (files.isEmpty()) {
            throw new DataException(
                    path + ": files NAME-images-idx3-ubyte: there are none; give a folder that holds some");
        }
        final SamplesBuilder samples = new SamplesBuilder(name);
        Samples.Picture size = null;
        for (final Path file : files) {
            final Samples.Picture own = read(file, samples);
            if (size != null && !size.equals(own)) {
                throw new DataException(file + ": pictures of " + own.height() + " x " + own.width()
                        + ": those before have " + size.height() + " x " + size.width() + "; give files of one size");
            }
            size = own;
        }
        return samples.build(pixels(size), size);
    }

    private static List<String> pixels(final Samples.Picture size) {
        final String[] names = new String[size.height() * size.width()];
        for (int i = 0; i < names.length; i++) {
            names[i] = "pixel " + i / size.width() + ", " + i % size.width();
        }
        return List.of(names);
    }

    private static Samples.Picture read(final Path file, final SamplesBuilder samples) {
        final Array pictures = Array.read(file, PICTURES);
        final Path labelFile = labelsOf(file);
        final Array labels = Array.read(labelFile, LABELS);
        final int count = pictures.sizes[0];
        if (labels.sizes[0] != count) {
            throw new DataException(labelFile + ": " + labels.sizes[0] + " labels: " + file + " has " + count
                    + " pictures, must be equally many; give the files that belong together");
        }
        final Samples.Picture size = new Samples.Picture(pictures.sizes[1], pictures.sizes[2]);
        final int pixels = size.height() * size.width();
        final Part part = part(Glimpse.plain(file));
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < pixels; j++) {
                samples.add(j, Byte.toUnsignedInt(pictures.bytes[i * pixels + j]) / BRIGHTEST);
            }
            samples.end(
                    Integer.toString(Byte.toUnsignedInt(labels.bytes[i])),
                    part,
                    "",
                    file.getFileName() + ", picture " + (i + 1));
        }
        return size;
    }

    private static Part part(final String name) {
        return name.startsWith("train")
                ? Part.TRAIN
                : name.startsWith("t10k") || name.startsWith("test") ? Part.TEST : null;
    }

    /** The labels beside a file of pictures, zipped or not. */
    private static Path labelsOf(final Path pictures) {
        final String wanted =
                Glimpse.plain(pictures).replace("images", "labels").replace("idx3", "idx1");
        final Path folder = pictures.toAbsolutePath().getParent();
        return Glimpse.list(folder).stream()
                .filter(file -> Glimpse.plain(file).equals(wanted))
                .findFirst()
                .map(file -> pictures.resolveSibling(file.getFileName()))
                .orElseThrow(() -> new DataException(
                        pictures + ": labels: there is no file " + wanted + " beside it, plain or .gz; put it there"));
    }

    /** An IDX file: its sizes, and its bytes with the last index fastest. */
    private record Array(int[] sizes, byte[] bytes) {
        /** @param magic what the file must begin with: the type of its numbers and how many dimensions there are */
        static Array read(final Path file, final int magic) {
            try (InputStream in = TextReader.openBytes(file)) {
                final int found = word(in, file);
                if (found != magic) {
                    throw new DataException(String.format(
                            Locale.ROOT,
                            "%s: begins with %08x: must be %08x, %s; give an IDX file of unsigned bytes",
                            file,
                            found,
                            magic,
                            magic == PICTURES ? "pictures" : "labels"));
                }
                final int[] sizes = new int[magic & 0xFF];
                long promised = 1;
                for (int d = 0; d < sizes.length; d++) {
                    sizes[d] = word(in, file);
                    if (sizes[d] < 1) {
                        throw new DataException(file + ": size " + Integer.toUnsignedString(sizes[d]) + " of dimension "
                                + (d + 1) + ": must be at least 1; the file is damaged, copy it again");
                    }
                    promised = Math.min(promised * sizes[d], 2 * MOST_BYTES); // a third factor cannot overflow
                }
                if (promised > MOST_BYTES) {
                    throw new DataException(file + ": promises " + sizes[0] + " pictures of " + sizes[1] + " x "
                            + sizes[2] + ": more than an array holds; the file is damaged, copy it again, or split it");
                }
                final byte[] bytes = in.readNBytes((int) promised);
                final boolean isMore = in.read() >= 0;
                if (bytes.length < promised || isMore) {
                    throw new DataException(file + ": holds " + (isMore ? "more than " : "") + bytes.length
                            + " bytes of data, its header promises " + promised
                            + "; the file is damaged, copy it again");
                }
                return new Array(sizes, bytes);
            } catch (final EOFException end) {
                throw TextReader.truncated(file.toString(), 1, end);
            } catch (final IOException failure) {
                throw TextReader.unreadable(file.toString(), 1, failure);
            }
        }

        private static int word(final InputStream in, final Path file) throws IOException {
            final byte[] bytes = in.readNBytes(Integer.BYTES);
            if (bytes.length < Integer.BYTES) {
                throw new DataException(file + ": ends within its header; the file is truncated, copy it again");
            }
            int word = 0;
            for (final byte one : bytes) {
                word = word << Byte.SIZE | Byte.toUnsignedInt(one);
            }
            return word;
        }
    }
}
