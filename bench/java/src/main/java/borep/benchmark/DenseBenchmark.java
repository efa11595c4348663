package borep.benchmark;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Rows;
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

/** Each of the four sweeps of one fully connected layer with tanh. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class DenseBenchmark {
    @Param({"vector"})
    private String device;

    @Param({"512"})
    private int input;

    @Param({"512", "1024"})
    private int output;

    @Param({"20", "512"})
    private int batch;

    private Device place;
    private Dense kernel;
    private Dense.Tape tape;
    private Reals weights;
    private Reals direction;
    private Reals gradient;
    private Rows values;
    private Rows inputTangent;
    private Rows inputCotangent;
    private Rows results;
    private Rows cotangent;

    @Setup(Level.Trial)
    public void open() {
        place = Setting.device(device);
        kernel = place.kernels().dense();
        final Dense.Shape shape = new Dense.Shape(input, output, true);
        tape = kernel.tape(shape, batch);
        weights = Setting.normal(place, shape.parameters(), 1);
        direction = Setting.normal(place, shape.parameters(), 2);
        gradient = place.reals(shape.parameters());
        values = Setting.rows(place, batch, input, 3);
        inputTangent = Setting.rows(place, batch, input, 4);
        inputCotangent = Rows.of(place.reals(batch * input), input);
        results = Rows.of(place.reals(batch * output), output);
        cotangent = Setting.rows(place, batch, output, 5);
        forward();
        backward();
        tangentForward();
        tangentBackward();
    }

    @TearDown(Level.Trial)
    public void close() {
        place.close();
    }

    @Benchmark
    public void forward() {
        kernel.forward(tape, batch, weights, values, results);
    }

    @Benchmark
    public void backward() {
        clear();
        kernel.backward(tape, weights, cotangent, gradient, inputCotangent);
    }

    @Benchmark
    public void tangentForward() {
        kernel.tangentForward(tape, weights, direction, inputTangent, results);
    }

    @Benchmark
    public void tangentBackward() {
        clear();
        kernel.tangentBackward(tape, weights, direction, cotangent, gradient, inputCotangent);
    }

    private void clear() {
        place.kernels().update().fill(gradient, 0);
        place.kernels().update().fill(inputCotangent.values(), 0);
    }
}
