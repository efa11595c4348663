package borep.benchmark;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Philox;
import borep.kernel.Packing;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import java.util.Arrays;

/** A batch of random texts, packed. Every place has a word of its own: equal rows would be multiplied once. */
final class PackedTexts {
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
        final int[] words = new int[total];
        Arrays.setAll(words, i -> i);
        sequences = new Sequences(
                ints(device, words),
                ints(device, starts),
                ints(device, lengths),
                Setting.normal(device, Math.multiplyExact(total, width), 3),
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
