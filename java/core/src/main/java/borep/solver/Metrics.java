package borep.solver;

import borep.device.Device;
import borep.device.Reals;
import java.util.List;

/** Numbers a solver leaves on the device at every step; the host reads them when it likes. */
public final class Metrics {
    private final List<String> names;
    private final Reals values;
    private final Reals[] slots;

    /** One number for each name, all 0. */
    public Metrics(final Device device, final String... names) {
        this.names = List.of(names);
        values = device.reals(names.length);
        slots = new Reals[names.length];
        for (int i = 0; i < names.length; i++) {
            slots[i] = values.slice(i, 1);
        }
    }

    /** Names in the order of the values. */
    public List<String> names() {
        return names;
    }

    /** [1] where the solver writes this metric. */
    public Reals slot(final String name) {
        return slots[names.indexOf(name)];
    }

    /** Copies one metric to the host. */
    public double get(final int index) {
        return values.get(index);
    }

    /**
     * Looks at every metric.
     *
     * @throws DivergedException at the first that is not finite
     */
    public void requireFinite(final long iteration) {
        for (int i = 0; i < slots.length; i++) {
            final double value = values.get(i);
            if (!Double.isFinite(value)) {
                throw new DivergedException(iteration, names.get(i), value);
            }
        }
    }
}
