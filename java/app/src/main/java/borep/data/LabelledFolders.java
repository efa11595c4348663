package borep.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * One file a text, one folder a class: {@code pos/cv000.txt}, {@code neg/cv001.txt}, in a folder or a zip file. Folders
 * train, test and validation above the classes are the split. Files outside a class's folder (a README) are not texts.
 */
final class LabelledFolders implements Format {
    @Override
    public String name() {
        return "folders";
    }

    @Override
    public String summary() {
        return "one file a text, one subfolder a class, in a folder or zip file; train/ and test/ above them are the"
                + " split";
    }

    @Override
    public List<String> options() {
        return List.of();
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        return glimpse.name().endsWith(".zip")
                || glimpse.isFolder() && Glimpse.list(glimpse.path()).stream().anyMatch(Files::isDirectory);
    }

    @Override
    public void read(final Path path, final Options options, final CorpusBuilder corpus) {
        if (Files.isDirectory(path)) {
            readFolder(path, options.encoding(), corpus);
        } else {
            readZip(path, options.encoding(), corpus);
        }
    }

    private static void readFolder(final Path folder, final Charset charset, final CorpusBuilder corpus) {
        final List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (final IOException failure) {
            throw new DataException(
                    folder + ": cannot be listed: " + DataException.reason(failure) + "; check the folder's rights",
                    failure);
        }
        for (final Path file : files) {
            final Place place = Place.of(folder.relativize(file).toString().replace('\\', '/'));
            if (place != null) {
                try (InputStream in = TextReader.openBytes(file)) {
                    add(in, file.toString(), file + ":1", place, charset, corpus);
                } catch (final IOException failure) {
                    throw TextReader.unreadable(file.toString(), 1, failure);
                }
            }
        }
    }

    private static void readZip(final Path path, final Charset charset, final CorpusBuilder corpus) {
        try (ZipFile zip = new ZipFile(path.toFile())) {
            final List<ZipEntry> entries = new ArrayList<>();
            for (final Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
                final ZipEntry entry = all.nextElement();
                if (!entry.isDirectory() && !entry.getName().startsWith("__MACOSX/")) {
                    entries.add(entry);
                }
            }
            entries.sort(Comparator.comparing(ZipEntry::getName));
            final int root = commonFolder(entries);
            for (final ZipEntry entry : entries) {
                final Place place = Place.of(entry.getName().substring(root));
                if (place != null) {
                    final String origin = path + ", entry " + entry.getName();
                    try (InputStream in = zip.getInputStream(entry)) {
                        add(in, origin, origin, place, charset, corpus);
                    }
                }
            }
        } catch (final ZipException damaged) {
            throw new DataException(
                    path + ": zip file: is damaged or truncated (" + damaged.getMessage() + "); copy it again",
                    damaged);
        } catch (final IOException failure) {
            throw Files.exists(path)
                    ? TextReader.unreadable(path.toString(), 1, failure)
                    : new DataException(path + ": no such file; check the path");
        }
    }

    private static void add(
            final InputStream in,
            final String name,
            final String origin,
            final Place place,
            final Charset charset,
            final CorpusBuilder corpus)
            throws IOException {
        final StringWriter text = new StringWriter();
        try (Reader reader = new TextReader(in, name, charset)) {
            reader.transferTo(text);
        }
        corpus.add(new Example(text.toString(), null, place.label(), null, origin), place.part());
    }

    /** Length of the longest leading folder that all entries share. */
    private static int commonFolder(final List<ZipEntry> entries) {
        String common = entries.isEmpty() ? "" : entries.get(0).getName();
        for (final ZipEntry entry : entries) {
            while (!entry.getName().startsWith(common)) {
                common = common.substring(0, common.length() - 1);
            }
        }
        return common.lastIndexOf('/') + 1;
    }

    /** Label and part of a file from its path below the root. */
    private record Place(String label, Part part) {
        /** Null for a file that is not in a class's folder. */
        static Place of(final String path) {
            final String[] names = path.split("/");
            final Part part = Part.named(names[0]);
            final int folders = names.length - 1 - (part == null ? 0 : 1);
            return folders < 1 ? null : new Place(names[part == null ? 0 : 1], part);
        }
    }
}
