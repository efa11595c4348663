package borep.kernel.vector;

import borep.device.HostInts;
import borep.kernel.Packing;
import java.util.Arrays;

/** The steps of a packed batch in the order in which a layer takes them, forwards or from the end. */
final class Walk {
    /** What a step of a share costs beside its rows, in rows: weights are read, and its last tile is not full. */
    private static final int STEP_ROWS = 3;

    private final boolean reverse;
    private final int[] starts;
    private final int[] sizes;
    private int steps;
    private int rows;
    private int samples;

    /** @param maxRows most rows, and therefore most steps, of a batch */
    Walk(final boolean reverse, final int maxRows) {
        this.reverse = reverse;
        starts = new int[maxRows];
        sizes = new int[maxRows];
    }

    /** Copies the shape of a batch. */
    void follow(final Packing packing, final int maxBatch) {
        final int[] shape = HostInts.array(packing.shape());
        final int at = HostInts.offset(packing.shape());
        steps = shape[at + Packing.STEPS];
        rows = shape[at + Packing.ROWS];
        samples = shape[at + Packing.SAMPLES];
        if (rows > starts.length || samples > maxBatch) {
            throw new IllegalArgumentException("a batch of " + samples + " samples and " + rows
                    + " rows: the tape was made for " + maxBatch + " and " + starts.length);
        }
        System.arraycopy(HostInts.array(packing.stepStarts()), HostInts.offset(packing.stepStarts()), starts, 0, steps);
        System.arraycopy(HostInts.array(packing.stepSizes()), HostInts.offset(packing.stepSizes()), sizes, 0, steps);
    }

    /**
     * Divides the samples, longest first, into shares that cost about the same.
     *
     * @param begins written [shares + 1] first sample of each share, then the number of samples
     */
    void share(final int shares, final int[] begins) {
        int tooFew = 0;
        int enough = rows + STEP_ROWS * steps;
        while (enough - tooFew > 1) {
            final int middle = (tooFew + enough) >>> 1;
            if (fill(middle, shares, begins)) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        fill(enough, shares, begins);
    }

    /**
     * Ends each share where the cost of all so far is nearest to as many times {@code each}, so that the last one is not what the
     * others have left; returns whether so many shares suffice.
     */
    private boolean fill(final int each, final int shares, final int[] begins) {
        int share = -1;
        long cost = 0;
        int length = steps;
        for (int sample = 0; sample < samples; sample++) {
            while (length > 0 && sizes[length - 1] <= sample) { // empty ones come last
                length--;
            }
            if (share < 0 || cost + length / 2 > (share + 1L) * each) {
                if (++share == shares) {
                    return false;
                }
                begins[share] = sample;
                cost += STEP_ROWS * length;
            }
            cost += length;
        }
        Arrays.fill(begins, share + 1, shares + 1, samples);
        return true;
    }

    /** Number of steps T. */
    int steps() {
        return steps;
    }

    /** Number of rows R. */
    int rows() {
        return rows;
    }

    /** Number of samples B. */
    int samples() {
        return samples;
    }

    /** The step taken as number {@code place}. */
    int step(final int place) {
        return reverse ? steps - 1 - place : place;
    }

    /** First row of a step. */
    int start(final int step) {
        return starts[step];
    }

    /** Rows of a step. */
    int size(final int step) {
        return sizes[step];
    }

    /** The step taken before this one; may lie outside. */
    int before(final int step) {
        return reverse ? step + 1 : step - 1;
    }

    /** The step taken after this one; may lie outside. */
    int after(final int step) {
        return reverse ? step - 1 : step + 1;
    }

    /** How many rows of a step, the first ones, continue rows of the step taken before; 0 for a step outside. */
    int continued(final int step) {
        final int before = before(step);
        return step < 0 || step >= steps || before < 0 || before >= steps ? 0 : Math.min(sizes[step], sizes[before]);
    }

    /** How many rows of a step, the first ones, are continued by the step taken after. */
    int continuing(final int step) {
        return continued(after(step));
    }

    /** First row of a step, or 0 for one outside. */
    int startOrZero(final int step) {
        return step < 0 || step >= steps ? 0 : starts[step];
    }
}
