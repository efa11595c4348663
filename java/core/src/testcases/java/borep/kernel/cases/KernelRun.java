package borep.kernel.cases;

import static borep.kernel.cases.DrawnMemory.inside;
import static borep.kernel.cases.DrawnMemory.wide;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Batch;
import borep.kernel.Dense;
import borep.kernel.Loss;
import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import borep.kernel.Sparse;
import borep.kernel.SparseMatrix;
import borep.kernel.Store;
import borep.kernel.Update;
import borep.kernel.cases.KernelCases.Wanted;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** Runs a kernel family with inputs drawn from a seed, and returns everything that it may touch: what {@link DrawnMemory} watches. */
final class KernelRun {
    private KernelRun() {}

    /** @param words different rows of the input; as many as there are rows: all of them */
    static Map<String, double[]> recurrent(
            final Device device,
            final Recurrent.Shape shape,
            final int[] lengths,
            final int words,
            final Wanted wanted,
            final long seed) {
        final DrawnMemory memory = new DrawnMemory(device, seed);
        final int rows = Arrays.stream(lengths).sum() + 1; // a row more than the batch has: as many as the tape
        final int hidden = shape.hidden();
        final int parameters = shape.parameters();
        final Packing packing = memory.packing(lengths);
        final Rows input = memory.pack(packing, lengths, words, shape.input());
        final double scale = 1 / Math.sqrt(hidden);
        final Reals weights = memory.draw(parameters, scale);
        final Reals direction = moves(wanted, Wanted.NO_DIRECTION) ? memory.draw(parameters, scale) : null;
        final Rows inputTangent = moves(wanted, Wanted.NO_INPUT_TANGENT)
                ? inside(memory.draw(wide(rows, shape.input()), 1), shape.input())
                : null;
        final Rows output = inside(memory.unwritten("output", wide(rows, hidden)), hidden);
        final Rows outputTangent = inside(memory.unwritten("outputTangent", wide(rows, hidden)), hidden);
        final Rows cotangent = inside(memory.draw(wide(rows, hidden), 1), hidden);
        final Rows cotangentTangent = inside(memory.draw(wide(rows, hidden), 1), hidden);
        final Reals gradient = memory.watch("gradient", memory.draw(parameters, 1));
        final Reals gradientTangent = memory.watch("gradientTangent", memory.draw(parameters, 1));
        final Rows toInput =
                inside(memory.watch("inputCotangent", memory.draw(wide(rows, shape.input()), 1)), shape.input());
        final Rows toInputTangent =
                inside(memory.watch("inputCotangentTangent", memory.draw(wide(rows, shape.input()), 1)), shape.input());
        final boolean withGradient = wanted != Wanted.NO_GRADIENT;
        final boolean withInput = wanted != Wanted.NO_INPUT_COTANGENT;
        final Recurrent recurrent = device.kernels().recurrent();
        final Recurrent.Tape tape = recurrent.tape(shape, rows, lengths.length + 1);
        final Reals toWeights = withGradient ? gradient : null;
        final Reals toWeightsTangent = withGradient ? gradientTangent : null;
        final Rows toRows = withInput ? toInput : null;
        final Rows toRowsTangent = withInput ? toInputTangent : null;
        recurrent.forward(tape, packing, weights, input, output);
        recurrent.backward(tape, weights, cotangent, toWeights, toRows);
        recurrent.tangentForward(tape, weights, direction, inputTangent, outputTangent);
        recurrent.tangentBackward(tape, weights, direction, cotangentTangent, toWeightsTangent, toRowsTangent);
        // once more in the memory of the first, values and tangents together
        recurrent.forwardAlong(tape, packing, weights, direction, input, inputTangent, output, outputTangent);
        recurrent.backwardAlong(
                tape,
                weights,
                direction,
                cotangent,
                cotangentTangent,
                toWeights,
                toWeightsTangent,
                toRows,
                toRowsTangent);
        return memory.results();
    }

    private static boolean moves(final Wanted wanted, final Wanted without) {
        return wanted != without && wanted != Wanted.NOTHING_MOVES;
    }

    static Map<String, double[]> dense(
            final Device device, final Dense.Shape shape, final int rows, final Wanted wanted, final long seed) {
        final DrawnMemory memory = new DrawnMemory(device, seed);
        final int in = shape.input();
        final int out = shape.output();
        final double scale = 1 / Math.sqrt(in);
        final Reals weights = memory.draw(shape.parameters(), scale);
        final Reals direction = moves(wanted, Wanted.NO_DIRECTION) ? memory.draw(shape.parameters(), scale) : null;
        final Rows input = inside(memory.draw(wide(rows, in), 1), in);
        final Rows inputTangent =
                moves(wanted, Wanted.NO_INPUT_TANGENT) ? inside(memory.draw(wide(rows, in), 1), in) : null;
        final Rows output = inside(memory.unwritten("output", wide(rows, out)), out);
        final Rows outputTangent = inside(memory.unwritten("outputTangent", wide(rows, out)), out);
        final Rows cotangent = inside(memory.draw(wide(rows, out), 1), out);
        final Rows cotangentTangent = inside(memory.draw(wide(rows, out), 1), out);
        final Reals gradient = memory.watch("gradient", memory.draw(shape.parameters(), 1));
        final Reals gradientTangent = memory.watch("gradientTangent", memory.draw(shape.parameters(), 1));
        final Rows toInput = inside(memory.watch("inputCotangent", memory.draw(wide(rows, in), 1)), in);
        final Rows toInputTangent = inside(memory.watch("inputCotangentTangent", memory.draw(wide(rows, in), 1)), in);
        final boolean withGradient = wanted != Wanted.NO_GRADIENT;
        final boolean withInput = wanted != Wanted.NO_INPUT_COTANGENT;
        final Dense dense = device.kernels().dense();
        final Dense.Tape tape = dense.tape(shape, rows + 2 * (rows & 2)); // with and without room to spare
        for (int repetition = 0; repetition < 2; repetition++) {
            dense.forward(tape, rows, weights, input, output);
            dense.backward(tape, weights, cotangent, withGradient ? gradient : null, withInput ? toInput : null);
            dense.tangentForward(tape, weights, direction, inputTangent, outputTangent);
            dense.tangentBackward(
                    tape,
                    weights,
                    direction,
                    cotangentTangent,
                    withGradient ? gradientTangent : null,
                    withInput ? toInputTangent : null);
        }
        return memory.results();
    }

    static Map<String, double[]> pooling(
            final Device device, final Pooling.Mode mode, final int width, final int[] lengths, final long seed) {
        final DrawnMemory memory = new DrawnMemory(device, seed);
        final int rows = Arrays.stream(lengths).sum();
        final int batch = lengths.length;
        final int most = batch + 1;
        final Packing packing = memory.packing(lengths);
        final Rows values = memory.pack(packing, lengths, rows, width);
        final Pooling pooling = device.kernels().pooling();
        final Pooling.Tape tape = pooling.tape(mode, width, most);
        final Rows features = inside(memory.unwritten("features", wide(most, width)), width);
        pooling.forward(tape, packing, values, features);
        pooling.backward(
                tape,
                inside(memory.draw(wide(most, width), 1), width),
                inside(memory.watch("rowCotangents", memory.draw(wide(rows, width), 1)), width));
        pooling.tangentForward(
                tape,
                inside(memory.draw(wide(rows, width), 1), width),
                inside(memory.unwritten("featureTangents", wide(most, width)), width));
        final Pooling.Pair pair = memory.pair("values", batch, width);
        final Pooling.Pair tangents = memory.pair("tangents", batch, width);
        final Pooling.Pair cotangents = memory.pair("cotangents", batch, width);
        final Pooling.Pair cotangentTangents = memory.pair("cotangentTangents", batch, width);
        final Rows pairCotangents = inside(memory.draw(wide(batch, 4 * width), 1), 4 * width);
        pooling.pairForward(batch, pair, inside(memory.unwritten("pairs", wide(batch, 4 * width)), 4 * width));
        pooling.pairBackward(batch, pair, pairCotangents, cotangents);
        pooling.pairTangentForward(
                batch, pair, tangents, inside(memory.unwritten("pairTangents", wide(batch, 4 * width)), 4 * width));
        pooling.pairTangentBackward(
                batch,
                pair,
                tangents,
                pairCotangents,
                inside(memory.draw(wide(batch, 4 * width), 1), 4 * width),
                cotangentTangents);
        return memory.results();
    }

    static Map<String, double[]> loss(final Device device, final int rows, final int classes, final long seed) {
        final DrawnMemory memory = new DrawnMemory(device, seed);
        final Loss loss = device.kernels().loss();
        final Loss.Tape tape = loss.tape(rows + 1, classes);
        final Rows logits = inside(memory.draw(wide(rows, classes), 3), classes);
        final Rows tangents = inside(memory.draw(wide(rows, classes), 1), classes);
        final Reals weights = memory.draw(rows, 1);
        final Reals losses = memory.unwritten("losses", rows);
        loss.forward(tape, rows, logits, memory.choose(rows, classes), losses);
        loss.backward(tape, weights, inside(memory.unwritten("cotangents", wide(rows, classes)), classes));
        loss.tangentForward(tape, tangents, memory.unwritten("lossTangents", rows));
        loss.tangentBackward(
                tape, weights, tangents, inside(memory.unwritten("cotangentTangents", wide(rows, classes)), classes));
        final Ints predictions = device.ints(rows);
        loss.predict(rows, logits, predictions);
        memory.watch("predictions", predictions);
        final int samples = 11;
        final Reals x = memory.draw(samples, 2);
        final Ints indices = memory.choose(rows, samples);
        loss.sampleWeights(x, indices, 1.0 / rows, memory.unwritten("sampleWeights", rows));
        loss.sampleWeightsBackward(x, indices, 1.0 / rows, losses, memory.watch("sampleGradient", memory.draw(samples, 1)));
        regularise(memory, loss, 3 * samples);
        return memory.results();
    }

    private static void regularise(final DrawnMemory memory, final Loss loss, final int size) {
        final Reals y = memory.draw(size, 1);
        final Reals z = memory.draw(size, 1);
        final Reals coefficient = memory.draw(1, 1);
        for (final Loss.Regulariser kind : Loss.Regulariser.values()) {
            for (final Reals at : new Reals[] {y, memory.zeros(size)}) {
                final String name = kind + (at == y ? "" : " at 0");
                loss.regularise(kind, 0.3, coefficient, at, memory.watch(name + " value", memory.draw(1, 1)));
                for (final Store store : Store.values()) {
                    final Reals gradient = target(memory, name + " gradient, " + store, size, store);
                    final Reals product = target(memory, name + " product, " + store, size, store);
                    loss.regulariserGradient(kind, 0.3, coefficient, at, gradient, store);
                    loss.regulariserHessianVector(kind, 0.3, coefficient, at, z, product, store);
                }
                loss.regulariserMixed(kind, 0.3, at, z, memory.watch(name + " mixed", memory.draw(1, 1)));
            }
        }
    }

    private static Reals target(final DrawnMemory memory, final String name, final int size, final Store store) {
        return store == Store.WRITE ? memory.unwritten(name, size) : memory.watch(name, memory.draw(size, 1));
    }

    static Map<String, double[]> update(final Device device, final int size, final long seed) {
        final DrawnMemory memory = new DrawnMemory(device, seed);
        final Update update = device.kernels().update();
        final Reals a = memory.draw(size + 3, 1).slice(1, size); // a slice, so that no loop may assume offset 0
        final Reals b = memory.draw(size, 1);
        final Reals scalar = memory.draw(1, 1);
        update.fill(memory.unwritten("filled", size), 1.5);
        update.copy(a, memory.unwritten("copied", size));
        update.scale(-0.75, memory.watch("scaled", memory.draw(size, 1)));
        update.axpy(0.3, a, memory.watch("added", memory.draw(size, 1)));
        update.axpy(0.3, scalar, a, memory.watch("added by scalar", memory.draw(size, 1)));
        update.average(0.9, a, memory.watch("averaged", memory.draw(size, 1)));
        update.multiply(a, b, memory.unwritten("multiplied", size));
        final Reals square = memory.watch("squared", memory.draw(size, 1));
        update.multiply(square, square, square);
        final Reals divisor = memory.draw(size, 1);
        update.fill(divisor.slice(0, 1), 0);
        update.divide(a, divisor, memory.unwritten("divided", size));
        for (final Update.Function function : Update.Function.values()) {
            final Reals of = function == Update.Function.LOG ? memory.positive(size) : a;
            update.apply(function, of, memory.unwritten(function.name(), size));
        }
        update.dot(a, a, memory.unwritten("square", 1));
        update.norm(b, memory.unwritten("norm", 1));
        update.projectBall(a, 0.5 * Math.sqrt(size), memory.watch("projected", memory.draw(size, 1)));
        update.projectBall(a, 1e3, memory.watch("inside", memory.draw(size, 1)));
        update.projectBall(a, Double.POSITIVE_INFINITY, memory.watch("unbounded", memory.draw(size, 1)));
        update.residualStep(
                a,
                memory.watch("residual", memory.draw(size, 1)),
                scalar,
                memory.watch("solution", memory.draw(size, 1)),
                memory.unwritten("residual norm", 1));
        update.normalisedMomentum(
                0.9,
                a,
                memory.watch("momentum", memory.draw(size, 1)),
                scalar,
                1e-3,
                memory.watch("moved", memory.draw(size, 1)),
                memory.unwritten("length", 1));
        final Counter counter = device.counter();
        counter.set(2);
        update.adam(
                0.9,
                0.99,
                a,
                memory.watch("first moment", memory.draw(size, 1)),
                memory.watch("second moment", memory.positive(size)),
                scalar,
                counter,
                1e-3,
                memory.watch("moved by Adam", memory.draw(size, 1)));
        solve(memory, update);
        return memory.results();
    }

    static Map<String, double[]> normal(final Device device, final int size, final long seed) {
        final DrawnMemory memory = new DrawnMemory(device, seed);
        final Counter counter = device.counter();
        counter.set(1L << 40);
        device.kernels().batch().normal(new Batch.Stream(seed, 5, 2), counter, memory.unwritten("normal", size));
        return memory.results();
    }

    static Map<String, double[]> sparse(
            final Device device,
            final int count,
            final int columns,
            final int outputs,
            final int mostInRow,
            final long seed) {
        final DrawnMemory memory = new DrawnMemory(device, seed);
        final Sparse sparse = device.kernels().sparse();
        final SparseMatrix a = sparse.matrix(memory.sparseRows(count, columns, mostInRow));
        final Reals w = memory.draw(columns * outputs, 1);
        final int batch = 2 * count / 3 + 1;
        for (final Ints rows : new Ints[] {null, memory.choose(batch, count)}) { // chosen ones repeat
            final String name = rows == null ? "all" : "chosen";
            final int size = rows == null ? count : batch;
            sparse.multiply(a, rows, w, inside(memory.unwritten(name + " out", wide(size, outputs)), outputs));
            sparse.multiplyTransposed(
                    a,
                    rows,
                    inside(memory.draw(wide(size, outputs), 1), outputs),
                    memory.watch(name + " gradient", memory.draw(columns * outputs, 1)));
        }
        return memory.results();
    }

    /** A system whose second row and column are left out, as if there were one unknown less. */
    private static void solve(final DrawnMemory memory, final Update update) {
        final int n = 4;
        final float[] numbers = new float[n * n];
        final SplittableRandom random = memory.random();
        for (int i = 0; i < n * n; i++) {
            final boolean leftOut = i / n == 1 || i % n == 1;
            numbers[i] = leftOut ? 0 : (float) random.nextDouble(-1, 1) + (i % (n + 1) == 0 ? 3 : 0);
        }
        final Reals matrix = memory.zeros(n * n);
        matrix.set(numbers);
        update.solve(matrix, memory.draw(n, 1), memory.unwritten("solved", n));
    }
}
