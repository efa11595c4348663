package borep.benchmark;

import borep.device.Device;
import borep.kernel.Pooling;
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

/** Pooling of packed rows, and the combination of pairs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class PoolingBenchmark {
    @Param({"vector"})
    private String device;

    @Param({"MAX", "MAX_PADDED", "MEAN", "LAST"})
    private Pooling.Mode mode;

    @Param({"512"})
    private int width;

    @Param({"40"})
    private int steps;

    @Param({"50"})
    private int batch;

    private Device place;
    private Pooling kernel;
    private Pooling.Tape tape;
    private PackedTexts texts;
    private Rows states;
    private Rows features;
    private Rows stateCotangents;
    private Pooling.Pair values;
    private Pooling.Pair tangents;
    private Pooling.Pair cotangents;
    private Rows combined;
    private Rows combinedTangents;

    @Setup(Level.Trial)
    public void open() {
        place = Setting.device(device);
        kernel = place.kernels().pooling();
        texts = new PackedTexts(place, batch, steps, 1, true);
        tape = kernel.tape(mode, width, batch);
        states = Setting.rows(place, texts.rows, width, 4);
        stateCotangents = Rows.of(place.reals(texts.rows * width), width);
        features = Setting.rows(place, batch, width, 5);
        values = pair(6);
        tangents = pair(8);
        cotangents = pair(10);
        combined = Setting.rows(place, batch, 4 * width, 12);
        combinedTangents = Setting.rows(place, batch, 4 * width, 13);
        forward();
    }

    private Pooling.Pair pair(final int purpose) {
        return new Pooling.Pair(
                Setting.rows(place, batch, width, purpose), Setting.rows(place, batch, width, purpose + 1));
    }

    @TearDown(Level.Trial)
    public void close() {
        place.close();
    }

    @Benchmark
    public void forward() {
        kernel.forward(tape, texts.packing, states, features);
    }

    @Benchmark
    public void backward() {
        place.kernels().update().fill(stateCotangents.values(), 0);
        kernel.backward(tape, features, stateCotangents);
    }

    @Benchmark
    public void tangentForward() {
        kernel.tangentForward(tape, states, features);
    }

    @Benchmark
    public void pairForward() {
        kernel.pairForward(batch, values, combined);
    }

    @Benchmark
    public void pairBackward() {
        clearPair();
        kernel.pairBackward(batch, values, combined, cotangents);
    }

    @Benchmark
    public void pairTangentForward() {
        kernel.pairTangentForward(batch, values, tangents, combinedTangents);
    }

    @Benchmark
    public void pairTangentBackward() {
        clearPair();
        kernel.pairTangentBackward(batch, values, tangents, combined, combinedTangents, cotangents);
    }

    private void clearPair() {
        place.kernels().update().fill(cotangents.u().values(), 0);
        place.kernels().update().fill(cotangents.v().values(), 0);
    }
}
