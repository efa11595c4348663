package borep.benchmark;

import borep.cuda.CudaDevice;
import borep.cuda.GraphMode;
import borep.device.Counter;
import borep.device.Program;
import borep.device.Reals;
import borep.kernel.Update;
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
 * What a step costs beside its arithmetic on a CUDA device: a step of {@code calls} small kernels, run {@link #STEPS} times and waited for
 * once; call by call, as one graph a step, and as one launch for several steps. Times are of one step.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 2,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class CudaLoopBenchmark {
    /** Steps of an invocation. */
    static final int STEPS = 100;

    @Param({"cuda"})
    private String device;

    @Param({"eager", "phase", "loop:64"})
    private String graphs;

    @Param({"10", "100"})
    private int calls;

    @Param({"1000"})
    private int size;

    private CudaDevice place;
    private Program step;

    @Setup(Level.Trial)
    public void open() {
        place = (CudaDevice) Setting.device(device);
        place.setGraphs(GraphMode.parse(graphs));
        final Update update = place.kernels().update();
        final Reals a = Setting.normal(place, size, 1);
        final Reals b = Setting.normal(place, size, 2);
        final Counter counter = place.counter();
        step = place.record(() -> {
            for (int call = 0; call < calls; call++) {
                update.axpy(1e-9, a, b);
            }
            counter.advance();
        });
    }

    @TearDown(Level.Trial)
    public void close() {
        place.close();
    }

    @Benchmark
    @OperationsPerInvocation(STEPS)
    public void step() {
        for (int k = 0; k < STEPS; k++) {
            step.run();
        }
        place.synchronise();
    }
}
