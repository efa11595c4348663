package borep.cli;

import borep.cuda.CudaException;
import borep.data.DataException;
import borep.device.DeviceUnavailable;
import borep.solver.DivergedException;
import java.io.PrintWriter;
import java.util.List;
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
        mixinStandardHelpOptions = true)
public final class Main implements Runnable {
    /** Exit code of a user's mistake. */
    public static final int MISTAKE = 2;

    /** The commands in the order of the help, which ends with picocli's own {@code help}. */
    private static final List<Class<?>> COMMANDS = List.of(
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
            HelpCommand.class);

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Runs one command and exits with its code: 0 good, 1 a comparison failed, 2 a mistake in what was asked. */
    public static void main(final String[] args) {
        System.exit(commandLine(args).execute(args));
    }

    private static List<Class<?>> commandsFor(final String... args) {
        return COMMANDS.stream()
                .filter(command -> !command.equals(HelpCommand.class))
                .filter(command -> args.length > 0
                        && command.getAnnotation(Command.class).name().equals(args[0]))
                .findFirst()
                .<List<Class<?>>>map(List::of)
                .orElse(COMMANDS);
    }

    /**
     * The command line with one sentence for every mistake.
     *
     * @param args what it is for. If they begin with a command it knows that one alone, because to look at all of them takes picocli a third of a
     *             second; otherwise all, and for help, which tells of all
     */
    public static CommandLine commandLine(final String... args) {
        final CommandLine line = new CommandLine(new Main());
        commandsFor(args).forEach(line::addSubcommand);
        line.setParameterExceptionHandler((e, given) -> {
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
