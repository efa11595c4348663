package borep.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Brings sets of the {@link Catalogue} into the cache. Everything happens in a folder of its own beside the target,
 * which is renamed when it is complete and verified: a set in the cache is whole, whatever was interrupted.
 */
public final class Fetcher {
    private static final int BUFFER = 1 << 16;
    private static final String UNFINISHED = ".fetching-";

    private final Path cache;
    private final Downloader downloader;
    private final Consumer<String> progress;

    /** How a package's file gets into a folder. */
    @FunctionalInterface
    interface Downloader {
        /** Brings the file of {@code entry} into the empty folder. */
        void download(Catalogue.Entry entry, Path folder) throws IOException;
    }

    Fetcher(final Path cache, final Downloader downloader, final Consumer<String> progress) {
        this.cache = cache;
        this.downloader = downloader;
        this.progress = progress;
    }

    /** Fetches with the machine's clients; {@code progress} takes one line after the other. */
    public Fetcher(final Path cache, final Consumer<String> progress) {
        this(cache, Fetcher::byClient, progress);
    }

    /**
     * Brings a set into the cache; does nothing if it is there.
     *
     * @return the folder that holds it
     * @throws DataException if the client is missing or fails, or the file is not the pinned one; nothing is left
     * behind then
     */
    public Path fetch(final Catalogue.Entry entry) {
        final Path target = entry.folder(cache);
        if (Files.isDirectory(target)) {
            progress.accept(entry.name() + ": is in " + target);
            return target;
        }
        Path work = null;
        try {
            Files.createDirectories(cache);
            removeLeftovers();
            work = Files.createTempDirectory(
                    cache, UNFINISHED + ProcessHandle.current().pid() + "-");
            final Path download = Files.createDirectory(work.resolve("download"));
            progress.accept(String.format(
                    Locale.ROOT,
                    "%s: fetching %s with %s (%.1f MB)",
                    entry.name(),
                    entry.coordinates(),
                    entry.client().command(),
                    entry.bytes() / 1e6));
            downloader.download(entry, download);
            final Path artifact = verified(entry, download);
            progress.accept(entry.name() + ": checksum verified, unpacking");
            final Path ready = Files.createDirectory(work.resolve("ready"));
            entry.unpacking().unpack(artifact, ready);
            moveInto(ready, target);
            progress.accept(entry.name() + ": ready in " + target);
            return target;
        } catch (final IOException failure) {
            throw new DataException(
                    cache + ": cannot be written: " + DataException.reason(failure)
                            + "; make room or name another folder with BOREP_CACHE",
                    failure);
        } finally {
            delete(work);
        }
    }

    /** Removes what processes left that were stopped while fetching. */
    private void removeLeftovers() throws IOException {
        try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(cache, UNFINISHED + "*")) {
            for (final Path folder : unfinished) {
                final String pid = folder.getFileName()
                        .toString()
                        .substring(UNFINISHED.length())
                        .replaceFirst("-.*", "");
                if (pid.matches("\\d{1,18}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    delete(folder);
                }
            }
        }
    }

    private static Path verified(final Catalogue.Entry entry, final Path download) throws IOException {
        final List<Path> files = Glimpse.list(download);
        if (files.size() != 1) {
            throw new DataException(entry.name() + ": " + entry.client().command() + " brought " + files.size()
                    + " files, 1 was expected; try again");
        }
        final String sha256 = sha256(files.get(0));
        if (!sha256.equals(entry.sha256())) {
            throw new DataException(entry.name() + ": file " + files.get(0).getFileName() + ": has sha256 " + sha256
                    + ", must have " + entry.sha256() + "; it was removed, try again later");
        }
        return files.get(0);
    }

    /** Another process may have been faster: its folder is as good. */
    private static void moveInto(final Path ready, final Path target) throws IOException {
        try {
            Files.move(ready, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (final IOException failure) {
            if (!Files.isDirectory(target)) {
                throw failure;
            }
        }
    }

    private static void byClient(final Catalogue.Entry entry, final Path folder) throws IOException {
        final Client client = entry.client();
        try {
            Processes.run(client.download(entry.coordinates()), folder, client.remedy());
        } catch (final DataException failure) {
            if (client.refresh().isEmpty() || failure.getMessage().contains("is not installed")) {
                throw failure;
            }
            Processes.run(client.refresh(), folder, client.remedy());
            Processes.run(client.download(entry.coordinates()), folder, client.remedy());
        }
    }

    /** The checksum of a file in lower-case hexadecimal. */
    static String sha256(final Path file) throws IOException {
        final MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
        try (InputStream in = Files.newInputStream(file)) {
            final byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void delete(final Path tree) {
        if (tree == null) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (final IOException failure) {
            throw new DataException(
                    tree + ": cannot be removed: " + DataException.reason(failure) + "; delete it by hand", failure);
        }
    }
}
