package borep.cli;

import borep.data.DataException;
import borep.experiment.Experiments;
import borep.experiment.Run;
import borep.experiment.RunSettings;
import borep.solver.Solvers;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code borep run}: one experiment, from data to report. */
@Command(
        name = "run",
        description = "Runs an experiment and writes its report.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Every other setting has a name; give it with --set, for example",
            "  borep run hyper-cleaning --set eta=0.5/power:0.5 --set network.pool=mean",
            "config.json of a run lists all of them with their values."
        })
public final class RunCommand implements Callable<Integer> {
    /** Exit code of a run that Ctrl-C ended: the shell's own for SIGINT. */
    static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "PROBLEM",
            completionCandidates = ProblemNames.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private String problem;

    @Mixin
    private SettingOptions options;

    @Option(names = "--solver", paramLabel = "NAME", description = "Solver (default: bo-rep).")
    private String solver;

    @Option(names = "--steps", paramLabel = "N", description = "Iterations.")
    private String steps;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Passes over the lower level's samples, instead of --steps.")
    private String epochs;

    @Option(names = "--noise", paramLabel = "R", description = "Share of training labels to flip (cleaning).")
    private String noise;

    @Option(
            names = "--test",
            paramLabel = "SPEC",
            description = "Test samples of their own (softmax-cleaning, regularisation).")
    private String test;

    @Option(names = "--imbalance", paramLabel = "R", description = "Share of positive texts to train with (auc).")
    private String imbalance;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the run (default: runs/PROBLEM-TIME).")
    private Path out;

    @Option(names = "--resume", paramLabel = "DIR", description = "Goes on with the run in this folder.")
    private Path resume;

    @Option(names = "--config", paramLabel = "FILE", description = "Begins from the settings of a config.json.")
    private Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any setting of the run or the solver; may be repeated.")
    private List<String> set = new ArrayList<>();

    @Option(names = "--json", description = "The summary as one line of JSON on standard output, nothing else.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        final PrintWriter stdout = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        final Run run = resume != null ? resumed() : begun();
        final Run.Result result = run.execute(err, json);
        if (!result.finished()) {
            return INTERRUPTED;
        }
        if (json) {
            stdout.println(new ObjectMapper().writeValueAsString(result.summary()));
        } else {
            stdout.println();
            result.headline().forEach(stdout::println);
            stdout.println("report: " + result.report() + "   traces and model: "
                    + result.report().getParent());
        }
        stdout.flush();
        return 0;
    }

    private Run resumed() {
        giveOwn();
        if (problem != null || config != null || out != null || !set.isEmpty() || !options.isOnly("threads")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--resume goes on under the run's own settings: only --threads and --json go with it");
        }
        final String threads = options.given("threads");
        return Run.resume(resume, threads == null ? "0" : threads);
    }

    private Run begun() {
        RunSettings settings;
        final Map<String, String> solverSettings = new LinkedHashMap<>();
        if (config != null) {
            final Run.Config read = readConfig();
            if (problem != null && !problem.equals(read.settings().problem())) {
                throw new DataException(
                        config + ": is of the problem " + read.settings().problem() + ", not " + problem);
            }
            settings = read.settings();
            solverSettings.putAll(read.solverSettings());
            requireKnown(read);
        } else if (problem != null) {
            settings = Experiments.kind(problem).preset();
        } else {
            throw new ParameterException(
                    spec.commandLine(), "PROBLEM is missing: one of " + String.join(", ", Experiments.names()));
        }
        giveOwn();
        final Map<String, String> changes = new LinkedHashMap<>();
        final Map<String, String> known = Experiments.kind(settings.problem()).settings();
        SettingOptions.pairs(set)
                .forEach((name, value) -> (known.containsKey(name) ? changes : solverSettings).put(name, value));
        settings = options.change(settings, changes);
        if (config == null) {
            Experiments.kind(settings.problem()).solverPreset(settings.solver()).forEach(solverSettings::putIfAbsent);
        }
        return Run.create(settings, solverSettings, NewFolder.of(out, settings.problem()));
    }

    /** Another solver may not know what the file says of its own. */
    private void requireKnown(final Run.Config read) {
        if (solver == null || !Solvers.exists(solver)) {
            return;
        }
        for (final String name : read.solverSettings().keySet()) {
            if (!Solvers.kind(solver).settings().containsKey(name)) {
                throw new DataException(config + ": setting '" + name + "' of "
                        + read.settings().solver() + ": " + solver
                        + " has no such setting; take it out of 'solverOptions', or leave --solver out");
            }
        }
    }

    private Run.Config readConfig() {
        try {
            return Run.Config.read(new ObjectMapper().readTree(config.toFile()), config);
        } catch (JsonProcessingException e) {
            throw new DataException(config + ":"
                    + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ": is not JSON: "
                    + e.getOriginalMessage().lines().findFirst().orElse("malformed"));
        } catch (IOException e) {
            throw new DataException(config + ": cannot be read; give the config.json of a run");
        }
    }

    /** Those of this command alone. */
    private void giveOwn() {
        options.give("solver", "solver", solver);
        options.give("steps", "steps", steps);
        options.give("epochs", "epochs", epochs);
        options.give("noise", "cleaning.noise", noise);
        options.give("test", "test", test);
        options.give("imbalance", "auc.imbalance", imbalance);
    }
}
