package borep.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Other programs, run to their end. */
final class Processes {
    private Processes() {}

    /**
     * Runs a program in a folder; its output goes to a log outside of it.
     *
     * @param remedy what to install if the program is missing
     * @throws DataException if it is missing or fails, with the last line that it said
     */
    static void run(final List<String> command, final Path folder, final String remedy) throws IOException {
        final Path log = Files.createTempFile("borep", ".log");
        try {
            final Process process;
            try {
                process = new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
            } catch (final IOException missing) {
                throw new DataException(
                        "program " + command.get(0) + ": is not installed or not on the PATH; install " + remedy,
                        missing);
            }
            process.getOutputStream().close(); // nobody answers questions
            final int exit = waitFor(process);
            if (exit != 0) {
                throw new DataException("command " + String.join(" ", command) + ": failed with exit code " + exit
                        + lastWords(log) + "; check the network and try again");
            }
        } finally {
            Files.deleteIfExists(log);
        }
    }

    private static int waitFor(final Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (final InterruptedException stopped) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("stopped while waiting for another program").initCause(stopped);
        }
    }

    private static String lastWords(final Path log) throws IOException {
        final List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        final String error = lines.stream()
                .filter(line -> line.matches("(?i)(npm error (?!a complete log).*|e: .*|\\[error\\] .*)"))
                .findFirst()
                .orElse(lines.isEmpty() ? "" : lines.get(lines.size() - 1));
        return error.isEmpty() ? "" : " (" + error + ")";
    }
}
