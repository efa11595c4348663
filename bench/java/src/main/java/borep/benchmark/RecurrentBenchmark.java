package borep.benchmark;

import borep.device.Device;
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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Each of the four sweeps of one recurrent layer that is not the lowest: with cotangents and tangents of its inputs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class RecurrentBenchmark {
    @Param({"vector"})
    private String device;

    @Param({"LSTM", "TANH_RNN"})
    private Recurrent.Cell cell;

    @Param({"300"})
    private int input;

    @Param({"256", "512"})
    private int hidden;

    @Param({"32"})
    private int steps;

    @Param({"32"})
    private int batch;

    @Param({"false", "true"})
    private boolean ragged;

    private Device place;
    private Recurrent kernel;
    private Recurrent.Tape tape;
    private PackedTexts texts;
    private Reals weights;
    private Reals direction;
    private Reals gradient;
    private Rows output;
    private Rows cotangent;
    private Rows inputTangent;
    private Rows inputCotangent;

    /** Runs all four sweeps once, so that each finds what it reads. */
    @Setup(Level.Trial)
    public void open() {
        place = Setting.device(device);
        kernel = place.kernels().recurrent();
        final Recurrent.Shape shape = new Recurrent.Shape(cell, input, hidden, false);
        texts = new PackedTexts(place, batch, steps, input, ragged);
        tape = kernel.tape(shape, texts.rows, batch);
        weights = Setting.normal(place, shape.parameters(), 4);
        direction = Setting.normal(place, shape.parameters(), 5);
        gradient = place.reals(shape.parameters());
        output = Rows.of(place.reals(texts.rows * hidden), hidden);
        cotangent = Setting.rows(place, texts.rows, hidden, 6);
        inputTangent = Setting.rows(place, texts.rows, input, 7);
        inputCotangent = Rows.of(place.reals(texts.rows * input), input);
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
        kernel.forward(tape, texts.packing, weights, texts.input, output);
    }

    @Benchmark
    public void backward() {
        clear();
        kernel.backward(tape, weights, cotangent, gradient, inputCotangent);
    }

    @Benchmark
    public void tangentForward() {
        kernel.tangentForward(tape, weights, direction, inputTangent, output);
    }

    @Benchmark
    public void tangentBackward() {
        clear();
        kernel.tangentBackward(tape, weights, direction, cotangent, gradient, inputCotangent);
    }

    /** Gradients are accumulated: without this they would grow until they overflow. */
    private void clear() {
        place.kernels().update().fill(gradient, 0);
        place.kernels().update().fill(inputCotangent.values(), 0);
    }
}
