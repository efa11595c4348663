package borep.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory of host devices: slices share it, sizes are checked, numbers are rounded to what they are stored as. */
class HostMemoryTest {
    private static List<Reals> both(final int size) {
        return List.of(new HostFloats(size), new HostDoubles(size));
    }

    @Test
    void slicesShareTheirMemory() {
        for (final Reals reals : both(6)) {
            final Reals slice = reals.slice(1, 4).slice(1, 2);
            slice.set(new double[] {1.5, -2});
            assertArrayEquals(new double[] {0, 0, 1.5, -2, 0, 0}, reals.toDoubles());
            assertEquals(-2, slice.get(1));
            assertEquals(2, slice.size());
            assertEquals(0, reals.slice(6, 0).size());
        }
        final Ints ints = new HostInts(5);
        ints.slice(2, 2).set(new int[] {7, 8});
        assertArrayEquals(new int[] {0, 0, 7, 8, 0}, ints.toArray());
        assertArrayEquals(new int[] {8}, ints.slice(1, 3).slice(2, 1).toArray());
    }

    @Test
    void floatsRoundAndDoublesDoNot() {
        final double third = 1 / 3.0;
        final Reals floats = new HostFloats(1);
        final Reals doubles = new HostDoubles(1);
        floats.set(new double[] {third});
        doubles.set(new double[] {third});
        assertEquals((float) third, floats.get(0));
        assertEquals(third, doubles.get(0));
        doubles.set(new float[] {0.1f});
        assertEquals(0.1f, doubles.get(0));
    }

    @Test
    void sizesAndBoundsAreChecked() {
        for (final Reals reals : both(8)) {
            assertEquals("slice [4, 10) of 8 reals", outside(() -> reals.slice(4, 6)));
            assertEquals("slice [-1, 1) of 8 reals", outside(() -> reals.slice(-1, 2)));
            outside(() -> reals.slice(2, 4).get(4));
            assertEquals("3 values for 8 reals", refused(() -> reals.set(new double[3])));
            assertEquals("9 values for 8 reals", refused(() -> reals.set(new float[9])));
        }
        final Ints ints = new HostInts(8);
        assertEquals("slice [4, 10) of 8 ints", outside(() -> ints.slice(4, 6)));
        assertEquals("3 values for 8 ints", refused(() -> ints.set(new int[3])));
    }

    private static String outside(final Runnable call) {
        return assertThrows(IndexOutOfBoundsException.class, call::run).getMessage();
    }

    private static String refused(final Runnable call) {
        return assertThrows(IllegalArgumentException.class, call::run).getMessage();
    }

    @Test
    void countersCount() {
        final Counter counter = new HostCounter();
        assertEquals(0, counter.get());
        counter.set(41);
        counter.advance();
        assertEquals(42, counter.get());
    }
}
