package borep.cli;

import borep.device.Device;
import borep.device.Devices;
import borep.experiment.ChosenDevice;
import borep.experiment.Verification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code borep verify}: golden cases against a device. Exit code 0 if none failed, 1 otherwise. */
@Command(
        name = "verify",
        description = "Compares a device with golden cases (oracle and trajectory files).",
        mixinStandardHelpOptions = true)
public final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--device",
            paramLabel = "D",
            description = "auto, vector, scalar, reference or cuda (default: auto).")
    private String deviceName = "auto";

    @Option(names = "--threads", paramLabel = "N", description = "Host threads (default: all cores).")
    private int threads;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Golden cases (.safetensors).")
    private List<Path> files;

    @Override
    public Integer call() {
        final PrintWriter out = spec.commandLine().getOut();
        int compared = 0;
        int failed = 0;
        int missing = 0;
        final Devices.Choice choice = ChosenDevice.open(deviceName, threads);
        try (Device device = choice.device()) {
            out.println(choice.line());
            final Verification verification = new Verification(device);
            for (final Path file : files) {
                final Verification.Outcome outcome = verification.verify(file);
                out.println(outcome.text());
                switch (outcome.status()) {
                    case PASSED -> compared++;
                    case FAILED -> {
                        compared++;
                        failed++;
                    }
                    case NO_SOLVER -> missing++;
                }
            }
        }
        if (missing > 0) {
            out.println(missing + " not compared: their solvers do not exist yet");
        }
        out.println(compared + " cases, " + failed + " failed");
        out.flush();
        return failed == 0 ? 0 : 1;
    }
}
