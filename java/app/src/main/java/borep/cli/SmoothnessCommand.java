package borep.cli;

import borep.data.DataException;
import borep.device.Device;
import borep.device.Devices;
import borep.device.Schedule;
import borep.experiment.ChosenDevice;
import borep.experiment.RunSettings;
import borep.experiment.SmoothnessStudy;
import borep.report.LineFit;
import borep.report.Report;
import borep.report.SmoothnessPath;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code borep smoothness}: the Hessian's norm beside the gradient's along a training path. */
@Command(
        name = "smoothness",
        mixinStandardHelpOptions = true,
        description =
                "Trains a recurrent network by SGD and measures its loss's local smoothness (the Hessian's norm, by power"
                        + " iteration) and gradient norm along the path: a table, a page and a figure.")
public final class SmoothnessCommand implements Callable<Integer> {
    @Mixin
    private SettingOptions options;

    @Option(names = "--steps", paramLabel = "N", description = "Steps of SGD (400).")
    private String steps;

    @Option(names = "--every", paramLabel = "N", description = "Steps between two measured points (4).")
    private String every;

    @Option(names = "--step", paramLabel = "A", defaultValue = "1", description = "Size of a step (${DEFAULT-VALUE}).")
    private String step;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "64",
            description = "Texts of a step (${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--measured",
            paramLabel = "N",
            defaultValue = "128",
            description = "Texts that every point is measured on, the same for all (${DEFAULT-VALUE}).")
    private int measured;

    @Option(
            names = "--tolerance",
            paramLabel = "T",
            defaultValue = "0.05",
            description = "Relative residual at which the power iteration stops (${DEFAULT-VALUE}).")
    private double tolerance;

    @Option(
            names = "--products",
            paramLabel = "N",
            defaultValue = "100",
            description = "Hessian-vector products at most for a point (${DEFAULT-VALUE}).")
    private int products;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any setting of the text problems, such as network.pool=mean; may be repeated.")
    private List<String> set = new ArrayList<>();

    @Option(
            names = {"--out", "--output"},
            paramLabel = "DIR",
            description = "Folder of the result (default: runs/smoothness-TIME).")
    private Path out;

    @Option(names = "--json", description = "The result as one line of JSON on standard output, nothing else.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        final Path folder = NewFolder.of(out, "smoothness");
        NewFolder.require(folder, "choose another --out");
        final SmoothnessStudy.Settings settings = settings();
        final Devices.Choice choice =
                ChosenDevice.open(settings.run().device(), settings.run().threads());
        final PrintWriter err =
                json ? new PrintWriter(Writer.nullWriter()) : spec.commandLine().getErr();
        try (Device chosen = choice.device()) {
            err.println(choice.line());
            final SmoothnessStudy study = study(chosen, settings);
            NewFolder.make(folder);
            err.println(study.title());
            final SmoothnessPath path = SmoothnessPath.of(
                    study.title(), study.run(err), settings.run().seed());
            Report.smoothness(path, folder);
            say(path, folder);
        }
        return 0;
    }

    private static SmoothnessStudy study(final Device device, final SmoothnessStudy.Settings settings) {
        try {
            return new SmoothnessStudy(device, settings);
        } catch (IllegalArgumentException e) {
            throw new DataException(e.getMessage());
        } catch (OutOfMemoryError | ArithmeticException e) { // beyond memory, or beyond what an array holds
            throw DataException.tooLarge("the network and its tapes", "--hidden, --layers, --batch or --measured");
        }
    }

    private SmoothnessStudy.Settings settings() {
        options.give("steps", "steps", steps);
        options.give("every", "evaluateEvery", every);
        final RunSettings run = options.change(SmoothnessStudy.preset(), SettingOptions.pairs(set));
        try {
            return new SmoothnessStudy.Settings(run, batch, measured, Schedule.parse(step), tolerance, products);
        } catch (IllegalArgumentException e) {
            throw new DataException(e.getMessage());
        }
    }

    private void say(final SmoothnessPath path, final Path folder) {
        final PrintWriter stdout = spec.commandLine().getOut();
        final LineFit fit = path.fit();
        final long open = path.points().stream()
                .filter(point -> !(point.residual() <= tolerance))
                .count();
        if (json) {
            final ObjectNode node = new ObjectMapper().createObjectNode();
            node.put("title", path.title());
            node.put("points", path.points().size()).put("notConverged", open);
            node.put("l0", fit.l0()).put("l0Low", fit.l0Low()).put("l0High", fit.l0High());
            node.put("l1", fit.l1()).put("l1Low", fit.l1Low()).put("l1High", fit.l1High());
            node.put("correlation", fit.correlation());
            node.put("folder", folder.toString());
            stdout.println(node);
        } else {
            stdout.printf(
                    Locale.ROOT,
                    "smoothness = L0 + L1 |gradient|: L0 = %.3g [%.3g, %.3g], L1 = %.3g [%.3g, %.3g], correlation of the logarithms %.2f%n",
                    fit.l0(),
                    fit.l0Low(),
                    fit.l0High(),
                    fit.l1(),
                    fit.l1Low(),
                    fit.l1High(),
                    fit.correlation());
            stdout.printf(
                    "%d of %d points not converged within %d products%n",
                    open, path.points().size(), products);
            stdout.println("page: " + folder.resolve("index.html") + "   table: " + folder.resolve("smoothness.csv"));
        }
        stdout.flush();
    }
}
