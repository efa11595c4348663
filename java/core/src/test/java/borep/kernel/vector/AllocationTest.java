package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.AllocationProbe;
import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Batch;
import borep.kernel.Dense;
import borep.kernel.Kernels;
import borep.kernel.Loss;
import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import borep.kernel.Sparse;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;
import borep.kernel.Store;
import borep.kernel.reference.ReferenceDevice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A step in its steady state allocates nothing, on no thread: vectors stay in registers, sweeps use what their tapes hold. */
class AllocationTest {
    /** With 64 units of an LSTM enough for a search for words that come again: all do. */
    private static final int INPUT = 64;

    private static final Loss.Regulariser[] REGULARISERS = Loss.Regulariser.values();

    @Test // NarrowAllocationTest has another width, in a JVM of its own
    void steadyStepsAllocateNothing() throws ReflectiveOperationException {
        check(Twin.widest());
    }

    @Test
    void steadyStepsWithoutVectorsAllocateNothing() throws ReflectiveOperationException {
        check(Twin.SCALAR);
    }

    static void check(final Twin twin) throws ReflectiveOperationException {
        try (Device device = twin.open(2)) {
            assertTrue(Thread.getAllStackTraces().keySet().stream().anyMatch(AllocationTest::isWorker));
            assertEquals(0, new AllocationProbe(AllocationTest::isWorker).steadyBytes(step(device, 64, 30)));
        }
    }

    @Test
    void steadyStepsOfTheReferenceAllocateNothing() throws ReflectiveOperationException {
        try (Device device = new ReferenceDevice()) {
            assertEquals(0, new AllocationProbe(thread -> false).steadyBytes(step(device, 7, 4)));
        }
    }

    /** What reports nothing must see something. */
    @Test
    void theProbeSeesAllocations() throws ReflectiveOperationException {
        final Object[] kept = new Object[1];
        final AllocationProbe probe = new AllocationProbe(thread -> false, 0);
        assertTrue(probe.steadyBytes(() -> kept[0] = new byte[64]) >= 100 * 64);
    }

    private static boolean isWorker(final Thread thread) {
        return thread.getName().startsWith("borep-");
    }

    /** Every sweep of every family, and every random choice. */
    static Runnable step(final Device device, final int hidden, final int batch) {
        final Runnable layers = layers(device, hidden, batch);
        final Runnable pairs = pairs(device, hidden, batch);
        final Runnable choices = choices(device, batch);
        final Runnable products = products(device, batch);
        return () -> {
            layers.run();
            pairs.run();
            choices.run();
            products.run();
        };
    }

    private static Runnable layers(final Device device, final int hidden, final int batch) {
        final Kernels kernels = device.kernels();
        final Recurrent.Shape shape = new Recurrent.Shape(Recurrent.Cell.LSTM, INPUT, hidden, false);
        final Recurrent.Shape above = new Recurrent.Shape(Recurrent.Cell.TANH_RNN, hidden, hidden, true);
        final int rows = 3 * batch;
        final Packing packing = Packing.allocate(device, batch, 3);
        final Rows input = Rows.of(device.reals(rows * INPUT), INPUT);
        final Ints threes = ints(device, batch, 3); // lengths, and indices: every sample is sequence 3
        final Sequences sequences =
                new Sequences(device.ints(rows), device.ints(batch), threes, device.reals(INPUT), INPUT);
        final Recurrent.Tape lstm = kernels.recurrent().tape(shape, rows, batch);
        final Recurrent.Tape rnn = kernels.recurrent().tape(above, rows, batch);
        final Pooling.Tape pool = kernels.pooling().tape(Pooling.Mode.MAX, hidden, batch);
        final Dense.Tape head = kernels.dense().tape(new Dense.Shape(hidden, hidden, true), batch);
        final Reals first = device.reals(shape.parameters());
        final Reals second = device.reals(above.parameters());
        final Reals third = device.reals(hidden * (hidden + 1));
        final Rows a = Rows.of(device.reals(rows * hidden), hidden);
        final Rows b = Rows.of(device.reals(rows * hidden), hidden);
        final Rows features = Rows.of(device.reals(batch * hidden), hidden);
        final Reals scalar = device.reals(1);
        return () -> {
            kernels.batch().pack(sequences, threes, packing, input);
            kernels.recurrent().forward(lstm, packing, first, input, a);
            kernels.recurrent().forward(rnn, packing, second, a, b);
            kernels.pooling().forward(pool, packing, b, features);
            kernels.dense().forward(head, batch, third, features, features);
            kernels.dense().backward(head, third, features, third, features);
            kernels.pooling().backward(pool, features, b);
            kernels.recurrent().backward(rnn, second, b, second, a);
            kernels.recurrent().backward(lstm, first, a, first, null);
            kernels.recurrent().tangentForward(lstm, first, first, null, a);
            kernels.recurrent().tangentForward(rnn, second, second, a, b);
            kernels.pooling().tangentForward(pool, b, features);
            kernels.recurrent().tangentBackward(rnn, second, second, b, second, null);
            kernels.recurrent().tangentBackward(lstm, first, first, a, first, null);
            kernels.dense().tangentForward(head, third, third, null, features);
            kernels.dense().tangentBackward(head, third, third, features, third, null);
            kernels.update().norm(first, scalar);
            kernels.update().projectBall(second, 1, second);
            kernels.update().residualStep(first, first, scalar, first, scalar);
            kernels.update().normalisedMomentum(0.9, first, first, scalar, 1, first, scalar);
        };
    }

    private static Runnable pairs(final Device device, final int classes, final int batch) {
        final Pooling pooling = device.kernels().pooling();
        final Loss loss = device.kernels().loss();
        final Loss.Tape tape = loss.tape(batch, classes);
        final Rows u = Rows.of(device.reals(batch * classes), classes);
        final Pooling.Pair pair = new Pooling.Pair(u, Rows.of(device.reals(batch * classes), classes));
        final Rows features = Rows.of(device.reals(batch * 4 * classes), 4 * classes);
        final Ints labels = ints(device, batch, 1);
        final Ints predictions = device.ints(batch);
        final Reals weights = device.reals(batch);
        final Reals losses = device.reals(batch);
        final Reals y = device.reals(batch);
        final Reals scalar = device.reals(1);
        return () -> {
            pooling.pairForward(batch, pair, features);
            pooling.pairBackward(batch, pair, features, pair);
            pooling.pairTangentForward(batch, pair, pair, features);
            pooling.pairTangentBackward(batch, pair, pair, features, features, pair);
            loss.forward(tape, batch, u, labels, losses);
            loss.tangentForward(tape, u, losses);
            loss.sampleWeights(y, labels, 0.5, weights);
            loss.sampleWeightsBackward(y, labels, 0.5, losses, y);
            loss.backward(tape, weights, u);
            loss.tangentBackward(tape, weights, u, u);
            loss.predict(batch, u, predictions);
            for (final Loss.Regulariser kind : REGULARISERS) {
                loss.regularise(kind, 0.5, scalar, y, scalar);
                loss.regulariserGradient(kind, 0.5, scalar, weights, y, Store.WRITE);
                loss.regulariserHessianVector(kind, 0.5, scalar, weights, losses, y, Store.WRITE);
                loss.regulariserMixed(kind, 0.5, y, y, scalar);
            }
        };
    }

    private static Runnable products(final Device device, final int batch) {
        final Sparse sparse = device.kernels().sparse();
        final int columns = 40;
        final int[] starts = new int[batch + 1];
        final int[] places = new int[batch * columns];
        Arrays.setAll(starts, row -> row * columns);
        Arrays.setAll(places, k -> k % columns);
        final SparseMatrix a = sparse.matrix(new SparseRows(columns, starts, places, new float[places.length]));
        final Ints chosen = ints(device, batch, 1);
        final Reals w = device.reals(columns * 30);
        final Rows out = Rows.of(device.reals(batch * 30), 30);
        final Reals one = device.reals(columns);
        final Rows outOfOne = Rows.of(device.reals(batch), 1);
        return () -> {
            sparse.multiply(a, null, w, out);
            sparse.multiplyTransposed(a, null, out, w);
            sparse.multiply(a, chosen, w, out);
            sparse.multiplyTransposed(a, chosen, out, w);
            sparse.multiply(a, chosen, one, outOfOne);
            sparse.multiplyTransposed(a, null, outOfOne, one);
        };
    }

    private static Runnable choices(final Device device, final int batch) {
        final Kernels kernels = device.kernels();
        final Counter counter = device.counter();
        final Batch.Stream stream = new Batch.Stream(1, 2, 3);
        final Ints members = ints(device, 12, 5);
        final Ints starts = device.ints(5);
        starts.set(new int[] {0, 3, 6, 9, 12});
        final Batch.Tasks tasks = new Batch.Tasks(members, starts, 2);
        final Ints indices = device.ints(batch);
        final Ints gathered = device.ints(batch);
        final Reals step = device.reals(1);
        final Schedule schedule = Schedule.parse("0.1/step:10:0.5");
        return () -> {
            counter.advance();
            kernels.batch().drawTask(stream, counter, tasks, true, batch, indices);
            kernels.batch().drawTask(stream, counter, tasks, false, 0, indices);
            kernels.batch().draw(stream, counter, 12, true, indices);
            kernels.batch().draw(stream, counter, 12, false, indices);
            kernels.batch().gather(indices, members, gathered);
            kernels.update().schedule(schedule, counter, step);
        };
    }

    private static Ints ints(final Device device, final int size, final int value) {
        final int[] values = new int[size];
        Arrays.fill(values, value);
        final Ints ints = device.ints(size);
        ints.set(values);
        return ints;
    }
}
