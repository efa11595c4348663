package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Rows;
import borep.kernel.Sparse;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;
import org.junit.jupiter.api.Test;

/** Sparse products against a matrix written out, and what is refused. */
class ReferenceSparseTest {
    private static final Device DEVICE = new ReferenceDevice();
    private static final Sparse SPARSE = DEVICE.kernels().sparse();
    /** [[2, 0, 0], [0, 0, 0], [-1, 0, 4]] */
    private static final SparseRows A =
            new SparseRows(3, new int[] {0, 1, 1, 3}, new int[] {0, 0, 2}, new float[] {2, -1, 4});

    private static Reals vector(final double... values) {
        final Reals reals = DEVICE.reals(values.length);
        reals.set(values);
        return reals;
    }

    private static Rows rows(final int width, final double... values) {
        return Rows.of(vector(values), width);
    }

    @Test
    void multipliesAllRows() {
        final Rows out = rows(2, 9, 9, 9, 9, 9, 9);
        SPARSE.multiply(SPARSE.matrix(A), null, vector(1, 2, 3, 4, 5, 6), out);
        assertArrayEquals(new double[] {2, 4, 0, 0, 19, 22}, out.values().toDoubles());
    }

    @Test
    void multipliesChosenRowsThatRepeat() {
        final SparseMatrix a = SPARSE.matrix(A);
        final Rows out = rows(1, 9, 9, 9);
        SPARSE.multiply(a, Packed.ints(DEVICE, 2, 0, 2), vector(1, 3, 5), out);
        assertArrayEquals(new double[] {19, 2, 19}, out.values().toDoubles());
        final Reals gradient = vector(100, 200, 300);
        SPARSE.multiplyTransposed(a, Packed.ints(DEVICE, 2, 0, 2), rows(1, 1, 10, 100), gradient);
        assertArrayEquals(new double[] {100 - 1 + 20 - 100, 200, 300 + 4 + 400}, gradient.toDoubles());
    }

    @Test
    void transposesInTheOrderOfRows() {
        final SparseRows t = A.transposed();
        assertEquals(3, t.rows());
        assertEquals(3, t.columns());
        assertArrayEquals(new int[] {0, 2, 2, 3}, t.starts());
        assertArrayEquals(new int[] {0, 2, 2}, t.places());
        assertArrayEquals(new float[] {2, -1, 4}, t.values());
    }

    @Test
    void refusesWhatIsNoMatrix() {
        refused("column 3 in row 0: must ascend within a row and lie in [0, 3)", 3, new int[] {0, 1}, 3);
        refused("column 1 in row 1: must ascend within a row and lie in [0, 3)", 3, new int[] {0, 1, 3}, 2, 1, 1);
        refused("sparse rows: 2 starts, 2 places and 2 values do not belong together", 3, new int[] {0, 1}, 0, 1);
        refused("row 0 from 0 to 2: starts must ascend to 1", 3, new int[] {0, 2, 0, 1}, 1);
        refused("row 1 from 1 to 0: starts must ascend to 1", 3, new int[] {0, 1, 0, 1}, 1);
    }

    private static void refused(final String message, final int columns, final int[] starts, final int... places) {
        assertEquals(
                message,
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new SparseRows(columns, starts, places, new float[places.length]))
                        .getMessage());
    }

    @Test
    void refusesRowsThatAreNotThere() {
        final IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> SPARSE.multiply(SPARSE.matrix(A), Packed.ints(DEVICE, 1, 3), vector(1, 2, 3), rows(1, 0, 0)));
        assertEquals("row 3 at place 1: must be in [0, 3)", e.getMessage());
    }
}
