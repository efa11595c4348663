package borep.kernel.vector;

import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Rows;

/** Checks at the door of every kernel: what is too small, and how much it should hold. */
final class Shapes {
    private Shapes() {}

    static void rows(final String name, final Rows rows, final int count, final int width) {
        if (rows.width() != width || rows.capacity() < count) {
            throw new IllegalArgumentException(name + " holds " + rows.capacity() + " rows of " + rows.width()
                    + ", the call needs " + count + " of " + width);
        }
    }

    static void optionalRows(final String name, final Rows rows, final int count, final int width) {
        if (rows != null) {
            rows(name, rows, count, width);
        }
    }

    static void exactly(final String name, final Reals reals, final int size) {
        if (reals.size() != size) {
            throw new IllegalArgumentException(name + " has " + reals.size() + " numbers, the call needs " + size);
        }
    }

    static void optional(final String name, final Reals reals, final int size) {
        if (reals != null) {
            exactly(name, reals, size);
        }
    }

    static void atLeast(final String name, final Reals reals, final int size) {
        if (reals.size() < size) {
            throw new IllegalArgumentException(name + " has " + reals.size() + " numbers, the call needs " + size);
        }
    }

    static void atLeast(final String name, final Ints ints, final int size) {
        if (ints.size() < size) {
            throw new IllegalArgumentException(name + " has " + ints.size() + " numbers, the call needs " + size);
        }
    }

    static void batch(final String name, final int count, final int most) {
        if (count < 0 || count > most) {
            throw new IllegalArgumentException(name + " " + count + ": the tape was made for 0 to " + most);
        }
    }
}
