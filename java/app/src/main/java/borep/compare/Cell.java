package borep.compare;

import borep.data.DataException;
import borep.experiment.Run;
import borep.experiment.RunSettings;
import borep.solver.Hyperparameters;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One run of a contest: a solver with a seed. Its folder is that of an ordinary run, so it can be looked at, resumed and reported like
 * one; a run that has ended, or diverged, is not run again.
 */
final class Cell {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RunSettings settings;
    private final Map<String, String> solverSettings;
    private final Path folder;

    Cell(
            final RunSettings common,
            final String solver,
            final long seed,
            final Map<String, String> solverSettings,
            final Path folder) {
        settings = Hyperparameters.with(common, Map.of("solver", solver, "seed", Long.toString(seed)));
        this.solverSettings = solverSettings;
        this.folder = folder;
    }

    /** Runs it, or what is left of it. */
    void run() {
        if (hasEnded()) {
            requireSame();
            return;
        }
        final boolean begun = Files.exists(folder.resolve("config.json"));
        if (begun) {
            requireSame();
        }
        final Run run = begun ? Run.resume(folder, "1") : Run.create(settings, solverSettings, folder);
        try {
            if (!run.execute(new PrintWriter(Writer.nullWriter()), true).finished()) {
                throw new DataException("stopped; go on with the same command and --resume");
            }
        } catch (DataException e) {
            if (!hasDiverged()) {
                throw e;
            }
        }
    }

    /** A folder of other settings must not be taken for this cell. */
    private void requireSame() {
        final Path file = folder.resolve("config.json");
        final Run.Config config = Run.Config.read(json(file), file);
        final Map<String, String> expected = Hyperparameters.describe(settings);
        Hyperparameters.describe(config.settings()).forEach((name, value) -> {
            if ((name.equals("device") || !Run.isFree(name)) && !value.equals(expected.get(name))) {
                throw new DataException(file + ": was run with " + name + " = " + value + ", not " + expected.get(name)
                        + "; choose another --out");
            }
        });
        solverSettings.forEach((name, value) -> {
            if (!value.equals(config.solverSettings().get(name))
                    && !Hyperparameters.describe(Hyperparameters.with(
                                    borep.solver.Solvers.kind(settings.solver()).defaults(), solverSettings))
                            .get(name)
                            .equals(config.solverSettings().get(name))) {
                throw new DataException(file + ": was run with " + name + " = "
                        + config.solverSettings().get(name) + ", not " + value + "; choose another --out");
            }
        });
    }

    boolean hasEnded() {
        return Files.exists(folder.resolve("summary.json"));
    }

    boolean hasDiverged() {
        return hasEnded()
                && json(folder.resolve("summary.json")).path("status").asText().equals("diverged");
    }

    /** Iterations of a run that has ended. */
    long steps() {
        return json(folder.resolve("summary.json")).path("steps").asLong();
    }

    /** The trace, line by line; a last line that a killed run left unfinished is not there. */
    List<JsonNode> trace() {
        final List<JsonNode> lines = new ArrayList<>();
        try {
            for (final String line : Files.readAllLines(folder.resolve("trace.jsonl"))) {
                lines.add(JSON.readTree(line));
            }
        } catch (IOException e) {
            throw new DataException(folder.resolve("trace.jsonl") + ": cannot be read: " + e.getMessage());
        }
        return lines;
    }

    private static JsonNode json(final Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
