package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.cuda.KernelCalls.Call;
import borep.cuda.KernelCalls.Operands;
import borep.cuda.KernelCalls.Own;
import borep.device.Device;
import borep.device.Devices;
import borep.kernel.Kernels;
import borep.kernel.Packing;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a kernel is given is checked before the library sees it: that its device is open, is this one, and that views hold all rows. */
class CudaOperandsTest {
    private static final int NONE = -1;
    private static final String FOREIGN = ": must be of device cuda-emulated itself, not of another one";

    @Test
    void everyKernelIsCalled() {
        for (final RecordComponent family : Kernels.class.getRecordComponents()) {
            final String prefix = family.getName() + ".";
            assertEquals(
                    Arrays.stream(family.getType().getDeclaredMethods())
                            .filter(method -> !method.isSynthetic() && !Modifier.isStatic(method.getModifiers()))
                            .map(Method::getName)
                            .sorted()
                            .toList(),
                    KernelCalls.all().stream()
                            .map(Call::name)
                            .filter(name -> name.startsWith(prefix))
                            .map(name -> name.substring(prefix.length()))
                            .sorted()
                            .toList(),
                    family.getName());
        }
    }

    @Test
    void nothingRunsOnAClosedDevice() {
        final Own own = new Own(Emulated.open());
        own.device.close();
        for (final Call call : KernelCalls.all()) {
            final IllegalStateException refusal = assertThrows(
                    IllegalStateException.class,
                    () -> call.call().accept(own, new Operands(own, own, NONE, NONE)),
                    call.name());
            assertEquals("device cuda-emulated: is closed", refusal.getMessage(), call.name());
        }
    }

    /** What a call takes: a closed device looks at none of it. */
    private static Operands taken(final Own closed, final Call call) {
        final Operands operands = new Operands(closed, closed, NONE, NONE);
        assertThrows(IllegalStateException.class, () -> call.call().accept(closed, operands), call.name());
        return operands;
    }

    /** One operand after the other is another device's, while that is open and after it has been closed. */
    @Test
    void nothingRunsOnWhatAnotherDeviceMade() {
        final Own closed = new Own(Emulated.open());
        closed.device.close();
        int refused = 0;
        try (CudaDevice device = Emulated.open();
                CudaDevice second = Emulated.open()) {
            final Own own = new Own(device);
            final Own other = new Own(second);
            for (final Call call : KernelCalls.all()) {
                for (int i = 0; i < taken(closed, call).taken(); i++) {
                    final String what = "operand " + i + " of " + call.name();
                    final Operands fromOther = new Operands(own, other, i, NONE);
                    refused(what, () -> call.call().accept(own, fromOther));
                    final Operands fromClosed = new Operands(own, closed, i, NONE);
                    refused(what, () -> call.call().accept(own, fromClosed));
                    refused++;
                }
            }
        }
        assertTrue(refused > 200, refused + " operands");
    }

    private static void refused(final String what, final Runnable call) {
        final String sentence =
                assertThrows(IllegalArgumentException.class, call::run, what).getMessage();
        assertTrue(sentence.endsWith(FOREIGN), what + ": " + sentence);
    }

    @Test
    void memoryOfTheHostIsRefused() {
        try (CudaDevice device = Emulated.open();
                Device host = Devices.choose("reference", 1).device()) {
            final Kernels kernels = device.kernels();
            assertRefused("reals" + FOREIGN, () -> kernels.update().fill(host.reals(1), 1));
            assertRefused("ints" + FOREIGN, () -> kernels.batch().gather(host.ints(1), device.ints(1), device.ints(1)));
            assertRefused(
                    "ring" + FOREIGN,
                    () -> device.guard(device.counter(), host.ring(1, 1), device.reals(1), List.of()));
        }
    }

    /** One view after the other lacks the last of the rows that the tape was made for, or that the batch has. */
    @Test
    void viewsThatLackARowAreRefused() {
        final Own closed = new Own(Emulated.open());
        closed.device.close();
        int refused = 0;
        try (CudaDevice device = Emulated.open()) {
            final Own own = new Own(device);
            for (final Call call : KernelCalls.all()) {
                for (int i = 0; i < taken(closed, call).views(); i++) {
                    final String what = "view " + i + " of " + call.name();
                    final Operands operands = new Operands(own, own, NONE, i);
                    final String sentence = assertThrows(
                                    IllegalArgumentException.class,
                                    () -> call.call().accept(own, operands),
                                    what)
                            .getMessage();
                    assertTrue(
                            sentence.matches("\\w+ has 2 rows of \\d+ numbers, needs 3 of \\d+"),
                            what + ": " + sentence);
                    refused++;
                }
            }
        }
        assertEquals(60, refused);
    }

    @Test
    void packingsAndNumbersWithoutRoomAreRefused() {
        try (CudaDevice device = Emulated.open()) {
            final Kernels kernels = device.kernels();
            final Packing packing =
                    new Packing(device.ints(3), device.ints(2), device.ints(2), device.ints(2), device.ints(2));
            final Sequences sequences =
                    new Sequences(device.ints(4), device.ints(2), device.ints(2), device.reals(4), 1);
            final Rows rows = Rows.of(device.reals(4), 1);
            assertRefused(
                    "stepStarts has 2 numbers, needs at least 3",
                    () -> kernels.batch().pack(sequences, device.ints(2), packing, rows));
            assertRefused(
                    "value has 0 numbers, needs at least 1",
                    () -> kernels.update().norm(device.reals(4), device.reals(0)));
        }
    }

    private static void assertRefused(final String sentence, final Runnable call) {
        assertEquals(
                sentence,
                assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
