package borep.cli;

import borep.cuda.CudaException;
import borep.data.DataException;
import borep.device.DeviceUnavailable;
import borep.solver.DivergedException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code borep}. */
@Command(
        name = "borep",
        version = "borep 0.1.0",
        description = "Gradient-based bilevel optimisation for recurrent text models.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RunCommand.class,
            VerifyCommand.class,
            DevicesCommand.class,
            DataCommand.class,
            ReportCommand.class,
            ProblemsCommand.class,
            SolversCommand.class,
            CompareCommand.class,
            SmoothnessCommand.class,
            BenchCommand.class,
            HelpCommand.class
        })
public final class Main implements Runnable {
    /** Exit code of a user's mistake. */
    public static final int MISTAKE = 2;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Runs one command and exits with its code: 0 good, 1 a comparison failed, 2 a mistake in what was asked. */
    public static void main(final String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line with one sentence for every mistake. */
    public static CommandLine commandLine() {
        final CommandLine line = new CommandLine(new Main());
        line.setParameterExceptionHandler((e, args) -> {
            final CommandLine command = e.getCommandLine();
            return sentence(
                    command,
                    e.getMessage() + "; see '" + command.getCommandSpec().qualifiedName() + " --help'");
        });
        line.setExecutionExceptionHandler((e, command, result) -> {
            if (isMistake(e)) {
                return sentence(command, e.getMessage());
            }
            throw e; // a bug: picocli prints the trace
        });
        return line;
    }

    private static boolean isMistake(final Exception e) {
        return e instanceof DataException
                || e instanceof DeviceUnavailable
                || e instanceof DivergedException
                || e instanceof CudaException;
    }

    private static int sentence(final CommandLine command, final String text) {
        final PrintWriter err = command.getErr();
        err.println("borep: " + text.replaceAll("\\p{Cntrl}", "?")); // a binary file's bytes may be quoted in it
        err.flush();
        return MISTAKE;
    }
}
