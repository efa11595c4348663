package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Counter;
import borep.device.DeviceUnavailable;
import borep.device.Ints;
import borep.device.Program;
import borep.device.Reals;
import borep.device.Ring;
import borep.device.Schedule;
import borep.kernel.Loss;
import borep.kernel.Rows;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory, programs, counters, rings and refusals of the CUDA device. */
class CudaDeviceTest {
    @Test
    void memoryGoesThereAndBack() {
        try (CudaDevice device = Emulated.open()) {
            final Reals reals = device.reals(5);
            assertArrayEquals(new double[5], reals.toDoubles());
            reals.set(new float[] {1, 2, 3, 4, 5});
            reals.slice(1, 3).slice(1, 2).set(new double[] {30, 40});
            assertArrayEquals(new double[] {1, 2, 30, 40, 5}, reals.toDoubles());
            assertEquals(40, reals.get(3));
            assertEquals(
                    ((CudaReals) reals).address() + 8,
                    ((CudaReals) reals.slice(2, 1)).address(),
                    "slices are addresses");
            final Ints ints = device.ints(3);
            ints.set(new int[] {7, -8, 9});
            assertArrayEquals(new int[] {-8, 9}, ints.slice(1, 2).toArray());
            assertThrows(IndexOutOfBoundsException.class, () -> reals.slice(3, 3));
            assertThrows(IllegalArgumentException.class, () -> reals.set(new float[4]));
        }
    }

    @Test
    void aProgramReadsCountersAndAdvancesThem() {
        try (CudaDevice device = Emulated.open()) {
            final Counter counter = device.counter();
            final Reals value = device.reals(1);
            final Program program = device.record(() -> {
                device.kernels().update().schedule(new Schedule(Schedule.Kind.POWER, 1, 1, 1), counter, value);
                counter.advance();
            });
            assertEquals(0, counter.get(), "recording advances nothing");
            program.run();
            program.run();
            assertEquals(2, counter.get());
            assertEquals(0.5, value.get(0));
            counter.set(9);
            program.run();
            assertEquals(10, counter.get());
            assertEquals(0.1, value.get(0), 1e-7);
        }
    }

    @Test
    void aFailedRecordingLeavesTheDeviceUsable() {
        try (CudaDevice device = Emulated.open()) {
            final Reals value = device.reals(1);
            final IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> device.record(() -> value.get(0)));
            assertTrue(refusal.getMessage().contains("while a program is recorded"), refusal.getMessage());
            device.record(() -> device.kernels().update().fill(value, 3)).run();
            assertEquals(3, value.get(0));
            assertThrows(IllegalStateException.class, () -> device.record(() -> device.record(() -> {})));
        }
    }

    @Test
    void aRingKeepsTheLatestRecords() {
        try (CudaDevice device = Emulated.open()) {
            final Ring ring = device.ring(2, 3);
            final Reals values = device.reals(2);
            for (int i = 0; i < 5; i++) {
                values.set(new float[] {i, 10 + i});
                ring.append(values);
            }
            ring.await(5);
            assertEquals(5, ring.written());
            assertEquals(2, ring.get(2, 0));
            assertEquals(14, ring.get(4, 1));
            assertThrows(IndexOutOfBoundsException.class, () -> ring.get(1, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> ring.get(5, 0));
            assertThrows(IllegalStateException.class, () -> ring.await(6));
        }
    }

    @Test
    void badDataIsReportedByTheNextWait() {
        try (CudaDevice device = Emulated.open()) {
            final Loss loss = device.kernels().loss();
            final Ints labels = device.ints(2);
            labels.set(new int[] {0, 4});
            loss.forward(loss.tape(2, 3), 2, Rows.of(device.reals(6), 3), labels, device.reals(2));
            final IllegalArgumentException fault = assertThrows(IllegalArgumentException.class, device::synchronise);
            assertEquals("label 4 of sample 1: must be in [0, 3)", fault.getMessage());
            device.synchronise();
        }
    }

    @Test
    void closingTwiceIsFineAndRingsSayThatItIsClosed() {
        final CudaDevice device = Emulated.open();
        final Ring ring = device.ring(1, 1);
        device.close();
        device.close();
        assertThrows(IllegalStateException.class, ring::written);
    }

    @Test
    void whatCannotBeLoadedSaysWhy(@TempDir final Path folder) {
        final DeviceUnavailable refusal =
                assertThrows(DeviceUnavailable.class, () -> new CudaBindings(folder.resolve("missing.so")));
        assertTrue(refusal.getMessage().contains("cannot be loaded"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("borep build-native"), refusal.getMessage());
        final IllegalArgumentException malformed =
                assertThrows(IllegalArgumentException.class, () -> new CudaProvider().open("cuda:x", 1));
        assertEquals("device 'cuda:x': write cuda or cuda:N, N = 0, 1, …", malformed.getMessage());
    }
}
