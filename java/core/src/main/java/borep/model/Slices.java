package borep.model;

import borep.device.Reals;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts flat vectors (weights, directions, gradients) into a model's parts, remembering the cuts so that a steady-state sweep
 * makes no objects.
 */
public final class Slices {
    /** A solver holds a handful of vectors; a caller that keeps inventing new ones only pays for new cuts. */
    private static final int REMEMBERED = 64;

    private final int[] offsets;
    private final List<Reals> wholes = new ArrayList<>();
    private final List<Reals[]> cuts = new ArrayList<>();

    /** Cuts at these offsets, ascending from 0; the last one is the total length. */
    public Slices(final int... offsets) {
        this.offsets = offsets.clone();
    }

    /**
     * The parts of {@code whole}, sharing its memory; null for null.
     *
     * @throws IllegalArgumentException if its length is another than the offsets'
     */
    public Reals[] of(final Reals whole) {
        if (whole == null) {
            return null;
        }
        for (int i = 0; i < wholes.size(); i++) {
            if (wholes.get(i) == whole) {
                return cuts.get(i);
            }
        }
        final int total = offsets[offsets.length - 1];
        if (whole.size() != total) {
            throw new IllegalArgumentException("vector of " + whole.size() + " numbers, the model has " + total);
        }
        final Reals[] parts = new Reals[offsets.length - 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = whole.slice(offsets[i], offsets[i + 1] - offsets[i]);
        }
        if (wholes.size() == REMEMBERED) {
            wholes.removeFirst();
            cuts.removeFirst();
        }
        wholes.add(whole);
        cuts.add(parts);
        return parts;
    }

    /** The part {@code index} of {@code whole}, or null for null. */
    public Reals part(final Reals whole, final int index) {
        return whole == null ? null : of(whole)[index];
    }
}
