package borep.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What of a fetched package is kept in the cache, and in which form. */
@FunctionalInterface
public interface Unpacking {
    /** Puts what is kept of {@code artifact} into the empty folder {@code into}. */
    void unpack(Path artifact, Path into) throws IOException;

    /** The package's file itself, under this name. */
    static Unpacking asIs(final String name) {
        return (artifact, into) -> Files.copy(artifact, into.resolve(name));
    }

    /** The files of a tar archive that lie directly in this folder. */
    static Unpacking tar(final String folder) {
        return (artifact, into) -> {
            try (TarReader archive = new TarReader(artifact)) {
                for (String name = archive.next(); name != null; name = archive.next()) {
                    if (name.startsWith(folder) && name.indexOf('/', folder.length()) < 0) {
                        try (InputStream in = archive.stream()) {
                            Files.copy(in, into.resolve(name.substring(folder.length())));
                        }
                    }
                }
            }
        };
    }

    /** The files of a Debian package that lie directly in this folder; dpkg unpacks, it is wherever apt-get is. */
    static Unpacking deb(final String folder) {
        return (artifact, into) -> {
            final Path tree = Files.createTempDirectory(into.toAbsolutePath().getParent(), "deb");
            Processes.run(List.of("dpkg-deb", "--extract", artifact.toString(), tree.toString()), tree, "dpkg");
            for (final Path file : Glimpse.list(tree.resolve(folder))) {
                Files.move(file, into.resolve(file.getFileName()));
            }
        };
    }
}
