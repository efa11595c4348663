package borep.experiment;

import borep.data.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A folder that one run alone may write to. The operating system lets go of it even if the process is killed. */
final class FolderLock implements AutoCloseable {
    /** The locked file. It stays: were it removed, who has it open already and who makes it anew would both have a lock. */
    static final String FILE = ".lock";
    /** What this process holds: to close a second channel on the file would end the first one's lock. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(final Path folder, final FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Locks a folder.
     *
     * @throws DataException if another run has locked it, or nothing can be locked in it
     */
    static FolderLock of(final Path folder) {
        final Path file = folder.resolve(FILE);
        try {
            final Path real = folder.toRealPath();
            if (!HELD.add(real)) {
                throw taken(folder);
            }
            FileChannel channel = null;
            boolean locked = false;
            try {
                channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                locked = channel.tryLock() != null;
            } finally {
                if (!locked) {
                    HELD.remove(real);
                    if (channel != null) {
                        channel.close();
                    }
                }
            }
            if (!locked) {
                throw taken(folder);
            }
            return new FolderLock(real, channel);
        } catch (IOException e) {
            throw RunDirectory.unwritable(file, e);
        }
    }

    private static DataException taken(final Path folder) {
        return new DataException(folder + ": another run is at work in it; wait until it has ended, or stop it");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            HELD.remove(folder);
        }
    }
}
