package borep.kernel;

import borep.device.Reals;

/**
 * A row-major matrix view without a fixed number of rows: row r holds {@code width} numbers that begin at element
 * {@code r * stride + column} of {@code values}.
 *
 * @param values the memory
 * @param width  numbers per row
 * @param stride distance between two rows' beginnings, at least {@code column + width}
 * @param column where a row begins
 */
public record Rows(Reals values, int width, int stride, int column) {
    /** Checks the layout. */
    public Rows {
        if (width < 0 || column < 0 || stride < column + width) {
            throw new IllegalArgumentException(
                    "rows of width " + width + " at column " + column + ": stride " + stride + " is too small");
        }
    }

    /** Dense rows: {@code stride == width}. */
    public static Rows of(final Reals values, final int width) {
        return new Rows(values, width, width, 0);
    }

    /** The columns {@code [from, from + length)} of these rows. */
    public Rows columns(final int from, final int length) {
        if (from < 0 || length < 0 || from + length > width) {
            throw new IndexOutOfBoundsException("columns [" + from + ", " + (from + length) + ") of " + width);
        }
        return new Rows(values, length, stride, column + from);
    }

    /** How many whole rows the memory holds. */
    public int capacity() {
        return stride == 0 ? Integer.MAX_VALUE : (values.size() - column - width + stride) / stride;
    }
}
