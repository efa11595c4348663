package borep.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line as a process of its own, as users start it. */
final class Program {
    private static final long PATIENCE_SECONDS = 300;

    private Program() {}

    /**
     * How a process ended.
     *
     * @param code exit code
     * @param out  standard output
     * @param err  standard error without the JVM's own line about incubator modules
     */
    record Outcome(int code, String out, String err) {}

    static Process start(final Path folder, final String... arguments) throws IOException {
        return start(folder, List.of(), arguments);
    }

    /** A run whose files cannot grow beyond {@code kibibytes}, as if the disk were full then. */
    static Outcome runOnFullDisk(final Path folder, final int kibibytes, final String... arguments)
            throws IOException, InterruptedException {
        final List<String> limit =
                List.of("sh", "-c", "ulimit -f " + 2 * kibibytes + " && exec \"$@\"", "sh"); // in units of 512 bytes
        return await(start(folder, limit, arguments));
    }

    /** Compiles and runs one source file that uses the library. */
    static Outcome runSource(final Path folder, final String file) throws IOException, InterruptedException {
        return await(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--module-path",
                        System.getProperty("jdk.module.path"),
                        "--add-modules",
                        "borep.core",
                        file)
                .directory(folder.toFile())
                .start());
    }

    private static Process start(final Path folder, final List<String> prefix, final String... arguments)
            throws IOException {
        final List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--module-path",
                System.getProperty("jdk.module.path"),
                "--module",
                "borep.app/borep.cli.Main"));
        command.addAll(List.of(arguments));
        final ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("BOREP_THREADS", "1");
        return builder.start();
    }

    static Outcome run(final Path folder, final String... arguments) throws IOException, InterruptedException {
        return await(start(folder, arguments));
    }

    static Outcome await(final Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        final StringBuilder err = new StringBuilder();
        final Thread reader = new Thread(() -> err.append(text(process.getErrorStream())));
        reader.start();
        final String out = text(process.getInputStream());
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("still running after " + PATIENCE_SECONDS + " s: " + out + err);
        }
        reader.join();
        final String own = err.toString()
                .lines()
                .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
                .reduce("", (a, b) -> a + b + "\n");
        return new Outcome(process.exitValue(), out, own);
    }

    private static String text(final InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
