package borep.benchmark;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Rows;
import borep.kernel.Store;
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

/** Cross-entropy in its four sweeps, sample weights, and the regularisers over all parameters. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class LossBenchmark {
    private static final int TRAINING = 20_000;

    @Param({"vector"})
    private String device;

    @Param({"512"})
    private int batch;

    @Param({"2", "50"})
    private int classes;

    @Param({"SQUARED", "NORM"})
    private Loss.Regulariser regulariser;

    @Param({"1000000"})
    private int parameters;

    private Device place;
    private Loss kernel;
    private Loss.Tape tape;
    private Rows logits;
    private Rows tangents;
    private Rows cotangents;
    private Ints labels;
    private Ints indices;
    private Reals weights;
    private Reals losses;
    private Reals x;
    private Reals gradientX;
    private Reals y;
    private Reals z;
    private Reals product;
    private Reals value;
    private Reals one;

    @Setup(Level.Trial)
    public void open() {
        place = Setting.device(device);
        kernel = place.kernels().loss();
        tape = kernel.tape(batch, classes);
        logits = Setting.rows(place, batch, classes, 1);
        tangents = Setting.rows(place, batch, classes, 2);
        cotangents = Rows.of(place.reals(batch * classes), classes);
        labels = Setting.below(place, batch, classes, 3);
        indices = Setting.below(place, batch, TRAINING, 4);
        weights = place.reals(batch);
        losses = place.reals(batch);
        x = Setting.normal(place, TRAINING, 5);
        gradientX = place.reals(TRAINING);
        y = Setting.normal(place, parameters, 6);
        z = Setting.normal(place, parameters, 7);
        product = place.reals(parameters);
        value = place.reals(1);
        one = place.reals(1);
        one.set(new double[] {1});
        forward();
        sampleWeights();
    }

    @TearDown(Level.Trial)
    public void close() {
        place.close();
    }

    @Benchmark
    public void forward() {
        kernel.forward(tape, batch, logits, labels, losses);
    }

    @Benchmark
    public void backward() {
        kernel.backward(tape, weights, cotangents);
    }

    @Benchmark
    public void tangentForward() {
        kernel.tangentForward(tape, tangents, losses);
    }

    @Benchmark
    public void tangentBackward() {
        kernel.tangentBackward(tape, weights, tangents, cotangents);
    }

    @Benchmark
    public void sampleWeights() {
        kernel.sampleWeights(x, indices, 1.0 / batch, weights);
    }

    @Benchmark
    public void sampleWeightsBackward() {
        place.kernels().update().fill(gradientX, 0);
        kernel.sampleWeightsBackward(x, indices, 1.0 / batch, losses, gradientX);
    }

    @Benchmark
    public void regularise() {
        place.kernels().update().fill(value, 0);
        kernel.regularise(regulariser, 1, one, y, value);
    }

    @Benchmark
    public void regulariserGradient() {
        kernel.regulariserGradient(regulariser, 1, one, y, product, Store.WRITE);
    }

    @Benchmark
    public void regulariserHessianVector() {
        kernel.regulariserHessianVector(regulariser, 1, one, y, z, product, Store.WRITE);
    }

    @Benchmark
    public void regulariserMixed() {
        place.kernels().update().fill(value, 0);
        kernel.regulariserMixed(regulariser, 1, y, z, value);
    }
}
