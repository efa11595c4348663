package borep.experiment;

import borep.data.DataException;
import borep.data.Safetensors;
import borep.device.Device;
import borep.solver.DivergedException;
import borep.solver.Metrics;
import borep.solver.Solver;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Steps an experiment's phases one after the other: a trace line for every step, an evaluation and a checkpoint now and then.
 * A run that was killed at any moment and is resumed writes the same traces and ends in the same parameters.
 */
final class RunLoop {
    /** How a run ended. */
    enum Status {
        /** All phases done. */
        FINISHED,
        /** Stopped by the user; can be resumed. */
        STOPPED
    }

    private final Device device;
    private final Experiment experiment;
    private final RunDirectory directory;
    private final int evaluateEvery;
    private final String fingerprint;
    private final Progress progress;
    private final AtomicBoolean stop;
    private final List<Phase> phases;
    /** The last phase's solver, made first: one that does not take the problem is refused before anything has run. */
    private final Solver main;

    private double secondsBefore;
    private long begun;
    /** The solver's own time in the present phase, without evaluations and checkpoints, until it was last interrupted. */
    private double solverSeconds;
    /** Oracle calls of the present phase before this process went on with it. */
    private long callsBefore;
    /** Since when it steps again. */
    private long stepping;

    /**
     * @param evaluateEvery iterations between two evaluations and checkpoints
     * @param fingerprint   of settings and data
     * @param stop          set by somebody else to end the run at the next step
     * @throws IllegalArgumentException with one sentence if the solver does not take the problem
     */
    RunLoop(
            final Device device,
            final Experiment experiment,
            final RunDirectory directory,
            final int evaluateEvery,
            final String fingerprint,
            final Progress progress,
            final AtomicBoolean stop) {
        this.device = device;
        this.experiment = experiment;
        this.directory = directory;
        this.evaluateEvery = evaluateEvery;
        this.fingerprint = fingerprint;
        this.progress = progress;
        this.stop = stop;
        phases = experiment.phases();
        main = phases.getLast().solver().get();
    }

    /** Runs, or goes on from the directory's checkpoint. */
    Status run() {
        final Checkpoint checkpoint = Checkpoint.read(directory.file(Checkpoint.FILE));
        if (checkpoint != null && !fingerprint.equals(checkpoint.fingerprint())) {
            throw new DataException(directory.file(Checkpoint.FILE)
                    + ": belongs to other settings or data than this run's; restore them, or begin a new run");
        }
        final int first = checkpoint == null ? 0 : Math.min(checkpoint.phase(), phases.size() - 1);
        for (int phase = 0; phase < first; phase++) {
            directory.truncateTrace(phases.get(phase).trace(), phases.get(phase).steps());
        }
        for (int phase = first + 1; phase < phases.size(); phase++) {
            directory.delete(phases.get(phase).trace());
        }
        secondsBefore = checkpoint == null ? 0 : checkpoint.seconds();
        begun = System.nanoTime();
        Solver solver = null;
        for (int phase = first; phase < phases.size(); phase++) {
            solver = phase == phases.size() - 1
                    ? main
                    : phases.get(phase).solver().get();
            solver.initialise();
            if (checkpoint != null && phase == first) {
                checkpoint.restore(
                        directory.file(Checkpoint.FILE), solver, experiment.upperLayout(), experiment.lowerLayout());
                directory.truncateTrace(phases.get(phase).trace(), checkpoint.iteration());
                solverSeconds = checkpoint.solverSeconds();
                callsBefore = checkpoint.oracleCalls();
            } else {
                solverSeconds = 0;
                callsBefore = 0;
                directory.delete(phases.get(phase).trace());
            }
            if (!run(phases.get(phase), phase, solver)) {
                return Status.STOPPED;
            }
        }
        finish(solver);
        return Status.FINISHED;
    }

    /** Steps one phase to its end; false if it was stopped before. */
    private boolean run(final Phase phase, final int number, final Solver solver) {
        progress.begin(phase.title(), solver.iteration(), phase.steps());
        try (TraceWriter trace = new TraceWriter(directory.file(phase.trace()))) {
            final Written written = new Written(trace, solver);
            stepping = System.nanoTime();
            while (solver.iteration() < phase.steps()) {
                if (stop.get()) {
                    written.all();
                    interrupt();
                    save(number, solver, trace);
                    progress.end();
                    return false;
                }
                solver.step();
                if (solver.iteration() % evaluateEvery == 0 || solver.iteration() == phase.steps()) {
                    written.all(phase);
                    save(number, solver, trace);
                    stepping = System.nanoTime();
                } else {
                    written.available();
                }
            }
        } catch (DivergedException e) {
            progress.end();
            final ObjectNode summary = RunDirectory.JSON.createObjectNode();
            summary.put("status", "diverged");
            summary.put("message", e.getMessage());
            summary.put("steps", e.iteration());
            summary.put("seconds", seconds());
            directory.writeJson("summary.json", summary);
            throw new DataException(directory.path() + ": " + e.getMessage() + "; " + kept());
        }
        progress.end();
        return true;
    }

    /** What a diverged run leaves. */
    private String kept() {
        final Checkpoint kept = Checkpoint.read(directory.file(Checkpoint.FILE));
        return kept == null
                ? "it had written no checkpoint yet"
                : "the last good checkpoint ("
                        + experiment.phases().get(kept.phase()).title() + ", step " + kept.iteration() + ") is kept";
    }

    /** The trace lines of a phase: written as the records of its steps arrive, which may be a while after the steps were enqueued. */
    private final class Written {
        private final TraceWriter trace;
        private final Solver solver;
        private final Metrics metrics;
        private final long before;
        /** Records whose lines are written. */
        private long lines;

        private SequencedMap<String, Double> evaluation = new LinkedHashMap<>();

        Written(final TraceWriter trace, final Solver solver) {
            this.trace = trace;
            this.solver = solver;
            metrics = solver.metrics();
            before = solver.iteration();
        }

        /** Those that have arrived; waits only when the device would overwrite them. */
        void available() {
            final long enqueued = solver.iteration() - before;
            final int capacity = metrics.records().capacity();
            if (enqueued - metrics.records().written() >= capacity - 1) {
                metrics.records().await(enqueued - capacity / 2); // so that the host waits seldom, and then for a while
            }
            upTo(metrics.records().written());
        }

        /** Those of all steps so far. */
        void all() {
            metrics.records().await(solver.iteration() - before);
            upTo(metrics.records().written());
        }

        /** Those of all steps so far, the last with an evaluation. */
        void all(final Phase phase) {
            final long last = solver.iteration() - before - 1;
            metrics.records().await(last + 1);
            interrupt();
            if (metrics.records().isClosed()) {
                upTo(metrics.records().written()); // the last of them is bad
            }
            upTo(last);
            metrics.requireFinite(last, before + last + 1);
            evaluation = new LinkedHashMap<>(phase.evaluate().of(solver));
            evaluation.putFirst("solverSeconds", rounded(solverSeconds));
            evaluation.putFirst("oracleCalls", (double) calls(solver));
            write(last, evaluation);
            lines++;
        }

        private void upTo(final long end) {
            for (; lines < end; lines++) {
                metrics.requireFinite(lines, before + lines + 1);
                write(lines, Map.of());
            }
        }

        private void write(final long record, final Map<String, Double> judged) {
            final ObjectNode line = RunDirectory.LINE.createObjectNode();
            line.put("step", before + record + 1);
            line.put("seconds", rounded(seconds()));
            for (int i = 0; i < metrics.names().size(); i++) {
                line.put(metrics.names().get(i), metrics.records().get(record, i));
            }
            judged.forEach(line::put);
            trace.write(line);
            progress.step(before + record + 1, metrics, record, evaluation);
        }
    }

    /** Oracle calls of the present phase. */
    private long calls(final Solver solver) {
        return callsBefore + solver.calls().total();
    }

    private double seconds() {
        return secondsBefore + (System.nanoTime() - begun) / 1e9;
    }

    private static double rounded(final double seconds) {
        return Math.round(seconds * 1000) / 1000.0;
    }

    /** The solver's time stops; what follows is not its work. */
    private void interrupt() {
        solverSeconds += (System.nanoTime() - stepping) / 1e9;
    }

    private void save(final int phase, final Solver solver, final TraceWriter trace) {
        trace.force(); // a crash must not leave a checkpoint whose lines are lost
        new Checkpoint(phase, solver.iteration(), seconds(), solverSeconds, calls(solver), fingerprint)
                .write(
                        directory.file(Checkpoint.FILE),
                        solver,
                        experiment.upperLayout(),
                        experiment.lowerLayout(),
                        device.realBytes() == Float.BYTES);
    }

    /** Parameters, results and summary of a run that is done. */
    private void finish(final Solver solver) {
        final SequencedMap<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        final boolean single = device.realBytes() == Float.BYTES;
        final long steps = solver.iteration();
        Checkpoint.addTensors(
                "x", solver.x(), steps, experiment.upperLayout(), experiment.lowerLayout(), single, tensors);
        Checkpoint.addTensors(
                "y", solver.y(), steps, experiment.upperLayout(), experiment.lowerLayout(), single, tensors);
        Safetensors.write(directory.file("model.safetensors"), Map.of("format", "pt"), tensors);
        final ObjectNode summary = RunDirectory.JSON.createObjectNode();
        summary.put("status", "finished");
        summary.put("steps", steps);
        summary.put("seconds", Math.round(seconds() * 10) / 10.0);
        experiment.finish(directory, solver, summary);
        directory.writeJson("summary.json", summary);
    }

    /** Largest value of a number over a trace; NaN if it never stands there. */
    static double best(final List<JsonNode> trace, final String name) {
        double best = Double.NaN;
        for (final JsonNode line : trace) {
            if (line.has(name) && !(line.get(name).asDouble() <= best)) {
                best = line.get(name).asDouble();
            }
        }
        return best;
    }

    /** Last value of a number in a trace; NaN if it never stands there. */
    static double last(final List<JsonNode> trace, final String name) {
        double last = Double.NaN;
        for (final JsonNode line : trace) {
            if (line.has(name)) {
                last = line.get(name).asDouble();
            }
        }
        return last;
    }

    /** The value of {@code name} where {@code criterion} is smallest: a choice that the test set has no part in. */
    static double where(final List<JsonNode> trace, final String name, final String criterion) {
        double smallest = Double.POSITIVE_INFINITY;
        double value = Double.NaN;
        for (final JsonNode line : trace) {
            if (line.has(name) && line.has(criterion) && line.get(criterion).asDouble() < smallest) {
                smallest = line.get(criterion).asDouble();
                value = line.get(name).asDouble();
            }
        }
        return value;
    }
}
