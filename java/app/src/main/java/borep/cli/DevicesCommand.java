package borep.cli;

import borep.device.Devices;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code borep devices}: what could run here, what would, and why not the others. */
@Command(
        name = "devices",
        description = "Explains which device would be chosen here and why.",
        mixinStandardHelpOptions = true)
public final class DevicesCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        Devices.explain().forEach(out::println);
        out.flush();
    }
}
