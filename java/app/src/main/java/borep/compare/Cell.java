package borep.compare;

import borep.data.DataException;
import borep.experiment.Run;
import borep.experiment.RunDirectory;
import borep.experiment.RunSettings;
import borep.solver.Hyperparameters;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One run of a contest: a solver with a seed. Its folder is that of an ordinary run, so it can be looked at, resumed and reported like
 * one; a run that has ended, or diverged, is not run again.
 */
final class Cell {
    private static final String SUMMARY = "summary.json";

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

    /**
     * Runs it, or what is left of it.
     *
     * @param stopped called while the program waits with its end for this run
     * @return whether it has ended, by itself
     */
    boolean run(final Runnable stopped) {
        if (hasEnded()) {
            requireSame();
            if (!hasDiverged()) {
                trace();
            }
            return true;
        }
        final boolean begun = Files.exists(file("config.json"));
        if (begun) {
            requireSame();
        }
        final Run run = begun ? Run.resume(folder, "1") : Run.create(settings, solverSettings, folder);
        try {
            return run.execute(new PrintWriter(Writer.nullWriter()), true, stopped)
                    .finished();
        } catch (DataException e) {
            if (!hasEnded() || !hasDiverged()) {
                throw e;
            }
            return true;
        }
    }

    /** A folder of other settings or data must not be taken for this cell. */
    private void requireSame() {
        final Path file = file("config.json");
        if (!Files.exists(file)) {
            throw new DataException(file + ": is missing; " + again());
        }
        final Run.Config config = Run.Config.read(RunDirectory.open(folder).readJson("config.json"), file);
        final Map<String, String> expected = Hyperparameters.describe(Run.withAbsolutePaths(settings));
        final boolean known = !config.dataFingerprint().isEmpty(); // of data and vectors the content counts then
        Hyperparameters.describe(config.settings()).forEach((name, value) -> {
            if (!name.equals("threads") && (name.equals("device") || !known || !Run.isFree(name))) {
                requireEqual(file, name, value, expected.get(name));
            }
        });
        if (known && !config.dataFingerprint().equals(Run.dataFingerprint(settings))) {
            throw new DataException(file + ": was run on other texts, samples or vectors; choose another --out");
        }
        final Record defaults = Solvers.kind(settings.solver()).defaults();
        final Map<String, String> absent = Hyperparameters.describe(defaults); // what an older run did not know
        Hyperparameters.describe(Hyperparameters.with(defaults, solverSettings))
                .forEach((name, value) ->
                        requireEqual(file, name, config.solverSettings().getOrDefault(name, absent.get(name)), value));
    }

    private static void requireEqual(final Path file, final String name, final String was, final String wanted) {
        if (!was.equals(wanted)) {
            throw new DataException(
                    file + ": was run with " + name + " = " + was + ", not " + wanted + "; choose another --out");
        }
    }

    /** The remedy for files that are damaged. */
    String again() {
        return "delete " + folder + ", and --resume runs it again";
    }

    Path file(final String name) {
        return folder.resolve(name);
    }

    boolean hasEnded() {
        return Files.exists(file(SUMMARY));
    }

    boolean hasDiverged() {
        return summary().path("status").asText().equals("diverged");
    }

    /** Iterations of a run that has ended. */
    long steps() {
        return summary().path("steps").asLong();
    }

    private JsonNode summary() {
        final JsonNode summary = RunDirectory.open(folder).readJson(SUMMARY);
        if (!summary.path("status").isTextual() || !summary.path("steps").isNumber()) {
            throw new DataException(file(SUMMARY) + ": has no 'status' or 'steps'; " + again());
        }
        return summary;
    }

    /** The trace of a run that has ended, line by line. */
    List<JsonNode> trace() {
        final List<JsonNode> lines = RunDirectory.open(folder).readTrace("trace.jsonl");
        if (lines.size() != steps()) {
            throw new DataException(
                    file("trace.jsonl") + ": has " + lines.size() + " lines of " + steps() + " steps; " + again());
        }
        return lines;
    }
}
