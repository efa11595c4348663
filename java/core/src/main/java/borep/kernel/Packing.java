package borep.kernel;

import borep.device.Device;
import borep.device.Ints;

/**
 * How a batch of sequences of different lengths lies in memory without padding, like PyTorch's {@code PackedSequence}.
 *
 * <p>Samples are ranked by length, longest first, ties in batch order. Step t holds the rows of ranks
 * {@code 0 … stepSizes[t] - 1}, one row per sample that is longer than t; the steps follow one another, so row
 * {@code stepStarts[t] + rank} is step t of sample {@code order[rank]}. Sequences of length 0 have no rows.
 *
 * @param shape      [3] number of steps T (the longest length), rows R (the sum of the lengths), samples B
 * @param order      [maxBatch] rank to sample
 * @param lengths    [maxBatch] length of each sample, in batch order
 * @param stepSizes  [maxSteps] rows of each step, never increasing
 * @param stepStarts [maxSteps + 1] first row of each step; element T is R
 */
public record Packing(Ints shape, Ints order, Ints lengths, Ints stepSizes, Ints stepStarts) {
    /** Index of T in {@link #shape}. */
    public static final int STEPS = 0;
    /** Index of R in {@link #shape}. */
    public static final int ROWS = 1;
    /** Index of B in {@link #shape}. */
    public static final int SAMPLES = 2;

    /** An empty packing for up to {@code maxBatch} sequences of up to {@code maxSteps} steps; {@link Batch} fills it. */
    public static Packing allocate(final Device device, final int maxBatch, final int maxSteps) {
        return new Packing(
                device.ints(3),
                device.ints(maxBatch),
                device.ints(maxBatch),
                device.ints(maxSteps),
                device.ints(maxSteps + 1));
    }
}
