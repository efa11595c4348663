package borep.benchmark;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Update;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The solvers' vector operations, in and out of the caches. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class UpdateBenchmark {
    @Param({"vector"})
    private String device;

    @Param({"100000", "10000000"})
    private int size;

    private Device place;
    private Update kernel;
    private Reals a;
    private Reals b;
    private Reals m;
    private Reals step;
    private Reals value;

    @Setup(Level.Trial)
    public void open() {
        place = Setting.device(device);
        kernel = place.kernels().update();
        a = Setting.normal(place, size, 1);
        b = Setting.normal(place, size, 2);
        m = Setting.normal(place, size, 3);
        step = place.reals(1);
        value = place.reals(1);
    }

    @TearDown(Level.Trial)
    public void close() {
        place.close();
    }

    @Benchmark
    public void fill() {
        kernel.fill(m, 0.5);
    }

    @Benchmark
    public void copy() {
        kernel.copy(a, m);
    }

    @Benchmark
    public void axpy() {
        kernel.axpy(1e-9, a, b);
    }

    @Benchmark
    public void average() {
        kernel.average(0.9, a, m);
    }

    @Benchmark
    public void multiply() {
        kernel.multiply(a, b, m);
    }

    @Benchmark
    public void sigmoid() {
        kernel.apply(Update.Function.SIGMOID, a, m);
    }

    @Benchmark
    public void dot() {
        kernel.dot(a, b, value);
    }

    @Benchmark
    public void norm() {
        kernel.norm(a, value);
    }

    @Benchmark
    public void projectBall() {
        kernel.projectBall(a, 1e-3, b);
    }

    /** With steps of length 0, so that x stays where it is. */
    @Benchmark
    public void normalisedMomentum() {
        kernel.normalisedMomentum(0.9, a, m, step, 1e-10, b, value);
    }
}
