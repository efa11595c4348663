package borep.solver;

import borep.device.Device;
import borep.device.Reals;
import borep.device.Ring;
import java.util.List;

/**
 * Numbers a solver leaves on the device at every step. Each step ends with a record in a ring that the host reads when it likes,
 * without waiting; the record of iteration k (the first is 1) of a solver that began at iteration s is number k − s − 1.
 */
public final class Metrics {
    /** Steps that a device may be ahead of whoever reads its records. */
    private static final int RECORDS = 128;

    /** Judged beside the metrics, shown nowhere: a step may measure finite numbers and then leave them. */
    private static final List<String> ITERATES =
            List.of("‖x‖ after the step", "‖y‖ after the step", "‖z‖ after the step");

    private final List<String> names;
    private final Reals values;
    private final Reals[] slots;
    private final Ring ring;

    /** One number for each name, all 0. */
    public Metrics(final Device device, final String... names) {
        this.names = List.of(names);
        final int width = names.length + ITERATES.size();
        values = device.reals(width);
        slots = new Reals[width];
        ring = device.ring(width, RECORDS);
        for (int i = 0; i < width; i++) {
            slots[i] = values.slice(i, 1);
        }
    }

    /** Names, in the order of a record's numbers. */
    public List<String> names() {
        return names;
    }

    /**
     * [1] where the solver writes this metric.
     *
     * @throws IllegalArgumentException for an unknown name, listing the known ones
     */
    public Reals slot(final String name) {
        final int index = names.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("metric '" + name + "': unknown; known are " + String.join(", ", names));
        }
        return slots[index];
    }

    /** What a step is judged by: the metrics in the order of their names, then the iterates' norms. */
    Reals values() {
        return values;
    }

    /** [1] where the norm of x (0), y (1) or z (2) after a step is written. */
    Reals iterate(final int place) {
        return slots[names.size() + place];
    }

    private String quantity(final int place) {
        return place < names.size() ? names.get(place) : ITERATES.get(place - names.size());
    }

    /** The records of the steps so far, metrics in the order of their names, then the norms of x, y and z after the step. */
    public Ring records() {
        return ring;
    }

    /**
     * Looks at every metric of a record, and at the iterates that its step left.
     *
     * @param record    its number in {@link #records}
     * @param iteration what the exception is to name
     * @throws DivergedException         at the first that is not finite
     * @throws IndexOutOfBoundsException if the record is not there yet, or no more
     */
    public void requireFinite(final long record, final long iteration) {
        for (int i = 0; i < slots.length; i++) {
            final double value = ring.get(record, i);
            if (!Double.isFinite(value)) {
                throw new DivergedException(iteration, quantity(i), value);
            }
        }
    }

    /** Copies the metric of this place in {@link #names}, as it is now, to the host; waits for the device. */
    public double get(final int index) {
        return values.get(index);
    }

    /**
     * Looks at every metric and at the iterates' norms as they are now; waits for the device.
     *
     * @param iteration what the exception is to name
     * @throws DivergedException at the first that is not finite
     */
    public void requireFinite(final long iteration) {
        for (int i = 0; i < slots.length; i++) {
            final double value = values.get(i);
            if (!Double.isFinite(value)) {
                throw new DivergedException(iteration, quantity(i), value);
            }
        }
    }
}
