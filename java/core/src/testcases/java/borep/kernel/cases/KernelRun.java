package borep.kernel.cases;

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
import borep.kernel.Sequences;
import borep.kernel.Sparse;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;
import borep.kernel.Update;
import borep.kernel.cases.KernelCases.Wanted;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Runs a kernel family with inputs drawn from a seed. What a kernel must write is NaN before, what it accumulates
 * into is drawn as well, and rows have columns beside them that nobody may touch: everything is returned and
 * compared.
 */
final class KernelRun {
    private final Device device;
    private final long seed;
    private int drawn;
    private final Map<String, double[]> touched = new LinkedHashMap<>();
    private final Map<String, Reals> watched = new LinkedHashMap<>();

    private KernelRun(final Device device, final long seed) {
        this.device = device;
        this.seed = seed;
    }

    private Reals draw(final int size, final double scale) {
        final float[] values = new float[size];
        final SplittableRandom random = new SplittableRandom(seed + drawn++);
        for (int i = 0; i < size; i++) {
            values[i] = (float) (scale * random.nextDouble(-1.7, 1.7));
        }
        final Reals reals = device.reals(size);
        reals.set(values);
        return reals;
    }

    private Reals watch(final String name, final Reals reals) {
        watched.put(name, reals);
        return reals;
    }

    /** Memory that a kernel must write. */
    private Reals unwritten(final String name, final int size) {
        final Reals reals = device.reals(size);
        final double[] nothing = new double[size];
        Arrays.fill(nothing, Double.NaN);
        reals.set(nothing);
        return watch(name, reals);
    }

    /** Rows of {@code width} inside wider ones. */
    private Rows inside(final Reals reals, final int width) {
        return new Rows(reals, width, width + 3, 2);
    }

    private static int wide(final int rows, final int width) {
        return rows * (width + 3) + 2;
    }

    private Map<String, double[]> results() {
        watched.forEach((name, reals) -> touched.put(name, reals.toDoubles()));
        return touched;
    }

    /** Packs sequences of these lengths, whose vectors are drawn, the way every batch is packed. */
    private Rows pack(final Packing packing, final int[] lengths, final int rows, final int width) {
        final Ints tokens = device.ints(rows);
        final Ints starts = device.ints(lengths.length);
        final Ints sizes = device.ints(lengths.length);
        final Ints indices = device.ints(lengths.length);
        final int[] begin = new int[lengths.length];
        final int[] all = new int[lengths.length];
        for (int i = 0, next = 0; i < lengths.length; next += lengths[i++]) {
            begin[i] = next;
            all[i] = i;
        }
        final int[] names = new int[rows];
        Arrays.setAll(names, i -> i);
        tokens.set(names);
        starts.set(begin);
        sizes.set(lengths);
        indices.set(all);
        final Rows packed = inside(draw(wide(rows, width), 1), width);
        final Sequences sequences = new Sequences(tokens, starts, sizes, draw(rows * width, 1), width);
        device.kernels().batch().pack(sequences, indices, packing, packed);
        return packed;
    }

    private Packing packing(final int[] lengths) {
        return Packing.allocate(
                device, lengths.length, Math.max(1, Arrays.stream(lengths).max().orElse(1)));
    }

    static Map<String, double[]> recurrent(
            final Device device,
            final Recurrent.Shape shape,
            final int[] lengths,
            final Wanted wanted,
            final long seed) {
        final KernelRun run = new KernelRun(device, seed);
        final int rows = Arrays.stream(lengths).sum();
        final int hidden = shape.hidden();
        final int parameters = shape.parameters();
        final Packing packing = run.packing(lengths);
        final Rows input = run.pack(packing, lengths, rows, shape.input());
        final double scale = 1 / Math.sqrt(hidden);
        final Reals weights = run.draw(parameters, scale);
        final Reals direction = moves(wanted, Wanted.NO_DIRECTION) ? run.draw(parameters, scale) : null;
        final Rows inputTangent = moves(wanted, Wanted.NO_INPUT_TANGENT)
                ? run.inside(run.draw(wide(rows, shape.input()), 1), shape.input())
                : null;
        final Rows output = run.inside(run.unwritten("output", wide(rows, hidden)), hidden);
        final Rows outputTangent = run.inside(run.unwritten("outputTangent", wide(rows, hidden)), hidden);
        final Rows cotangent = run.inside(run.draw(wide(rows, hidden), 1), hidden);
        final Rows cotangentTangent = run.inside(run.draw(wide(rows, hidden), 1), hidden);
        final Reals gradient = run.watch("gradient", run.draw(parameters, 1));
        final Reals gradientTangent = run.watch("gradientTangent", run.draw(parameters, 1));
        final Rows toInput =
                run.inside(run.watch("inputCotangent", run.draw(wide(rows, shape.input()), 1)), shape.input());
        final Rows toInputTangent =
                run.inside(run.watch("inputCotangentTangent", run.draw(wide(rows, shape.input()), 1)), shape.input());
        final boolean withGradient = wanted != Wanted.NO_GRADIENT;
        final boolean withInput = wanted != Wanted.NO_INPUT_COTANGENT;
        final Recurrent recurrent = device.kernels().recurrent();
        final Recurrent.Tape tape = recurrent.tape(shape, rows + 1, lengths.length + 1);
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
        return run.results();
    }

    private static boolean moves(final Wanted wanted, final Wanted without) {
        return wanted != without && wanted != Wanted.NOTHING_MOVES;
    }

    static Map<String, double[]> dense(
            final Device device, final Dense.Shape shape, final int rows, final Wanted wanted, final long seed) {
        final KernelRun run = new KernelRun(device, seed);
        final int in = shape.input();
        final int out = shape.output();
        final double scale = 1 / Math.sqrt(in);
        final Reals weights = run.draw(shape.parameters(), scale);
        final Reals direction = moves(wanted, Wanted.NO_DIRECTION) ? run.draw(shape.parameters(), scale) : null;
        final Rows input = run.inside(run.draw(wide(rows, in), 1), in);
        final Rows inputTangent =
                moves(wanted, Wanted.NO_INPUT_TANGENT) ? run.inside(run.draw(wide(rows, in), 1), in) : null;
        final Rows output = run.inside(run.unwritten("output", wide(rows, out)), out);
        final Rows outputTangent = run.inside(run.unwritten("outputTangent", wide(rows, out)), out);
        final Rows cotangent = run.inside(run.draw(wide(rows, out), 1), out);
        final Rows cotangentTangent = run.inside(run.draw(wide(rows, out), 1), out);
        final Reals gradient = run.watch("gradient", run.draw(shape.parameters(), 1));
        final Reals gradientTangent = run.watch("gradientTangent", run.draw(shape.parameters(), 1));
        final Rows toInput = run.inside(run.watch("inputCotangent", run.draw(wide(rows, in), 1)), in);
        final Rows toInputTangent = run.inside(run.watch("inputCotangentTangent", run.draw(wide(rows, in), 1)), in);
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
        return run.results();
    }

    static Map<String, double[]> pooling(
            final Device device, final Pooling.Mode mode, final int width, final int[] lengths, final long seed) {
        final KernelRun run = new KernelRun(device, seed);
        final int rows = Arrays.stream(lengths).sum();
        final int batch = lengths.length;
        final Packing packing = run.packing(lengths);
        final Rows values = run.pack(packing, lengths, rows, width);
        final Pooling pooling = device.kernels().pooling();
        final Pooling.Tape tape = pooling.tape(mode, width, batch + 1);
        final Rows features = run.inside(run.unwritten("features", wide(batch, width)), width);
        pooling.forward(tape, packing, values, features);
        pooling.backward(
                tape,
                run.inside(run.draw(wide(batch, width), 1), width),
                run.inside(run.watch("rowCotangents", run.draw(wide(rows, width), 1)), width));
        pooling.tangentForward(
                tape,
                run.inside(run.draw(wide(rows, width), 1), width),
                run.inside(run.unwritten("featureTangents", wide(batch, width)), width));
        final Pooling.Pair pair = run.pair("values", batch, width);
        final Pooling.Pair tangents = run.pair("tangents", batch, width);
        final Pooling.Pair cotangents = run.pair("cotangents", batch, width);
        final Pooling.Pair cotangentTangents = run.pair("cotangentTangents", batch, width);
        final Rows pairCotangents = run.inside(run.draw(wide(batch, 4 * width), 1), 4 * width);
        pooling.pairForward(batch, pair, run.inside(run.unwritten("pairs", wide(batch, 4 * width)), 4 * width));
        pooling.pairBackward(batch, pair, pairCotangents, cotangents);
        pooling.pairTangentForward(
                batch, pair, tangents, run.inside(run.unwritten("pairTangents", wide(batch, 4 * width)), 4 * width));
        pooling.pairTangentBackward(
                batch,
                pair,
                tangents,
                pairCotangents,
                run.inside(run.draw(wide(batch, 4 * width), 1), 4 * width),
                cotangentTangents);
        return run.results();
    }

    private Pooling.Pair pair(final String name, final int rows, final int width) {
        return new Pooling.Pair(
                inside(watch(name + ".u", draw(wide(rows, width), 1)), width),
                inside(watch(name + ".v", draw(wide(rows, width), 1)), width));
    }

    static Map<String, double[]> loss(final Device device, final int rows, final int classes, final long seed) {
        final KernelRun run = new KernelRun(device, seed);
        final Loss loss = device.kernels().loss();
        final Loss.Tape tape = loss.tape(rows + 1, classes);
        final Rows logits = run.inside(run.draw(wide(rows, classes), 3), classes);
        final Rows tangents = run.inside(run.draw(wide(rows, classes), 1), classes);
        final Reals weights = run.draw(rows, 1);
        final Reals losses = run.unwritten("losses", rows);
        loss.forward(tape, rows, logits, run.choose(rows, classes), losses);
        loss.backward(tape, weights, run.inside(run.unwritten("cotangents", wide(rows, classes)), classes));
        loss.tangentForward(tape, tangents, run.unwritten("lossTangents", rows));
        loss.tangentBackward(
                tape, weights, tangents, run.inside(run.unwritten("cotangentTangents", wide(rows, classes)), classes));
        final Ints predictions = device.ints(rows);
        loss.predict(rows, logits, predictions);
        run.touched.put(
                "predictions",
                Arrays.stream(predictions.toArray()).asDoubleStream().toArray());
        final int samples = 11;
        final Reals x = run.draw(samples, 2);
        final Ints indices = run.choose(rows, samples);
        loss.sampleWeights(x, indices, 1.0 / rows, run.unwritten("sampleWeights", rows));
        loss.sampleWeightsBackward(x, indices, 1.0 / rows, losses, run.watch("sampleGradient", run.draw(samples, 1)));
        run.regularise(loss, 3 * samples);
        return run.results();
    }

    private void regularise(final Loss loss, final int size) {
        final Reals y = draw(size, 1);
        final Reals z = draw(size, 1);
        final Reals coefficient = draw(1, 1);
        for (final Loss.Regulariser kind : Loss.Regulariser.values()) {
            for (final Reals at : new Reals[] {y, device.reals(size)}) {
                final String name = kind + (at == y ? "" : " at 0");
                loss.regularise(kind, 0.3, coefficient, at, watch(name + " value", draw(1, 1)));
                loss.regulariserGradient(kind, 0.3, coefficient, at, watch(name + " gradient", draw(size, 1)));
                loss.regulariserHessianVector(kind, 0.3, coefficient, at, z, watch(name + " product", draw(size, 1)));
                loss.regulariserMixed(kind, 0.3, at, z, watch(name + " mixed", draw(1, 1)));
            }
        }
    }

    private Ints choose(final int count, final int bound) {
        final SplittableRandom random = new SplittableRandom(seed + drawn++);
        final int[] values = new int[count];
        Arrays.setAll(values, i -> random.nextInt(bound));
        final Ints ints = device.ints(count);
        ints.set(values);
        return ints;
    }

    static Map<String, double[]> update(final Device device, final int size, final long seed) {
        final KernelRun run = new KernelRun(device, seed);
        final Update update = device.kernels().update();
        final Reals a = run.draw(size + 3, 1).slice(1, size); // a slice, so that no loop may assume offset 0
        final Reals b = run.draw(size, 1);
        final Reals scalar = run.draw(1, 1);
        update.fill(run.unwritten("filled", size), 1.5);
        update.copy(a, run.unwritten("copied", size));
        update.scale(-0.75, run.watch("scaled", run.draw(size, 1)));
        update.axpy(0.3, a, run.watch("added", run.draw(size, 1)));
        update.axpy(0.3, scalar, a, run.watch("added by scalar", run.draw(size, 1)));
        update.average(0.9, a, run.watch("averaged", run.draw(size, 1)));
        update.multiply(a, b, run.unwritten("multiplied", size));
        final Reals square = run.watch("squared", run.draw(size, 1));
        update.multiply(square, square, square);
        final Reals divisor = run.draw(size, 1);
        update.fill(divisor.slice(0, 1), 0);
        update.divide(a, divisor, run.unwritten("divided", size));
        for (final Update.Function function : Update.Function.values()) {
            final Reals of = function == Update.Function.LOG ? run.positive(size) : a;
            update.apply(function, of, run.unwritten(function.name(), size));
        }
        update.dot(a, a, run.unwritten("square", 1));
        update.norm(b, run.unwritten("norm", 1));
        update.projectBall(a, 0.5 * Math.sqrt(size), run.watch("projected", run.draw(size, 1)));
        update.projectBall(a, 1e3, run.watch("inside", run.draw(size, 1)));
        update.projectBall(a, Double.POSITIVE_INFINITY, run.watch("unbounded", run.draw(size, 1)));
        update.residualStep(
                a,
                run.watch("residual", run.draw(size, 1)),
                scalar,
                run.watch("solution", run.draw(size, 1)),
                run.unwritten("residual norm", 1));
        update.normalisedMomentum(
                0.9,
                a,
                run.watch("momentum", run.draw(size, 1)),
                scalar,
                1e-3,
                run.watch("moved", run.draw(size, 1)),
                run.unwritten("length", 1));
        final Counter counter = device.counter();
        counter.set(2);
        update.adam(
                0.9,
                0.99,
                a,
                run.watch("first moment", run.draw(size, 1)),
                run.watch("second moment", run.positive(size)),
                scalar,
                counter,
                1e-3,
                run.watch("moved by Adam", run.draw(size, 1)));
        run.solve(update);
        return run.results();
    }

    static Map<String, double[]> normal(final Device device, final int size, final long seed) {
        final KernelRun run = new KernelRun(device, seed);
        final Counter counter = device.counter();
        counter.set(1L << 40);
        device.kernels().batch().normal(new Batch.Stream(seed, 5, 2), counter, run.unwritten("normal", size));
        return run.results();
    }

    private Reals positive(final int size) {
        final Reals reals = draw(size, 1);
        device.kernels().update().multiply(reals, reals, reals);
        return reals;
    }

    static Map<String, double[]> sparse(
            final Device device,
            final int count,
            final int columns,
            final int outputs,
            final int mostInRow,
            final long seed) {
        final KernelRun run = new KernelRun(device, seed);
        final Sparse sparse = device.kernels().sparse();
        final SparseMatrix a = sparse.matrix(run.sparseRows(count, columns, mostInRow));
        final Reals w = run.draw(columns * outputs, 1);
        final int batch = 2 * count / 3 + 1;
        for (final Ints rows : new Ints[] {null, run.choose(batch, count)}) { // chosen ones repeat
            final String name = rows == null ? "all" : "chosen";
            final int size = rows == null ? count : batch;
            sparse.multiply(a, rows, w, run.inside(run.unwritten(name + " out", wide(size, outputs)), outputs));
            sparse.multiplyTransposed(
                    a,
                    rows,
                    run.inside(run.draw(wide(size, outputs), 1), outputs),
                    run.watch(name + " gradient", run.draw(columns * outputs, 1)));
        }
        return run.results();
    }

    /** Every third row is empty; so is the second column. */
    private SparseRows sparseRows(final int count, final int columns, final int mostInRow) {
        final SplittableRandom random = new SplittableRandom(seed + drawn++);
        final int[] starts = new int[count + 1];
        final int[] places = new int[count * columns];
        final float[] values = new float[count * columns];
        int at = 0;
        for (int row = 0; row < count; row++) {
            for (int column = 0; row % 3 != 1 && column < columns; column++) {
                if (column != 1 && at - starts[row] < mostInRow && random.nextInt(columns) <= mostInRow) {
                    places[at] = column;
                    values[at++] = (float) random.nextDouble(-1.7, 1.7);
                }
            }
            starts[row + 1] = at;
        }
        return new SparseRows(columns, starts, Arrays.copyOf(places, at), Arrays.copyOf(values, at));
    }

    /** A system whose second row and column are left out, as if there were one unknown less. */
    private void solve(final Update update) {
        final int n = 4;
        final float[] numbers = new float[n * n];
        final SplittableRandom random = new SplittableRandom(seed + drawn++);
        for (int i = 0; i < n * n; i++) {
            final boolean leftOut = i / n == 1 || i % n == 1;
            numbers[i] = leftOut ? 0 : (float) random.nextDouble(-1, 1) + (i % (n + 1) == 0 ? 3 : 0);
        }
        final Reals matrix = device.reals(n * n);
        matrix.set(numbers);
        update.solve(matrix, draw(n, 1), unwritten("solved", n));
    }
}
