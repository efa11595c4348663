package borep.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Appends one JSON object a line to a trace, flushed, so that a killed run leaves all but its last line whole. */
final class TraceWriter implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final BufferedWriter writer;

    TraceWriter(final Path path) {
        this.path = path;
        try {
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw RunDirectory.unwritable(path, e);
        }
    }

    void write(final ObjectNode line) {
        try {
            writer.write(RunDirectory.LINE.writeValueAsString(line));
            writer.write('\n');
            writer.flush();
        } catch (IOException e) {
            throw RunDirectory.unwritable(path, e);
        }
    }

    /** Returns when all lines are on the disk. */
    void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw RunDirectory.unwritable(path, e);
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw RunDirectory.unwritable(path, e);
        }
    }
}
