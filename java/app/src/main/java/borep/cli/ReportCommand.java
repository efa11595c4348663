package borep.cli;

import borep.report.Report;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code borep report}: pages from run directories. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes report.html into run directories, or one page that compares them.")
public final class ReportCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "DIR", description = "What 'borep run' wrote; it may still be running.")
    private List<Path> directories;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write one page to FILE; with several directories it compares them.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (out == null) {
            directories.forEach(directory -> say(Report.write(directory)));
        } else {
            say(directories.size() == 1 ? Report.write(directories.getFirst(), out) : Report.compare(directories, out));
        }
        return 0;
    }

    private void say(final Path page) {
        spec.commandLine().getOut().println("Wrote " + page);
    }
}
