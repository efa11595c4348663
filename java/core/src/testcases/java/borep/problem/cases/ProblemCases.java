package borep.problem.cases;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Sequences;
import borep.kernel.SparseRows;
import borep.model.NetworkShape;
import borep.model.SparseSet;
import borep.model.TextSet;
import borep.problem.AucMaximisation;
import borep.problem.BilevelProblem;
import borep.problem.HyperCleaning;
import borep.problem.HyperRepresentation;
import borep.problem.HyperparameterOptimisation;
import borep.problem.MetaInitialisation;
import borep.problem.QuadraticSum;
import borep.problem.Regularisation;
import borep.problem.RegularisationSelection;
import borep.problem.Sampler;
import borep.problem.SoftmaxCleaning;
import borep.problem.SparseLevel;
import borep.problem.TextLevel;
import borep.problem.TextProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Small problems with random data: one of each kind, several networks. */
public final class ProblemCases {
    /** Samples of a batch. */
    public static final int BATCH = 5;
    /** Samples of a set. */
    public static final int POPULATION = 12;
    private static final int WORDS = 9;
    private static final int INPUT = 3;

    private ProblemCases() {}

    /** Networks that reach every part of the model. */
    public static List<NetworkShape> shapes() {
        return List.of(
                shape(Recurrent.Cell.LSTM, 1, false, Pooling.Mode.MAX, false, List.of()),
                shape(Recurrent.Cell.LSTM, 2, true, Pooling.Mode.MEAN, false, List.of(4)),
                shape(Recurrent.Cell.TANH_RNN, 2, false, Pooling.Mode.MAX_PADDED, false, List.of(4, 3)),
                shape(Recurrent.Cell.TANH_RNN, 1, true, Pooling.Mode.LAST, true, List.of(3)));
    }

    private static NetworkShape shape(
            final Recurrent.Cell cell,
            final int layers,
            final boolean bidirectional,
            final Pooling.Mode pool,
            final boolean pair,
            final List<Integer> head) {
        return new NetworkShape(cell, layers, bidirectional, INPUT, 4, pool, pair, head, true, 3);
    }

    /** One problem of each kind. */
    public static List<TextProblem> problems(
            final Device device, final NetworkShape shape, final Loss.Regulariser kind, final long seed) {
        return problems(device, shape, kind, seed, BATCH);
    }

    /** One problem of each kind, with batches of another size. */
    public static List<TextProblem> problems(
            final Device device,
            final NetworkShape shape,
            final Loss.Regulariser kind,
            final long seed,
            final int batch) {
        final TextLevel upper =
                new TextLevel(texts(device, shape.pair(), shape.classes(), seed), Sampler.uniform(device, seed + 1, POPULATION, false), batch);
        final TextLevel lower = new TextLevel(
                texts(device, shape.pair(), shape.classes(), seed + 2), Sampler.uniform(device, seed + 3, POPULATION, false), batch);
        final Regularisation regularisation = new Regularisation(kind, .05);
        return List.of(
                new HyperRepresentation(device, shape, regularisation, upper, lower, seed),
                new HyperCleaning(device, shape, regularisation, .3, upper, lower, seed),
                optimisation(device, shape, kind, HyperparameterOptimisation.Coefficient.LINEAR, upper, lower, seed),
                optimisation(
                        device, shape, kind, HyperparameterOptimisation.Coefficient.EXPONENTIAL, upper, lower, seed),
                new MetaInitialisation(device, shape, regularisation, .3, upper, lower, seed));
    }

    /** Four terms below, three above, of two upper and three lower variables; positive definite term by term. */
    public static QuadraticSum quadraticSum(final Device device, final long seed) {
        final List<QuadraticSum.LowerTerm> lower = IntStream.range(0, 4)
                .mapToObj(i -> new QuadraticSum.LowerTerm(
                        positive(3, seed, 10 + i), matrix(3, 2, seed, 20 + i), matrix(1, 3, seed, 30 + i)[0]))
                .toList();
        final List<QuadraticSum.UpperTerm> upper = IntStream.range(0, 3)
                .mapToObj(j -> new QuadraticSum.UpperTerm(matrix(2, 3, seed, 40 + j), matrix(1, 2, seed, 50 + j)[0]))
                .toList();
        return new QuadraticSum(device, lower, upper, .3, new double[] {1, -2}, seed);
    }

    private static double[][] matrix(final int rows, final int columns, final long seed, final int purpose) {
        final double[][] matrix = new double[rows][columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                matrix[row][column] = .5 * Philox.normal(seed, 0, purpose, row * columns + column);
            }
        }
        return matrix;
    }

    /** I + M Mᵀ / 2. */
    private static double[][] positive(final int size, final long seed, final int purpose) {
        final double[][] m = matrix(size, size, seed, purpose);
        final double[][] product = new double[size][size];
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                product[row][column] = row == column ? 1 : 0;
                for (int k = 0; k < size; k++) {
                    product[row][column] += .5 * m[row][k] * m[column][k];
                }
            }
        }
        return product;
    }

    private static TextProblem optimisation(
            final Device device,
            final NetworkShape shape,
            final Loss.Regulariser kind,
            final HyperparameterOptimisation.Coefficient coefficient,
            final TextLevel upper,
            final TextLevel lower,
            final long seed) {
        return new HyperparameterOptimisation(
                device, shape, kind, new HyperparameterOptimisation.Start(coefficient, .4), upper, lower, seed);
    }

    /** Problems on other data than the three text tasks, each in all its ways: batches and whole sets, two classes and more. */
    public static List<BilevelProblem> dataProblems(final Device device, final long seed) {
        return dataProblems(device, seed, BATCH);
    }

    /** The same, with batches of this size in place of small ones. */
    public static List<BilevelProblem> dataProblems(final Device device, final long seed, final int small) {
        final Regularisation regularisation = new Regularisation(Loss.Regulariser.SQUARED, .02);
        final List<BilevelProblem> problems = new ArrayList<>();
        for (final int classes : new int[] {2, 3}) {
            for (final int batch : new int[] {small, POPULATION}) {
                final SparseLevel upper = SparseLevel.of(device, sparse(device, classes, seed), batch, seed + 1);
                final SparseLevel lower = SparseLevel.of(device, sparse(device, classes, seed + 2), batch, seed + 3);
                problems.add(new SoftmaxCleaning(device, regularisation, .3, upper, lower));
                for (final RegularisationSelection.Coefficients coefficients :
                        RegularisationSelection.Coefficients.values()) {
                    problems.add(new RegularisationSelection(
                            device, new RegularisationSelection.Start(coefficients, -1.5), upper, lower));
                }
            }
        }
        problems.add(auc(device, shapes().getFirst().withClasses(1), 0, seed, small));
        problems.add(auc(device, shapes().getLast().withClasses(1), 1, seed, small));
        return problems;
    }

    private static AucMaximisation auc(
            final Device device,
            final NetworkShape shape,
            final double margin,
            final long seed,
            final int batch) {
        final TextLevel upper = new TextLevel(
                texts(device, shape.pair(), 2, seed), Sampler.uniform(device, seed + 1, POPULATION, false), batch);
        final TextLevel lower = new TextLevel(
                texts(device, shape.pair(), 2, seed + 2), Sampler.uniform(device, seed + 3, POPULATION, false), batch);
        return new AucMaximisation(device, shape, .7, margin, upper, lower, seed);
    }

    /** Samples of 7 features with every third number missing, the last feature constant. */
    public static SparseSet sparse(final Device device, final int classes, final long seed) {
        final int features = 7;
        final int[] starts = new int[POPULATION + 1];
        final int[] places = new int[POPULATION * features];
        final float[] values = new float[POPULATION * features];
        int at = 0;
        for (int i = 0; i < POPULATION; i++) {
            for (int j = 0; j < features; j++) {
                final boolean isLast = j == features - 1;
                if (isLast || (i + j) % 3 != 0) {
                    places[at] = j;
                    values[at++] = isLast ? 1 : (float) Philox.normal(seed, i, 5, j);
                }
            }
            starts[i + 1] = at;
        }
        return new SparseSet(
                device.kernels()
                        .sparse()
                        .matrix(new SparseRows(
                                features, starts, Arrays.copyOf(places, at), Arrays.copyOf(values, at))),
                ints(device, labels(classes, seed)),
                classes);
    }

    private static int[] labels(final int classes, final long seed) {
        return IntStream.range(0, POPULATION)
                .map(i -> Philox.below(classes, seed, 0, 1, i))
                .toArray();
    }

    /** Random texts of random classes. */
    public static TextSet texts(final Device device, final boolean pair, final int classes, final long seed) {
        return new TextSet(
                sequences(device, seed),
                pair ? sequences(device, seed + 77) : null,
                ints(device, labels(classes, seed)),
                classes);
    }

    private static Sequences sequences(final Device device, final long seed) {
        final int[] lengths = IntStream.range(0, POPULATION)
                .map(i -> 1 + Philox.below(6, seed, 0, 2, i))
                .toArray();
        final int[] starts = new int[POPULATION];
        for (int i = 1; i < POPULATION; i++) {
            starts[i] = starts[i - 1] + lengths[i - 1];
        }
        final int[] tokens = IntStream.range(0, IntStream.of(lengths).sum())
                .map(i -> Philox.below(WORDS, seed, 0, 3, i))
                .toArray();
        final double[] table = IntStream.range(0, WORDS * INPUT)
                .mapToDouble(i -> Philox.normal(seed, 0, 4, i))
                .toArray();
        final Reals deviceTable = device.reals(table.length);
        deviceTable.set(table);
        return new Sequences(ints(device, tokens), ints(device, starts), ints(device, lengths), deviceTable, INPUT);
    }

    /** These integers on a device. */
    public static Ints ints(final Device device, final int[] values) {
        final Ints ints = device.ints(values.length);
        ints.set(values);
        return ints;
    }

    /** Random numbers of size ½, distinct for every (seed, purpose). */
    public static Reals vector(final Device device, final int size, final long seed, final int purpose) {
        final double[] values = IntStream.range(0, size)
                .mapToDouble(i -> .5 * Philox.normal(seed, 0, purpose, i))
                .toArray();
        final Reals vector = device.reals(size);
        vector.set(values);
        return vector;
    }

    /** A counter at this step. */
    public static Counter at(final Device device, final long step) {
        final Counter counter = device.counter();
        counter.set(step);
        return counter;
    }
}
