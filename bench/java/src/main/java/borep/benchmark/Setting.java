package borep.benchmark;

import borep.device.Device;
import borep.device.Devices;
import borep.device.Ints;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Rows;

/** Device and random numbers of a benchmark. */
final class Setting {
    static final long SEED = 1;

    private Setting() {}

    /** The device that is named, on {@code BOREP_THREADS} threads or all cores. */
    static Device device(final String name) {
        return Devices.choose(name).device();
    }

    /** [size] normal numbers of size 0.05, as trained weights have it. */
    static Reals normal(final Device device, final int size, final int purpose) {
        final float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (0.05 * Philox.normal(SEED, 0, purpose, i));
        }
        final Reals reals = device.reals(size);
        reals.set(values);
        return reals;
    }

    /** [rows, width] normal numbers. */
    static Rows rows(final Device device, final int rows, final int width, final int purpose) {
        return Rows.of(normal(device, Math.multiplyExact(rows, width), purpose), width);
    }

    /** [size] integers in [0, bound). */
    static Ints below(final Device device, final int size, final int bound, final int purpose) {
        final int[] values = new int[size];
        for (int i = 0; i < size; i++) {
            values[i] = Philox.below(bound, SEED, 0, purpose, i);
        }
        final Ints ints = device.ints(size);
        ints.set(values);
        return ints;
    }
}
