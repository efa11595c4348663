package borep.kernel.reference;

import static borep.device.HostDoubles.array;
import static borep.device.HostDoubles.offset;

import borep.device.HostInts;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Rows;

/** Element access by index, so that the reference kernels read like their equations. */
final class Access {
    private Access() {}

    /** rows[row, column] */
    static double get(final Rows rows, final int row, final int column) {
        return array(rows.values())[place(rows, row, column)];
    }

    /** rows[row, column] = value */
    static void set(final Rows rows, final int row, final int column, final double value) {
        array(rows.values())[place(rows, row, column)] = value;
    }

    /** rows[row, column] += value */
    static void add(final Rows rows, final int row, final int column, final double value) {
        array(rows.values())[place(rows, row, column)] += value;
    }

    /** Where an element lies in the array behind its rows. */
    private static int place(final Rows rows, final int row, final int column) {
        return offset(rows.values()) + row * rows.stride() + rows.column() + column;
    }

    /** vector[index] */
    static double get(final Reals vector, final int index) {
        return array(vector)[offset(vector) + index];
    }

    /** vector[index] = value */
    static void set(final Reals vector, final int index, final double value) {
        array(vector)[offset(vector) + index] = value;
    }

    /** vector[index] += value */
    static void add(final Reals vector, final int index, final double value) {
        array(vector)[offset(vector) + index] += value;
    }

    /** ints[index] */
    static int get(final Ints ints, final int index) {
        return HostInts.array(ints)[HostInts.offset(ints) + index];
    }

    /** ints[index] = value */
    static void set(final Ints ints, final int index, final int value) {
        HostInts.array(ints)[HostInts.offset(ints) + index] = value;
    }

    static double sigmoid(final double a) {
        return 1 / (1 + Math.exp(-a));
    }

    /**
     * Checks a matrix argument at the door.
     *
     * @throws IllegalArgumentException "output holds 3 rows of 4, the call needs 5 of 4"
     */
    static void require(final String name, final Rows rows, final int count, final int width) {
        if (rows.width() != width || rows.capacity() < count) {
            throw new IllegalArgumentException(name + " holds " + rows.capacity() + " rows of " + rows.width()
                    + ", the call needs " + count + " of " + width);
        }
    }

    /** As {@link #require(String, Rows, int, int)}, if there is one. */
    static void requireOptional(final String name, final Rows rows, final int count, final int width) {
        if (rows != null) {
            require(name, rows, count, width);
        }
    }

    /**
     * Checks a vector argument at the door.
     *
     * @throws IllegalArgumentException "weights has 40 numbers, the call needs 60"
     */
    static void require(final String name, final Reals vector, final int size) {
        if (vector.size() != size) {
            throw new IllegalArgumentException(name + " has " + vector.size() + " numbers, the call needs " + size);
        }
    }

    /** As {@link #require(String, Reals, int)}, if there is one. */
    static void requireOptional(final String name, final Reals vector, final int size) {
        if (vector != null) {
            require(name, vector, size);
        }
    }

    /**
     * Checks a vector that may be longer than its batch.
     *
     * @throws IllegalArgumentException "losses has 4 numbers, the call needs 5"
     */
    static void requireAtLeast(final String name, final Reals vector, final int size) {
        if (vector.size() < size) {
            throw new IllegalArgumentException(name + " has " + vector.size() + " numbers, the call needs " + size);
        }
    }

    /** As {@link #requireAtLeast(String, Reals, int)} for integers. */
    static void requireAtLeast(final String name, final Ints vector, final int size) {
        if (vector.size() < size) {
            throw new IllegalArgumentException(name + " has " + vector.size() + " numbers, the call needs " + size);
        }
    }

    /**
     * Checks the size of a batch.
     *
     * @throws IllegalArgumentException "rows 6: the tape was made for 0 to 5"
     */
    static void requireBatch(final String name, final int count, final int most) {
        if (count < 0 || count > most) {
            throw new IllegalArgumentException(name + " " + count + ": the tape was made for 0 to " + most);
        }
    }

    /**
     * Checks that there is something to differentiate.
     *
     * @throws IllegalStateException "tangentBackward needs backward on this tape before"
     */
    static void requireSweeps(final boolean backward, final boolean tangentForward) {
        if (!backward || !tangentForward) {
            throw new IllegalStateException(
                    "tangentBackward needs " + (backward ? "tangentForward" : "backward") + " on this tape before");
        }
    }
}
