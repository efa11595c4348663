package borep.kernel.vector;

import borep.device.HostFloats;
import borep.kernel.Rows;
import java.util.Arrays;

/**
 * A row-major view of floats: element (r, c) is {@code values[at + r * stride + c]}. Views are made once and moved
 * from call to call, so that a sweep allocates nothing.
 */
final class Matrix {
    float[] values;
    int at;
    int stride;
    int width;

    /** A view that shows nothing yet. */
    Matrix() {}

    /** Zeros of its own. */
    Matrix(final int rows, final int width) {
        this.values = new float[Math.multiplyExact(rows, width)];
        this.stride = width;
        this.width = width;
    }

    /** Shows {@code rows} from now on. */
    void show(final Rows rows) {
        values = HostFloats.array(rows.values());
        at = HostFloats.offset(rows.values()) + rows.column();
        stride = rows.stride();
        width = rows.width();
    }

    /** Shows {@code rows}, or nothing if there are none. */
    void showOrHide(final Rows rows) {
        if (rows == null) {
            values = null;
        } else {
            show(rows);
        }
    }

    /** Whether there is anything to see. */
    boolean isShown() {
        return values != null;
    }

    /** Shows what {@code other} shows. */
    void show(final Matrix other) {
        values = other.values;
        at = other.at;
        stride = other.stride;
        width = other.width;
    }

    /** Shows {@code width} columns of a dense array. */
    void show(final float[] array, final int from, final int columns) {
        values = array;
        at = from;
        stride = columns;
        width = columns;
    }

    /** Zeros in rows [fromRow, toRow) and columns [from, to). */
    void clear(final int fromRow, final int toRow, final int from, final int to) {
        for (int r = fromRow; r < toRow; r++) {
            Arrays.fill(values, row(r) + from, row(r) + to, 0);
        }
    }

    /** Where row {@code r} begins. */
    int row(final int r) {
        return at + r * stride;
    }
}
