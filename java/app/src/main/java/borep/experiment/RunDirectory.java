package borep.experiment;

import borep.data.DataException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The folder of a run and its files. Whole files are replaced atomically; traces grow line by line. */
public final class RunDirectory {
    static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    static final ObjectMapper LINE = new ObjectMapper();
    private static final String TRACE_REMEDY = "restore the file, or begin a new run";

    private final Path folder;
    /** While a run works in it. */
    private FolderLock lock;

    private RunDirectory(final Path folder) {
        this.folder = folder;
    }

    /**
     * A folder for a new run; nothing is made before {@link #make}.
     *
     * @throws DataException if it holds a run already, or anything else, or could not be made
     */
    public static RunDirectory create(final Path folder) {
        requireUnused(folder);
        Path existing = folder.toAbsolutePath();
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new DataException(folder + ": cannot be written (" + existing
                    + (Files.isDirectory(existing) ? " is read-only" : " is a file")
                    + "); choose another folder with --out");
        }
        return new RunDirectory(folder);
    }

    private static void requireUnused(final Path folder) {
        if (Files.exists(folder.resolve("config.json"))) {
            throw new DataException(
                    folder + ": holds a run already; choose another folder with --out, or continue it with"
                            + " --resume " + folder);
        }
        final String[] files = folder.toFile().list((in, name) -> !name.equals(FolderLock.FILE));
        if (files != null && files.length > 0) {
            throw new DataException(folder + ": is not empty (" + files[0] + "); choose another folder with --out");
        }
    }

    /**
     * Makes the folder and locks it.
     *
     * @throws DataException if another run has begun in it since {@link #create}
     */
    void make() {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw unwritable(folder, e);
        }
        lock();
        requireUnused(folder);
    }

    /**
     * Keeps other runs out until {@link #unlock}.
     *
     * @throws DataException if one is at work here
     */
    void lock() {
        lock = FolderLock.of(folder);
    }

    /** Lets other runs in. */
    void unlock() {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }

    /**
     * The folder of an earlier run.
     *
     * @throws DataException if there is none
     */
    public static RunDirectory open(final Path folder) {
        if (!Files.isRegularFile(folder.resolve("config.json"))) {
            throw new DataException(folder + ": holds no run (config.json is missing); give the folder of a run");
        }
        return new RunDirectory(folder);
    }

    /** The folder. */
    public Path path() {
        return folder;
    }

    /** A file of the run. */
    public Path file(final String name) {
        return folder.resolve(name);
    }

    /** Replaces a JSON file. */
    public void writeJson(final String name, final JsonNode content) {
        try {
            writeText(name, JSON.writeValueAsString(content) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Replaces a text file. */
    public void writeText(final String name, final String content) {
        final Path temporary = file(name + ".part");
        try {
            Files.writeString(temporary, content);
            Files.move(temporary, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw unwritable(file(name), e);
        }
    }

    /**
     * Reads a JSON file.
     *
     * @throws DataException if it is missing or broken
     */
    public JsonNode readJson(final String name) {
        try {
            final JsonNode content = JSON.readTree(file(name).toFile());
            if (content.isMissingNode()) {
                throw new DataException(file(name) + ": is empty; restore the file");
            }
            return content;
        } catch (JsonProcessingException e) {
            throw new DataException(file(name) + ":" + line(e) + ": is not JSON: "
                    + e.getOriginalMessage().lines().findFirst().orElse("malformed") + "; restore the file");
        } catch (IOException e) {
            throw new DataException(file(name) + ": cannot be read: " + e.getMessage());
        }
    }

    /** Where JSON breaks off; what is nested too deeply does so nowhere in particular. */
    static int line(final JsonProcessingException broken) {
        return broken.getLocation() == null ? 1 : broken.getLocation().getLineNr();
    }

    /** The lines of a trace; a last line that was cut off is left out. */
    public List<JsonNode> readTrace(final String name) {
        final List<JsonNode> lines = new ArrayList<>();
        if (!Files.exists(file(name))) {
            return lines;
        }
        try {
            final String text = Files.readString(file(name));
            final String[] parts = text.split("\n", -1);
            for (int i = 0; i + 1 < parts.length; i++) { // what follows the last newline is incomplete
                try {
                    lines.add(LINE.readTree(parts[i]));
                } catch (JsonProcessingException e) {
                    throw new DataException(file(name) + ":" + (i + 1) + ": is not JSON; restore the file");
                }
            }
        } catch (IOException e) {
            throw new DataException(file(name) + ": cannot be read: " + e.getMessage());
        }
        return lines;
    }

    /**
     * Cuts a trace behind the line of this step: what a killed run wrote after its checkpoint.
     *
     * @throws DataException if it has not one line for each step until then; nothing is cut then
     */
    public void truncateTrace(final String name, final long step) {
        if (step == 0 && !Files.exists(file(name))) {
            return;
        }
        if (!Files.exists(file(name))) {
            throw new DataException(
                    file(name) + ": is missing, the checkpoint needs its first " + step + " lines; " + TRACE_REMEDY);
        }
        try (RandomAccessFile trace = new RandomAccessFile(file(name).toFile(), "rw")) {
            final byte[] bytes = new byte[Math.toIntExact(trace.length())];
            trace.readFully(bytes);
            int lines = 0;
            int begin = 0;
            for (int i = 0; i < bytes.length && lines < step; i++) {
                if (bytes[i] == '\n') {
                    requireStep(name, new String(bytes, begin, i - begin, StandardCharsets.UTF_8), ++lines);
                    begin = i + 1;
                }
            }
            if (lines < step) {
                throw new DataException(file(name) + ":" + (lines + 1) + ": is missing, the checkpoint needs the first "
                        + step + " lines; " + TRACE_REMEDY);
            }
            trace.setLength(begin);
        } catch (IOException e) {
            throw new DataException(file(name) + ": cannot be continued: " + e.getMessage());
        }
    }

    private void requireStep(final String name, final String line, final int step) {
        JsonNode root;
        try {
            root = LINE.readTree(line);
        } catch (JsonProcessingException e) {
            root = LINE.missingNode();
        }
        if (root.path("step").asLong() != step) {
            throw new DataException(
                    file(name) + ":" + step + ": is not the line of step " + step + "; " + TRACE_REMEDY);
        }
    }

    /** Removes a file if it is there. */
    public void delete(final String name) {
        try {
            Files.deleteIfExists(file(name));
        } catch (IOException e) {
            throw unwritable(file(name), e);
        }
    }

    static DataException unwritable(final Path file, final IOException e) {
        return new DataException(file + ": cannot be written: " + e.getMessage()
                + "; free some space or choose another folder with --out");
    }
}
