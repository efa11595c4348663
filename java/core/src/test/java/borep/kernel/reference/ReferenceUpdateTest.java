package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Update;
import borep.kernel.Update.Function;
import org.junit.jupiter.api.Test;

/** Vector operations by hand, on slices, so that no loop may assume where its memory begins. */
class ReferenceUpdateTest {
    private static final Device DEVICE = new ReferenceDevice();
    private static final Update UPDATE = DEVICE.kernels().update();

    private static Reals vector(final double... values) {
        final Reals whole = DEVICE.reals(values.length + 3);
        final Reals slice = whole.slice(2, values.length);
        slice.set(values);
        return slice;
    }

    private static void assertIs(final Reals actual, final double... expected) {
        assertArrayEquals(expected, actual.toDoubles(), 1e-15);
    }

    @Test
    void linearOperations() {
        final Reals a = vector(1, -2, 4);
        final Reals out = vector(9, 9, 9);
        UPDATE.copy(a, out);
        assertIs(out, 1, -2, 4);
        UPDATE.scale(-0.5, out);
        assertIs(out, -0.5, 1, -2);
        UPDATE.axpy(2, a, out);
        assertIs(out, 1.5, -3, 6);
        UPDATE.axpy(2, vector(-0.5), a, out);
        assertIs(out, 0.5, -1, 2);
        UPDATE.average(0.75, a, out);
        assertIs(out, 0.625, -1.25, 2.5);
        UPDATE.fill(out, 0.25);
        assertIs(out, 0.25, 0.25, 0.25);
        assertIs(a, 1, -2, 4);
    }

    @Test
    void aSliceEndsWhereItEnds() {
        final Reals whole = DEVICE.reals(5);
        UPDATE.fill(whole.slice(1, 3), 2);
        assertIs(whole, 0, 2, 2, 2, 0);
    }

    @Test
    void productsAndReductions() {
        final Reals a = vector(1, -2, 4);
        final Reals b = vector(3, 0.5, -1);
        final Reals value = vector(Double.NaN);
        UPDATE.dot(a, b, value);
        assertIs(value, -2);
        UPDATE.norm(vector(3, 4, 12), value);
        assertIs(value, 13);
        UPDATE.multiply(a, b, b);
        assertIs(b, 3, -1, -4);
        UPDATE.multiply(a, a, a);
        assertIs(a, 1, 4, 16);
    }

    @Test
    void quotientsByZeroAreZero() {
        final Reals a = vector(6, 5, 0);
        UPDATE.divide(a, vector(-3, 0, 0), a);
        assertIs(a, -2, 0, 0);
    }

    /** Second step: m = 0.5 · 2 + 0.5 · 4 = 3, v = 0.75 · 8 + 0.25 · 16 = 10; corrected by 1 − 0.5² and 1 − 0.75². */
    @Test
    void adamCorrectsItsMoments() {
        final borep.device.Counter counter = new borep.device.HostCounter();
        counter.set(1);
        final Reals m = vector(2);
        final Reals v = vector(8);
        final Reals x = vector(1);
        UPDATE.adam(0.5, 0.75, vector(4), m, v, vector(0.1), counter, 0.01, x);
        assertIs(m, 3);
        assertIs(v, 10);
        assertEquals(1 - 0.1 * (3 / 0.75) / (Math.sqrt(10 / 0.4375) + 0.01), x.get(0), 1e-15);
    }

    @Test
    void smallSystemsAreSolvedWithoutTheirZeroRows() {
        final Reals out = vector(9, 9, 9);
        UPDATE.solve(vector(2, 0, 1, 0, 0, 0, 1, 0, 3), vector(5, 7, 10), out);
        assertIs(out, 1, 0, 3);
        final Reals exchanged = vector(9, 9);
        UPDATE.solve(vector(0, 1, 2, 0), vector(4, 6), exchanged); // its first pivot is 0
        assertIs(exchanged, 3, 4);
    }

    @Test
    void everyFunction() {
        assertFunction(Function.SIN, Math.sin(0.7));
        assertFunction(Function.COS, Math.cos(0.7));
        assertFunction(Function.SINH, (Math.exp(0.7) - Math.exp(-0.7)) / 2);
        assertFunction(Function.COSH, (Math.exp(0.7) + Math.exp(-0.7)) / 2);
        assertFunction(Function.EXP, Math.exp(0.7));
        assertFunction(Function.SIGMOID, (1 + Math.tanh(0.35)) / 2);
        assertFunction(Function.POSITIVE, 0.7);
        assertFunction(Function.LOG, Math.log(0.7));
        assertEquals(8, Function.values().length);
        final Reals signs = vector(-3, 0, 2);
        UPDATE.apply(Function.POSITIVE, signs, signs);
        assertIs(signs, 0, 0, 2);
        final Reals extreme = vector(-1000, 1000);
        UPDATE.apply(Function.SIGMOID, extreme, extreme);
        assertIs(extreme, 0, 1);
    }

    private static void assertFunction(final Function function, final double expected) {
        final Reals out = vector(Double.NaN);
        UPDATE.apply(function, vector(0.7), out);
        assertEquals(expected, out.get(0), 1e-15, function.name());
    }

    @Test
    void theBallLeavesWhatIsInsideAndDrawsInWhatIsNot() {
        final Reals centre = vector(1, 1);
        final Reals u = vector(4, 5);
        UPDATE.projectBall(centre, Double.POSITIVE_INFINITY, u);
        UPDATE.projectBall(centre, 5, u); // on the sphere
        assertArrayEquals(new double[] {4, 5}, u.toDoubles());
        UPDATE.projectBall(centre, 2.5, u);
        assertIs(u, 2.5, 3);
        UPDATE.projectBall(centre, 0, u);
        assertIs(u, 1, 1);
        UPDATE.projectBall(centre, 0, u);
        assertIs(u, 1, 1);
        assertIs(centre, 1, 1);
    }

    @Test
    void aResidualStepDescendsOnTheLinearSystem() {
        final Reals residual = vector(5, 6);
        final Reals z = vector(1, 1);
        final Reals norm = vector(0);
        UPDATE.residualStep(vector(2, 2), residual, vector(0.5), z, norm);
        assertArrayEquals(new double[] {3, 4}, residual.toDoubles(), 1e-15);
        assertEquals(5, norm.get(0), 1e-15);
        assertArrayEquals(new double[] {-0.5, -1}, z.toDoubles(), 1e-15);
    }

    @Test
    void normalisedMomentumMovesByTheStep() {
        final Reals m = vector(10, 0);
        final Reals x = vector(1, 1);
        final Reals norm = vector(Double.NaN);
        UPDATE.normalisedMomentum(0.25, vector(2 / 3.0, 16 / 3.0), m, vector(0.5), 0, x, norm);
        assertIs(m, 3, 4);
        assertIs(norm, 5);
        assertIs(x, 1 - 0.3, 1 - 0.4);
        UPDATE.normalisedMomentum(0, vector(3, 4), m, vector(0.5), 5, x, norm);
        assertIs(x, 0.7 - 0.15, 0.6 - 0.2);
    }

    @Test
    void withoutMomentumNothingMoves() {
        for (final double guard : new double[] {0, 1e-8}) {
            final Reals x = vector(1, -2);
            final Reals norm = vector(Double.NaN);
            UPDATE.normalisedMomentum(0.9, vector(0, 0), vector(0, 0), vector(0.5), guard, x, norm);
            assertArrayEquals(new double[] {1, -2}, x.toDoubles());
            assertEquals(0, norm.get(0));
        }
    }

    @Test
    void theScheduleReadsTheCounter() {
        final Counter counter = DEVICE.counter();
        final Reals value = vector(Double.NaN);
        final Schedule schedule = Schedule.parse("0.8/step:2:0.5");
        for (final double expected : new double[] {0.8, 0.8, 0.4, 0.4, 0.2}) {
            UPDATE.schedule(schedule, counter, value);
            assertEquals(expected, value.get(0), 1e-16);
            counter.advance();
        }
        counter.set(7);
        UPDATE.schedule(schedule, counter, value);
        assertEquals(0.1, value.get(0), 1e-16);
    }

    @Test
    void differentSizesAreRefused() {
        final Reals two = vector(1, 2);
        final Reals three = vector(1, 2, 3);
        assertRefused("out has 2 numbers, the call needs 3", () -> UPDATE.copy(three, two));
        assertRefused("b has 2 numbers, the call needs 3", () -> UPDATE.dot(three, two, vector(0)));
        assertRefused("centre has 3 numbers, the call needs 2", () -> UPDATE.projectBall(three, 1, two));
    }

    private static void assertRefused(final String message, final Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
