package borep.benchmark;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Philox;
import borep.kernel.Packing;
import borep.kernel.Rows;
import borep.kernel.Sequences;

/** A batch of random texts, packed. */
final class PackedTexts {
    private static final int WORDS = 2000;
    private static final int SHORTEST = 5;

    final Sequences sequences;
    final Ints indices;
    final Packing packing;
    final Rows input;
    final int rows;

    /** @param ragged lengths uniform in 5 … steps, the first the longest, instead of all the longest */
    PackedTexts(final Device device, final int batch, final int steps, final int width, final boolean ragged) {
        final int[] lengths = new int[batch];
        final int[] starts = new int[batch];
        final int[] all = new int[batch];
        int total = 0;
        for (int i = 0; i < batch; i++) {
            final int drawn = SHORTEST + Philox.below(steps - SHORTEST + 1, Setting.SEED, 0, 1, i);
            lengths[i] = ragged && i > 0 ? drawn : steps;
            starts[i] = total;
            all[i] = i;
            total += lengths[i];
        }
        rows = total;
        sequences = new Sequences(
                Setting.below(device, total, WORDS, 2),
                ints(device, starts),
                ints(device, lengths),
                Setting.normal(device, WORDS * width, 3),
                width);
        indices = ints(device, all);
        packing = Packing.allocate(device, batch, steps);
        input = Rows.of(device.reals(Math.multiplyExact(rows, width)), width);
        device.kernels().batch().pack(sequences, indices, packing, input);
    }

    private static Ints ints(final Device device, final int[] values) {
        final Ints ints = device.ints(values.length);
        ints.set(values);
        return ints;
    }
}
