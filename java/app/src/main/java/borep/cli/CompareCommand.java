package borep.cli;

import borep.compare.Comparison;
import borep.compare.Contest;
import borep.data.DataException;
import borep.device.Devices;
import borep.report.Contender;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code borep compare}: several solvers on one problem, each with several seeds. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description =
                "Runs several solvers with several seeds on one problem and writes a page, a table and the curves.")
public final class CompareCommand implements Callable<Integer> {
    private static final int MOST_SEEDS = 1000;

    @Parameters(
            arity = "0..1",
            paramLabel = "PROBLEM",
            defaultValue = "hyper-cleaning",
            completionCandidates = ProblemNames.class,
            description = "${DEFAULT-VALUE} (default), or another of ${COMPLETION-CANDIDATES}.")
    private String problem;

    @Option(
            names = "--solvers",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "bo-rep,slip,accbo,adambo,stocbio,ttsa,ma-soba,amigo-gd",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<String> solvers;

    @Option(names = "--seeds", paramLabel = "S", defaultValue = "1..5", description = "1..5 (default) or 1,4,9.")
    private String seeds;

    @Option(names = "--steps", paramLabel = "N", description = "Iterations of each run.")
    private Integer steps;

    @Option(
            names = "--tune",
            paramLabel = "N",
            defaultValue = "0",
            description = "Short runs to search each solver's step sizes with, as many for everyone (default: none).")
    private int trials;

    @Option(
            names = "--tune-steps",
            paramLabel = "N",
            description = "Iterations of such a run (default: a quarter of a run's, at least 20).")
    private Integer trialSteps;

    @Option(names = "--threads", paramLabel = "N", description = "Runs at a time (default: one per core).")
    private Integer threads;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "A setting of all runs, of all solvers that know it, or SOLVER.KEY=VALUE of one; may be repeated.")
    private List<String> set = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the comparison (default: runs/compare-TIME).")
    private Path out;

    @Option(names = "--resume", description = "Goes on in --out: runs that have ended are not run again.")
    private boolean resume;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (resume && out == null) {
            throw new DataException("--resume: needs the folder to go on in; give it with --out");
        }
        final Path folder = NewFolder.of(out, "compare");
        if (!resume) {
            NewFolder.require(folder, "choose another --out, or go on with --resume");
        }
        if (trials < 0) {
            throw new DataException("--tune " + trials + ": must not be negative");
        }
        if (trialSteps != null && trialSteps < 1) {
            throw new DataException("--tune-steps " + trialSteps + ": must be at least 1");
        }
        if (trialSteps != null && !spec.commandLine().getParseResult().hasMatchedOption("--tune")) {
            throw new DataException("--tune-steps " + trialSteps + ": is the length of --tune's runs; give --tune too");
        }
        if (threads != null && threads < 1) {
            throw new DataException("--threads " + threads + ": must be at least 1");
        }
        final Map<String, String> changes = SettingOptions.pairs(set);
        if (steps != null) {
            if (changes.containsKey("steps")) {
                throw new DataException("--steps " + steps + ": is given as --set steps=" + changes.get("steps")
                        + " too; give it once");
            }
            changes.put("steps", Integer.toString(steps));
        }
        final Contest given = Contest.of(problem, solvers, seeds(seeds), changes, trials, folder);
        final Contest contest = trialSteps == null ? given : given.withTrialSteps(trialSteps);
        final PrintWriter err = spec.commandLine().getErr();
        final List<Contender> contenders =
                new Comparison(contest, threads == null ? Devices.threads() : threads, err).execute();
        if (contenders.isEmpty()) {
            return RunCommand.INTERRUPTED;
        }
        final PrintWriter stdout = spec.commandLine().getOut();
        for (final Contender c : contenders) {
            stdout.printf(
                    "%-10s final %s %s, diverged %s%n",
                    c.name(),
                    c.criterion().name(),
                    c.criterion().format(c.finalMean(), c.finalDeviation()),
                    c.diverged());
        }
        stdout.println("page: " + folder.resolve("index.html") + "   table: " + folder.resolve("table.csv"));
        stdout.flush();
        return 0;
    }

    /** "1..5", "3" or "1,4,9". */
    static List<Long> seeds(final String text) {
        final List<Long> all = new ArrayList<>();
        try {
            final int dots = text.indexOf("..");
            if (dots >= 0) {
                final long from = Long.parseLong(text.substring(0, dots));
                final long to = Long.parseLong(text.substring(dots + 2));
                if (to >= from && to - from >= 0 && to - from < MOST_SEEDS) { // the difference may overflow
                    LongStream.rangeClosed(from, to).forEach(all::add);
                }
            } else {
                for (final String part : text.split(",")) {
                    all.add(Long.parseLong(part));
                }
            }
        } catch (NumberFormatException e) {
            all.clear(); // falls through to the one message for every malformed text
        }
        if (all.isEmpty() || all.stream().distinct().count() < all.size()) {
            throw new DataException("--seeds '" + text + "': write 1..5 or 1,4,9, each seed once");
        }
        return all;
    }
}
