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
import borep.model.NetworkShape;
import borep.model.TextSet;
import borep.problem.HyperCleaning;
import borep.problem.HyperRepresentation;
import borep.problem.HyperparameterOptimisation;
import borep.problem.MetaInitialisation;
import borep.problem.Regularisation;
import borep.problem.Sampler;
import borep.problem.TextLevel;
import borep.problem.TextProblem;
import java.util.List;
import java.util.stream.IntStream;

/** Small text problems with random data: one of each kind, several networks. */
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
        final TextLevel upper =
                new TextLevel(set(device, shape, seed), Sampler.uniform(device, seed + 1, POPULATION, false), BATCH);
        final TextLevel lower = new TextLevel(
                set(device, shape, seed + 2), Sampler.uniform(device, seed + 3, POPULATION, false), BATCH);
        final Regularisation regularisation = new Regularisation(kind, .05);
        return List.of(
                new HyperRepresentation(device, shape, regularisation, upper, lower, seed),
                new HyperCleaning(device, shape, regularisation, .3, upper, lower, seed),
                optimisation(device, shape, kind, HyperparameterOptimisation.Coefficient.LINEAR, upper, lower, seed),
                optimisation(
                        device, shape, kind, HyperparameterOptimisation.Coefficient.EXPONENTIAL, upper, lower, seed),
                new MetaInitialisation(device, shape, regularisation, .3, upper, lower, seed));
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

    private static TextSet set(final Device device, final NetworkShape shape, final long seed) {
        final int[] labels = IntStream.range(0, POPULATION)
                .map(i -> Philox.below(shape.classes(), seed, 0, 1, i))
                .toArray();
        return new TextSet(
                sequences(device, seed),
                shape.pair() ? sequences(device, seed + 77) : null,
                ints(device, labels),
                shape.classes());
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
