package borep.compare;

import borep.data.DataException;
import borep.report.Contender;
import borep.report.Report;
import borep.solver.Hyperparameters;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Runs a contest on several cores, a run on each, and writes its table, curves and page. */
public final class Comparison {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Contest contest;
    private final int threads;
    private final PrintWriter progress;
    /** Nobody begins another run: one has failed, or the program is to end. */
    private final AtomicBoolean ending = new AtomicBoolean();
    /** Ctrl-C has ended a run. */
    private final AtomicBoolean stopped = new AtomicBoolean();

    /**
     * @param threads  runs at a time
     * @param progress a line for every run that has ended
     */
    public Comparison(final Contest contest, final int threads, final PrintWriter progress) {
        this.contest = contest;
        this.threads = threads;
        this.progress = progress;
    }

    /** Runs what has not been run yet; nobody is in the list if Ctrl-C stopped it before its end. */
    public List<Contender> execute() {
        Contest tuned = contest;
        if (contest.trials() > 0) {
            final StepSizeSearch search = new StepSizeSearch(contest);
            final List<Named> trials = new ArrayList<>();
            for (final String solver : contest.solvers()) {
                final List<Cell> cells = search.trials(solver);
                for (int i = 0; i < cells.size(); i++) {
                    trials.add(new Named("tuning " + solver + ", trial " + (i + 1), cells.get(i)));
                }
            }
            if (!run(trials)) {
                return List.of();
            }
            final SequencedMap<String, Map<String, String>> best = new LinkedHashMap<>();
            contest.solvers().forEach(solver -> best.put(solver, search.best(solver)));
            tuned = contest.with(best);
        }
        final List<Named> runs = new ArrayList<>();
        for (final long seed : tuned.seeds()) { // seed by seed, so that every solver has a curve early
            for (final String solver : tuned.solvers()) {
                runs.add(new Named(solver + ", seed " + seed, cell(tuned, solver, seed)));
            }
        }
        if (!run(runs)) {
            return List.of();
        }
        final List<Contender> contenders = new ArrayList<>();
        for (final String solver : tuned.solvers()) {
            contenders.add(contender(tuned, solver));
        }
        write(tuned, contenders);
        return contenders;
    }

    private record Named(String name, Cell cell) {}

    private static Cell cell(final Contest contest, final String solver, final long seed) {
        return new Cell(contest.settings(), solver, seed, contest.own().get(solver), contest.folderOf(solver, seed));
    }

    /** Called by each run that Ctrl-C ends, while the program waits for it: said once. */
    private void stop() {
        ending.set(true);
        if (!stopped.getAndSet(true)) {
            progress.println("stopped; go on with the same command and --resume");
            progress.flush();
        }
    }

    /** False if they were stopped. */
    private boolean run(final List<Named> cells) {
        final AtomicInteger done = new AtomicInteger();
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            final List<Future<?>> futures = new ArrayList<>();
            for (final Named named : cells) {
                futures.add(workers.submit(() -> {
                    if (ending.get()) {
                        return;
                    }
                    final boolean known = named.cell().hasEnded();
                    try {
                        if (!named.cell().run(this::stop)) {
                            return;
                        }
                    } catch (RuntimeException e) {
                        ending.set(true);
                        throw e;
                    }
                    final String how = named.cell().hasDiverged() ? ": diverged" : known ? ": was there" : "";
                    synchronized (progress) {
                        progress.println(
                                "run " + done.incrementAndGet() + " of " + cells.size() + ": " + named.name() + how);
                        progress.flush();
                    }
                }));
            }
            for (final Future<?> future : futures) {
                future.get();
            }
            return !stopped.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException("interrupted; go on with the same command and --resume");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static Contender contender(final Contest contest, final String solver) {
        final List<Contender.Curve> curves = new ArrayList<>();
        final List<Long> divergedAt = new ArrayList<>();
        for (final long seed : contest.seeds()) {
            final Cell cell = cell(contest, solver, seed);
            if (cell.hasDiverged()) {
                divergedAt.add(cell.steps());
                continue;
            }
            curves.add(curve(cell, contest.criterion().key()));
        }
        return new Contender(solver, contest.criterion(), curves, divergedAt);
    }

    private static Contender.Curve curve(final Cell cell, final String key) {
        final List<JsonNode> judged =
                cell.trace().stream().filter(line -> line.has(key)).toList();
        if (judged.isEmpty()) {
            throw new DataException(cell.file("trace.jsonl") + ": no line has " + key + "; " + cell.again());
        }
        final JsonNode last = judged.getLast();
        return new Contender.Curve(
                judged.stream()
                        .mapToDouble(line -> line.path("oracleCalls").asDouble())
                        .toArray(),
                judged.stream()
                        .mapToDouble(line -> line.path("solverSeconds").asDouble())
                        .toArray(),
                judged.stream().mapToDouble(line -> line.path(key).asDouble()).toArray(),
                last.path("seconds").asDouble() - last.path("solverSeconds").asDouble());
    }

    private static void write(final Contest contest, final List<Contender> contenders) {
        final Path folder = contest.folder();
        final double target = Contender.target(contenders);
        final StringBuilder lines = new StringBuilder();
        try {
            Files.createDirectories(folder);
            try (CsvWriter csv = CsvWriter.builder().build(folder.resolve("table.csv"))) {
                csv.writeRecord(
                        "solver",
                        "runs",
                        "diverged",
                        "final_mean",
                        "final_sd",
                        "area",
                        "target",
                        "calls_to_target",
                        "seconds",
                        "evaluation_seconds",
                        "diverged_at");
                for (final Contender c : contenders) {
                    csv.writeRecord(
                            c.name(),
                            Integer.toString(c.curves().size()),
                            Integer.toString(c.divergedAt().size()),
                            number(c.finalMean()),
                            number(c.finalDeviation()),
                            number(c.area()),
                            number(target),
                            number(c.callsTo(target)),
                            number(c.seconds()),
                            number(c.evaluationSeconds()),
                            c.divergedAt().stream().map(Object::toString).collect(Collectors.joining(" ")));
                    for (int i = 0; i < c.curves().size(); i++) {
                        final ObjectNode line =
                                JSON.createObjectNode().put("solver", c.name()).put("run", i);
                        add(line, "calls", c.curves().get(i).calls());
                        add(line, "seconds", c.curves().get(i).seconds());
                        add(line, contest.criterion().key(), c.curves().get(i).values());
                        lines.append(line).append('\n');
                    }
                }
            }
            Files.writeString(folder.resolve("curves.jsonl"), lines);
            Files.writeString(
                    folder.resolve("config.json"),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config(contest)));
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be written: " + e.getMessage());
        }
        Report.contest(contest.settings().problem(), contenders, folder);
    }

    private static ObjectNode config(final Contest contest) {
        final ObjectNode root = JSON.createObjectNode();
        final ObjectNode run = root.putObject("run");
        Hyperparameters.describe(contest.settings()).forEach(run::put);
        final ObjectNode solvers = root.putObject("solvers");
        contest.own().forEach((solver, settings) -> {
            final ObjectNode node = solvers.putObject(solver);
            Hyperparameters.describe(Hyperparameters.with(Solvers.kind(solver).defaults(), settings))
                    .forEach(node::put);
        });
        contest.seeds().forEach(root.putArray("seeds")::add);
        return root;
    }

    private static void add(final ObjectNode line, final String name, final double[] values) {
        for (final double value : values) {
            line.withArray(name).add(value);
        }
    }

    private static String number(final double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.6g", value);
    }
}
