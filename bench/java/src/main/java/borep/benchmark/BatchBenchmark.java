package borep.benchmark;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.kernel.Batch;
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

/** Choosing samples and packing their word vectors. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class BatchBenchmark {
    private static final int POPULATION = 20_000;
    private static final Batch.Stream STREAM = new Batch.Stream(Setting.SEED, 1, 0);

    @Param({"vector"})
    private String device;

    @Param({"20", "512"})
    private int batch;

    @Param({"40"})
    private int steps;

    @Param({"300"})
    private int width;

    private Device place;
    private Batch kernel;
    private PackedTexts texts;
    private Counter step;
    private Ints chosen;
    private Ints labels;
    private Ints out;

    @Setup(Level.Trial)
    public void open() {
        place = Setting.device(device);
        kernel = place.kernels().batch();
        texts = new PackedTexts(place, batch, steps, width, true);
        step = place.counter();
        chosen = Setting.below(place, batch, POPULATION, 4);
        labels = Setting.below(place, POPULATION, 2, 5);
        out = place.ints(batch);
    }

    @TearDown(Level.Trial)
    public void close() {
        place.close();
    }

    @Benchmark
    public void draw() {
        kernel.draw(STREAM, step, POPULATION, false, out);
        step.advance();
    }

    @Benchmark
    public void gather() {
        kernel.gather(chosen, labels, out);
    }

    @Benchmark
    public void pack() {
        kernel.pack(texts.sequences, texts.indices, texts.packing, texts.input);
    }
}
