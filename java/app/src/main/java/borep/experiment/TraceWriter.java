package borep.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Appends one JSON object a line to a trace, flushed, so that a killed run leaves all but its last line whole. */
final class TraceWriter implements AutoCloseable {
    private final Path path;
    private final BufferedWriter writer;

    TraceWriter(final Path path) {
        this.path = path;
        try {
            writer = Files.newBufferedWriter(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
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

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw RunDirectory.unwritable(path, e);
        }
    }
}
