package borep.experiment;

import borep.data.DataException;
import borep.data.DataSpec;
import borep.device.Device;
import borep.device.Devices;
import borep.report.Report;
import borep.solver.Hyperparameters;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** One run from its settings to its report, new or resumed. */
public final class Run {
    private static final String VERSION = "0.1.0";
    /** How long Ctrl-C waits for the checkpoint. */
    private static final long GOODBYE_SECONDS = 20;
    /** Settings that do not change the numbers; of data and vectors the content counts, not the place. */
    private static final Set<String> FREE = Set.of("threads", "device", "data", "test", "embeddings");

    private final RunSettings settings;
    private final SequencedMap<String, String> solverSettings;
    private final RunDirectory directory;
    private final boolean resumed;

    private Run(
            final RunSettings settings,
            final SequencedMap<String, String> solverSettings,
            final RunDirectory directory,
            final boolean resumed) {
        this.settings = settings;
        this.solverSettings = solverSettings;
        this.directory = directory;
        this.resumed = resumed;
    }

    /**
     * A new run in an empty folder.
     *
     * @param settings what to run
     * @param changes  settings of the solver that differ from its defaults
     */
    public static Run create(final RunSettings settings, final Map<String, String> changes, final Path folder) {
        final SequencedMap<String, String> complete;
        try {
            complete = Hyperparameters.describe(
                    Hyperparameters.with(Solvers.kind(settings.solver()).defaults(), changes));
        } catch (IllegalArgumentException e) {
            throw new DataException(e.getMessage());
        }
        return new Run(withAbsolutePaths(settings), complete, RunDirectory.create(folder), false);
    }

    /** Files by their whole path, so that config.json can be used from any folder. */
    public static RunSettings withAbsolutePaths(final RunSettings settings) {
        final Map<String, String> changes = new LinkedHashMap<>();
        final Map<String, String> given = Hyperparameters.describe(settings);
        for (final String name : List.of("data", "test")) {
            if (!given.getOrDefault(name, "").isBlank()) {
                final DataSpec data = DataSpec.parse(given.get(name));
                if (Files.exists(Path.of(data.source()))) {
                    changes.put(name, new DataSpec(absolute(data.source()), data.options()).toString());
                }
            }
        }
        if (given.containsKey("embeddings") && Files.exists(Path.of(given.get("embeddings")))) {
            changes.put("embeddings", absolute(given.get("embeddings")));
        }
        return Hyperparameters.with(settings, changes);
    }

    private static String absolute(final String file) {
        return Path.of(file).toAbsolutePath().normalize().toString();
    }

    /** Whether runs that differ in this setting alone have the same numbers. */
    public static boolean isFree(final String setting) {
        return FREE.contains(setting);
    }

    /** Changes with the content of the data and vectors of these settings, which it reads. */
    public static String dataFingerprint(final RunSettings settings) {
        return hex(Experiments.kind(settings.problem()).dataFingerprint(withAbsolutePaths(settings)));
    }

    private static String hex(final long fingerprint) {
        return HexFormat.of().toHexDigits(fingerprint);
    }

    /** Goes on with the run in a folder, under its own settings but for the threads. */
    public static Run resume(final Path folder, final String threads) {
        final RunDirectory directory = RunDirectory.open(folder);
        final Config config = Config.read(directory.readJson("config.json"), directory.file("config.json"));
        try {
            final RunSettings settings = Hyperparameters.with(config.settings(), Map.of("threads", threads));
            return new Run(settings, config.solverSettings(), directory, true);
        } catch (IllegalArgumentException e) {
            throw new DataException(e.getMessage());
        }
    }

    /**
     * The settings in a config.json.
     *
     * @param settings       of the run
     * @param solverSettings of its solver, complete
     * @param dataFingerprint of data and vectors; empty in files of older runs
     */
    public record Config(RunSettings settings, SequencedMap<String, String> solverSettings, String dataFingerprint) {
        /**
         * Reads them.
         *
         * @throws DataException naming the file if something is missing or not allowed
         */
        public static Config read(final JsonNode root, final Path file) {
            final SequencedMap<String, String> run = texts(root.path("run"));
            final String problem = run.get("problem");
            if (problem == null) {
                throw new DataException(file + ": has no 'run' with a 'problem'; give the config.json of a run");
            }
            try {
                final RunSettings settings =
                        Hyperparameters.with(Experiments.kind(problem).preset(), run);
                return new Config(
                        settings,
                        texts(root.path("solverOptions")),
                        root.path("dataFingerprint").asText());
            } catch (IllegalArgumentException e) {
                throw new DataException(file + ": " + e.getMessage());
            }
        }

        private static SequencedMap<String, String> texts(final JsonNode node) {
            final SequencedMap<String, String> texts = new LinkedHashMap<>();
            node.properties()
                    .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
            return texts;
        }
    }

    /** How a run ended and what it says. */
    public record Result(boolean finished, ObjectNode summary, List<String> headline, Path report) {}

    private static final Result STOPPED = new Result(false, RunDirectory.JSON.createObjectNode(), List.of(), null);

    /**
     * Runs to the end or until stopped.
     *
     * @param quiet no progress on standard error
     */
    public Result execute(final PrintWriter err, final boolean quiet) {
        return execute(err, quiet, () -> {
            err.println("stopped; continue with: borep run --resume " + directory.path());
            err.flush();
        });
    }

    /**
     * Runs to the end or until stopped.
     *
     * @param stopped called when the user has stopped it, while the program waits with its end
     */
    public Result execute(final PrintWriter err, final boolean quiet, final Runnable stopped) {
        if (resumed) {
            directory.lock();
        }
        try {
            return executeAlone(err, quiet, stopped);
        } finally {
            directory.unlock();
        }
    }

    private Result executeAlone(final PrintWriter err, final boolean quiet, final Runnable stopped) {
        final AtomicBoolean stop = new AtomicBoolean();
        final CountDownLatch done = new CountDownLatch(1);
        final Thread hook = new Thread(() -> {
            stop.set(true);
            try {
                done.await(GOODBYE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) { // the program is ending already: a comparison's next run
            stopped.run();
            return STOPPED;
        }
        final ReadAhead data =
                new ReadAhead(() -> Experiments.kind(settings.problem()).readAhead(settings));
        final Devices.Choice choice = ChosenDevice.open(settings.device(), settings.threads());
        try (Device device = choice.device()) {
            if (!quiet) {
                err.println(choice.line());
            }
            final Result result = execute(device, data, err, quiet, stop);
            if (!result.finished()) {
                stopped.run();
            }
            return result;
        } finally {
            done.countDown();
            if (!stop.get()) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    private Result execute(
            final Device device,
            final ReadAhead data,
            final PrintWriter err,
            final boolean quiet,
            final AtomicBoolean stop) {
        final Experiment experiment;
        final RunLoop loop;
        try {
            data.await();
            experiment = Experiments.kind(settings.problem()).open(device, settings, solverSettings);
            loop = new RunLoop(
                    device,
                    experiment,
                    directory,
                    settings.evaluateEvery(),
                    fingerprint(device, experiment),
                    new Progress(
                            quiet ? Progress.Mode.QUIET : Progress.detect(),
                            System.err,
                            Experiments.kind(settings.problem()).criterion()),
                    stop);
        } catch (IllegalArgumentException e) {
            throw new DataException(e.getMessage());
        } catch (OutOfMemoryError | ArithmeticException e) { // beyond memory, or beyond what an array holds
            throw DataException.tooLarge(
                    settings.problem(),
                    "its sizes and batches, which 'borep problems " + settings.problem() + "' lists");
        }
        if (!quiet) {
            experiment.notes().forEach(err::println);
            err.flush();
        }
        if (!resumed) {
            directory.make();
            writeConfig(device, experiment);
            experiment.begin(directory);
        }
        if (loop.run() == RunLoop.Status.STOPPED) {
            return STOPPED;
        }
        final ObjectNode summary = (ObjectNode) directory.readJson("summary.json");
        return new Result(true, summary, experiment.headline(summary), Report.write(directory.path()));
    }

    private void writeConfig(final Device device, final Experiment experiment) {
        final ObjectNode root = RunDirectory.JSON.createObjectNode();
        root.put("problem", settings.problem());
        root.put("solver", settings.solver());
        root.put("seed", settings.seed());
        root.put("device", device.name());
        root.put("borepVersion", VERSION);
        root.put("javaVersion", System.getProperty("java.version"));
        root.put("dataFingerprint", hex(experiment.dataFingerprint()));
        experiment.describe(root.putObject("data"));
        Experiments.kind(settings.problem()).criterion().write(root.putObject("criterion"));
        final ObjectNode run = root.putObject("run");
        Hyperparameters.describe(settings).forEach(run::put);
        final ObjectNode options = root.putObject("solverOptions");
        solverSettings.forEach(options::put);
        directory.writeJson("config.json", root);
    }

    /** Changes with every setting and datum that the numbers depend on. */
    private String fingerprint(final Device device, final Experiment experiment) {
        final StringBuilder text = new StringBuilder();
        Hyperparameters.describe(settings).forEach((name, value) -> {
            if (!FREE.contains(name)) {
                text.append(name).append('=').append(value).append('\n');
            }
        });
        solverSettings.forEach(
                (name, value) -> text.append(name).append('=').append(value).append('\n'));
        text.append(device.realBytes()).append('\n').append(experiment.dataFingerprint());
        try {
            final byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
