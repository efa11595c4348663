package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Kernels;
import borep.kernel.Packing;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import java.lang.reflect.Method;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A step in its steady state allocates nothing, on no thread: vectors stay in registers and sweeps use what their
 * tapes hold. Until its loops are compiled the Vector API does put vectors on the heap, so the test waits, for at
 * most a minute, until a hundred steps pass without.
 */
class AllocationTest {
    private static final int STEPS = 100;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    @ParameterizedTest
    @EnumSource(names = {"VECTOR_512", "VECTOR_256", "SCALAR"})
    void steadyStepsAllocateNothing(final Twin twin) throws ReflectiveOperationException {
        try (Device device = twin.open(2)) {
            final Runnable step = step(device);
            final long start = System.nanoTime();
            long bytes;
            do {
                final long idle = allocated();
                final long before = allocated();
                for (int i = 0; i < STEPS; i++) {
                    step.run();
                }
                bytes = allocated() - before - (before - idle);
            } while (bytes != 0 && System.nanoTime() - start < PATIENCE_NANOS);
            assertEquals(0, bytes, "bytes allocated by " + STEPS + " steps");
        }
    }

    /** Every family once. */
    private static Runnable step(final Device device) {
        final Kernels kernels = device.kernels();
        final Recurrent.Shape shape = new Recurrent.Shape(Recurrent.Cell.LSTM, 20, 64, false);
        final Recurrent.Shape above = new Recurrent.Shape(Recurrent.Cell.TANH_RNN, 64, 64, true);
        final int batch = 30;
        final int rows = 3 * batch;
        final Packing packing = Packing.allocate(device, batch, 3);
        final Rows input = Rows.of(device.reals(rows * 20), 20);
        final Ints lengths = device.ints(batch);
        java.util.Arrays.fill(borep.device.HostInts.array(lengths), 3);
        final Sequences sequences = new Sequences(device.ints(rows), device.ints(batch), lengths, device.reals(20), 20);
        final Recurrent.Tape lstm = kernels.recurrent().tape(shape, rows, batch);
        final Recurrent.Tape rnn = kernels.recurrent().tape(above, rows, batch);
        final Pooling.Tape pool = kernels.pooling().tape(Pooling.Mode.MAX, 64, batch);
        final Dense.Tape head = kernels.dense().tape(new Dense.Shape(64, 64, true), batch);
        final Reals first = device.reals(shape.parameters());
        final Reals second = device.reals(above.parameters());
        final Reals third = device.reals(64 * 65);
        final Rows a = Rows.of(device.reals(rows * 64), 64);
        final Rows b = Rows.of(device.reals(rows * 64), 64);
        final Rows features = Rows.of(device.reals(batch * 64), 64);
        final Reals scalar = device.reals(1);
        return () -> {
            kernels.batch().pack(sequences, lengthsAsIndices(lengths), packing, input);
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
            kernels.recurrent().tangentBackward(rnn, second, second, b, second, null);
            kernels.recurrent().tangentBackward(lstm, first, first, a, first, null);
            kernels.dense().tangentForward(head, third, third, null, features);
            kernels.dense().tangentBackward(head, third, third, features, third, null);
            kernels.update().norm(first, scalar);
            kernels.update().projectBall(second, 1, second);
            kernels.update().normalisedMomentum(0.9, first, first, scalar, 1, first, scalar);
        };
    }

    /** Every sample is sequence 3 of the set; lengths serve as indices, both are 3. */
    private static Ints lengthsAsIndices(final Ints lengths) {
        return lengths;
    }

    /**
     * Bytes allocated so far by this thread and the device's threads; by reflection, because the module does not read
     * it.
     */
    private static long allocated() throws ReflectiveOperationException {
        final Object bean = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        final Method bytes =
                Class.forName("com.sun.management.ThreadMXBean").getMethod("getThreadAllocatedBytes", long.class);
        long sum = (long) bytes.invoke(bean, Thread.currentThread().threadId());
        int workers = 0;
        for (final Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("borep-") && thread.isAlive()) {
                sum += (long) bytes.invoke(bean, thread.threadId());
                workers++;
            }
        }
        assertTrue(workers > 0);
        return sum;
    }
}
