package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The C++ compiler that the host executor was built with, called by tests: it is there wherever {@link Emulated} is. */
final class HostCompiler {
    private final Path folder;
    private int made;

    /** @param folder where files may lie until the test ends */
    HostCompiler(final Path folder) {
        this.folder = folder;
    }

    /** A shared library of this C++ source. */
    Path library(final String source, final String... options) {
        final List<String> all = new ArrayList<>(List.of("-shared", "-fPIC"));
        all.addAll(List.of(options));
        return build("c++", "library" + made + ".cpp", source, "library" + made + ".so", all);
    }

    /** What a program of this C source prints. */
    String output(final String source, final String... options) {
        return run(List.of(build("cc", "program" + made + ".c", source, "program" + made, List.of(options))
                .toString()));
    }

    private Path build(
            final String compiler,
            final String name,
            final String text,
            final String result,
            final List<String> options) {
        made++;
        try {
            final Path source = Files.writeString(folder.resolve(name), text);
            final Path out = folder.resolve(result);
            final List<String> command = new ArrayList<>(List.of(compiler, source.toString(), "-o", out.toString()));
            command.addAll(options);
            run(command);
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(final List<String> command) {
        try {
            final Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), command + "\n" + output);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
