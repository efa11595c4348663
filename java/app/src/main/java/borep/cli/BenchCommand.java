package borep.cli;

import borep.bench.IterationBench;
import borep.bench.Machine;
import borep.bench.Measurement;
import borep.bench.RecurrentBench;
import borep.bench.Stopwatch;
import borep.data.DataException;
import borep.device.Device;
import borep.device.Devices;
import borep.experiment.ChosenDevice;
import borep.kernel.Recurrent;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.lang.ref.Reference;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code borep bench}: how fast the recurrent sweeps, whole iterations and the machine itself are. */
@Command(
        name = "bench",
        description = "Measures recurrent sweeps, iterations of BO-REP and the machine, on random data.",
        mixinStandardHelpOptions = true)
public final class BenchCommand implements Runnable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int SHORTEST_RAGGED = 5;
    private static final long SEED = 1;
    private static final int MOST_THREADS = 1024;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a subcommand is missing: recurrent, iteration, machine");
    }

    /** What all measurements share. */
    static final class Common {
        @Option(
                names = "--device",
                paramLabel = "D",
                description = "auto, cuda, vector, scalar or reference (default: auto).")
        private String device = "auto";

        @Option(names = "--threads", paramLabel = "N", description = "Host threads (default: all cores).")
        private int threads;

        @Option(names = "--repeats", paramLabel = "N", description = "Measured repeats (default: for --seconds).")
        private int repeats;

        @Option(names = "--seconds", paramLabel = "S", description = "Time to measure (default: 3).")
        private double seconds = 3;

        @Option(names = "--warm-up", paramLabel = "S", description = "Least time to warm up (default: 4).")
        private double warmUp = 4;

        @Option(names = "--json", description = "Ends with one line of JSON.")
        private boolean json;
    }

    @Command(
            name = "recurrent",
            description = "The sweeps of stacked recurrent layers alone, under a quadratic loss of their states.",
            mixinStandardHelpOptions = true)
    int recurrent(
            @Mixin final Common common,
            @Option(names = "--cell", paramLabel = "C", defaultValue = "lstm", description = "lstm or rnn.")
                    final String cell,
            @Option(names = "--layers", paramLabel = "N", defaultValue = "1", description = "Stacked layers.")
                    final int layers,
            @Option(names = "--input", paramLabel = "N", defaultValue = "300", description = "Width of the vectors.")
                    final int input,
            @Option(names = "--hidden", paramLabel = "N", defaultValue = "512", description = "Hidden units.")
                    final int hidden,
            @Option(names = "--steps", paramLabel = "T", defaultValue = "32", description = "Steps of a sequence.")
                    final int steps,
            @Option(names = "--batch", paramLabel = "B", defaultValue = "32", description = "Sequences.")
                    final int batch,
            @Option(
                            names = "--pass",
                            paramLabel = "P",
                            defaultValue = "hvp",
                            description = "forward, gradient or hvp (gradient and Hessian-vector product).")
                    final String pass,
            @Option(names = "--ragged", description = "Lengths uniform in 5 … T, the first T.") final boolean ragged,
            @Option(
                            names = "--words",
                            paramLabel = "N",
                            defaultValue = "0",
                            description =
                                    "Different words of the texts (default: no two the same); GFLOP/s count every word.")
                    final int words) {
        require("layers", layers, 1);
        require("input size", input, 1);
        require("hidden size", hidden, 1);
        require("steps", steps, ragged ? SHORTEST_RAGGED : 1);
        require("batch size", batch, 1);
        require("words", words, 0);
        final RecurrentBench.Size size =
                new RecurrentBench.Size(cell(cell), layers, input, hidden, steps, batch, ragged, words);
        final RecurrentBench.Pass chosen = pass(pass);
        measure(common, "--hidden, --layers, --steps, --batch or --words", device -> {
            final double peak = peak(device, common);
            final RecurrentBench bench = new RecurrentBench(device, size, SEED);
            final Stopwatch.Result time = Stopwatch.measure(
                    () -> {
                        bench.run(chosen);
                        bench.await();
                    },
                    plan(common));
            final double present = present(device, common);
            final ObjectNode shape = MAPPER.createObjectNode();
            shape.put("cell", cell).put("layers", layers).put("input", input).put("hidden", hidden);
            shape.put("steps", steps).put("batch", batch).put("ragged", ragged).put("rows", bench.rows());
            shape.put("words", words);
            shape.put("pass", pass);
            final double live = liveMegabytes(device);
            Reference.reachabilityFence(bench);
            return new Measurement(time, 1, bench.flops(chosen), peak, present, threads(common), shape, live);
        });
        return 0;
    }

    @Command(
            name = "iteration",
            description = "Iterations of BO-REP with the networks and settings of the public code's experiments.",
            mixinStandardHelpOptions = true)
    int iteration(
            @Mixin final Common common,
            @Option(
                            names = "--problem",
                            paramLabel = "P",
                            defaultValue = "hyper-representation",
                            description = "hyper-representation, hyperparameter or hyper-cleaning.")
                    final String problem,
            @Option(names = "--cell", paramLabel = "C", defaultValue = "rnn", description = "lstm or rnn.")
                    final String cell,
            @Option(names = "--hidden", paramLabel = "N", defaultValue = "256", description = "Hidden units.")
                    final int hidden,
            @Option(
                            names = "--head",
                            paramLabel = "N",
                            description = "Width of the head's layers (default: the public code's).")
                    final Integer head,
            @Option(
                            names = "--batch",
                            paramLabel = "B",
                            description = "Samples of a batch (default: 20, 50 or 512, the public code's).")
                    final Integer batch,
            @Option(names = "--paper", description = "The paper's iteration instead of the public code's.")
                    final boolean paper) {
        final IterationBench.Kind kind = kind(problem);
        require("hidden size", hidden, 1);
        final int headWidth = head == null ? kind.head() : head;
        require("head width", headWidth, 1);
        final int samples = batch == null ? kind.batch() : batch;
        require("batch size", samples, 1);
        final IterationBench.Size size = new IterationBench.Size(kind, cell(cell), hidden, headWidth, samples, paper);
        measure(common, "--hidden, --head or --batch", device -> {
            final double peak = peak(device, common);
            final IterationBench bench = new IterationBench(device, size, SEED, !isCuda(device));
            final Stopwatch.Result time = Stopwatch.measure(
                    () -> {
                        bench.period();
                        bench.await();
                    },
                    plan(common));
            final double present = present(device, common);
            bench.requireFinite();
            final ObjectNode shape = MAPPER.createObjectNode();
            shape.put("problem", problem)
                    .put("cell", cell)
                    .put("hidden", hidden)
                    .put("head", headWidth);
            shape.put("batch", samples).put("paper", paper).put("device", isCuda(device) ? "cuda" : "cpu");
            shape.put("precision", precision(device));
            final long flops = Math.round(bench.flops() / (double) bench.iterations());
            final double live = liveMegabytes(device);
            Reference.reachabilityFence(bench);
            return new Measurement(time, kind.period(), flops, peak, present, threads(common), shape, live);
        });
        return 0;
    }

    @Command(
            name = "machine",
            description = "Peak of fused multiply-adds and memory bandwidth, by number of threads.",
            mixinStandardHelpOptions = true)
    int machine(
            @Option(names = "--threads", paramLabel = "N", description = "Most threads (default: all cores).")
                    final Integer threads,
            @Option(names = "--json", description = "Ends with one line of JSON.") final boolean json) {
        final int most = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        require("threads", most, 1);
        if (most > MOST_THREADS) {
            throw mistake("threads " + most + ": must be at most " + MOST_THREADS);
        }
        final PrintWriter out = spec.commandLine().getOut();
        final ArrayNode lines = MAPPER.createArrayNode();
        for (int n = 1; n <= most; n++) {
            final double peak = Machine.peakGflops(n);
            final double bandwidth = Machine.triadGigabytes(n);
            out.printf(Locale.ROOT, "%2d threads: %7.1f GFLOP/s, %6.1f GB/s (triad)%n", n, peak, bandwidth);
            out.flush();
            lines.addObject()
                    .put("threads", n)
                    .put("peakGflops", Measurement.round(peak))
                    .put("triadGigabytes", Measurement.round(bandwidth));
        }
        if (json) {
            out.println(MAPPER.createObjectNode().set("machine", lines));
        }
        out.flush();
        return 0;
    }

    /** Opens the device, measures on it and prints what came out. */
    private void measure(final Common common, final String sizes, final Function<Device, Measurement> bench) {
        check(common);
        final Measurement measured;
        try (Device device = open(common)) {
            measured = bench.apply(device);
        } catch (OutOfMemoryError | ArithmeticException e) { // beyond memory, or beyond what an array holds
            throw DataException.tooLarge("the network and its tapes", sizes);
        }
        final PrintWriter out = spec.commandLine().getOut();
        out.println(measured.text());
        measured.doubt().ifPresent(spec.commandLine().getErr()::println);
        spec.commandLine().getErr().flush();
        if (common.json) {
            out.println(measured.json());
        }
        out.flush();
    }

    /** What lives on the Java heap, where the host devices keep everything, in 10⁶ bytes; NaN where a GPU keeps it. */
    private static double liveMegabytes(final Device device) {
        if (isCuda(device)) {
            return Double.NaN;
        }
        System.gc();
        final Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) * 1e-6;
    }

    private Device open(final Common common) {
        final Devices.Choice choice = ChosenDevice.open(common.device, common.threads);
        spec.commandLine().getOut().println(choice.line());
        return choice.device();
    }

    /** Of the processor, which says nothing about a GPU: NaN there. */
    private static double peak(final Device device, final Common common) {
        return isCuda(device) ? Double.NaN : Machine.peakGflops(threads(common));
    }

    private static double present(final Device device, final Common common) {
        return isCuda(device) ? Double.NaN : Machine.presentGflops(threads(common));
    }

    private static boolean isCuda(final Device device) {
        return device.name().startsWith("cuda");
    }

    /** What a CUDA device begins with. */
    private static String precision(final Device device) {
        final String asked = System.getenv("BOREP_PRECISION");
        return isCuda(device) && asked != null && !asked.isBlank() ? asked : "fp32";
    }

    private static int threads(final Common common) {
        return common.threads == 0 ? Devices.threads() : common.threads;
    }

    private static Stopwatch.Plan plan(final Common common) {
        return new Stopwatch.Plan(common.warmUp, common.repeats, common.seconds);
    }

    private void check(final Common common) {
        require("repeats", common.repeats, 0);
        if (!(common.seconds >= 0 && common.warmUp >= 0)) {
            throw mistake("seconds " + common.seconds + ", warm-up " + common.warmUp + ": must not be negative");
        }
    }

    private Recurrent.Cell cell(final String name) {
        return switch (name) {
            case "lstm" -> Recurrent.Cell.LSTM;
            case "rnn" -> Recurrent.Cell.TANH_RNN;
            default -> throw mistake("cell '" + name + "': must be lstm or rnn");
        };
    }

    private RecurrentBench.Pass pass(final String name) {
        return switch (name) {
            case "forward" -> RecurrentBench.Pass.FORWARD;
            case "gradient" -> RecurrentBench.Pass.GRADIENT;
            case "hvp" -> RecurrentBench.Pass.HVP;
            default -> throw mistake("pass '" + name + "': must be forward, gradient or hvp");
        };
    }

    private IterationBench.Kind kind(final String title) {
        for (final IterationBench.Kind kind : IterationBench.Kind.values()) {
            if (kind.title().equals(title)) {
                return kind;
            }
        }
        throw mistake("problem '" + title + "': must be hyper-representation, hyperparameter or hyper-cleaning");
    }

    private void require(final String name, final int value, final int least) {
        if (value < least) {
            throw mistake(name + " " + value + ": must be at least " + least);
        }
    }

    private ParameterException mistake(final String text) {
        return new ParameterException(spec.commandLine(), text);
    }
}
