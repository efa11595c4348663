package borep.cli;

import borep.experiment.ExperimentKind;
import borep.experiment.Experiments;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code borep problems}: what can be run, and the settings of one. */
@Command(
        name = "problems",
        mixinStandardHelpOptions = true,
        description = "Lists the problems that 'run' and 'compare' know; with NAME its settings and their defaults.")
public final class ProblemsCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A problem.")
    private String name;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        final List<ExperimentKind> kinds = name == null ? Experiments.kinds() : List.of(Experiments.kind(name));
        final PrintWriter out = spec.commandLine().getOut();
        for (final ExperimentKind kind : kinds) {
            out.printf(
                    "%-24s %s%n%-24s judged by %s%n",
                    kind.name(), kind.summary(), "", kind.criterion().name());
            if (name != null) {
                kind.settings().forEach((setting, value) -> out.printf("    %-24s %s%n", setting, value));
            }
        }
        out.flush();
        return 0;
    }
}
