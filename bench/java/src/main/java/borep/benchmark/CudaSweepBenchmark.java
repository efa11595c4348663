package borep.benchmark;

import borep.cuda.CudaDevice;
import borep.device.Program;
import borep.device.Reals;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Gradient, and gradient with Hessian-vector product, of one recurrent layer on a CUDA device in each precision: recorded as a solver's
 * step is, run {@link #RUNS} times and waited for once, so that the host's part does not count. Times are of one run. {@link
 * RecurrentBenchmark} measures host devices sweep by sweep.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class CudaSweepBenchmark {
    /** Runs of an invocation. */
    static final int RUNS = 10;

    @Param({"cuda"})
    private String device;

    @Param // every one
    private CudaDevice.Precision precision;

    @Param({"LSTM", "TANH_RNN"})
    private Recurrent.Cell cell;

    @Param({"300"})
    private int input;

    @Param({"256", "512"})
    private int hidden;

    @Param({"32"})
    private int steps;

    @Param({"64"})
    private int batch;

    private CudaDevice place;
    private Program gradient;
    private Program gradientAndProduct;

    @Setup(Level.Trial)
    public void open() {
        place = (CudaDevice) Setting.device(device);
        place.setPrecision(precision);
        final Recurrent kernel = place.kernels().recurrent();
        final Recurrent.Shape shape = new Recurrent.Shape(cell, input, hidden, false);
        final PackedTexts texts = new PackedTexts(place, batch, steps, input, true);
        final Recurrent.Tape tape = kernel.tape(shape, texts.rows, batch);
        final Reals weights = Setting.normal(place, shape.parameters(), 4);
        final Reals direction = Setting.normal(place, shape.parameters(), 5);
        final Reals sum = place.reals(shape.parameters());
        final Reals product = place.reals(shape.parameters());
        final Rows output = Rows.of(place.reals(texts.rows * hidden), hidden);
        final Rows tangent = Rows.of(place.reals(texts.rows * hidden), hidden);
        final Rows cotangent = Setting.rows(place, texts.rows, hidden, 6);
        final Runnable first = () -> {
            place.kernels().update().fill(sum, 0); // gradients are accumulated
            kernel.forward(tape, texts.packing, weights, texts.input, output);
            kernel.backward(tape, weights, cotangent, sum, null);
        };
        gradient = place.record(first);
        gradientAndProduct = place.record(() -> {
            first.run();
            place.kernels().update().fill(product, 0);
            kernel.tangentForward(tape, weights, direction, null, tangent);
            kernel.tangentBackward(tape, weights, direction, cotangent, product, null);
        });
    }

    @TearDown(Level.Trial)
    public void close() {
        place.close();
    }

    @Benchmark
    @OperationsPerInvocation(RUNS)
    public void gradient() {
        run(gradient);
    }

    @Benchmark
    @OperationsPerInvocation(RUNS)
    public void gradientAndProduct() {
        run(gradientAndProduct);
    }

    private void run(final Program program) {
        for (int k = 0; k < RUNS; k++) {
            program.run();
        }
        place.synchronise();
    }
}
