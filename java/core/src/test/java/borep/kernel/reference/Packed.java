package borep.kernel.reference;

import borep.device.Device;
import borep.device.Ints;
import borep.kernel.Packing;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import java.util.Arrays;

/**
 * Sequences of given lengths, packed as every batch is, and where each step of each of them went.
 *
 * @param rows [sample][step] packed row
 */
record Packed(Packing packing, int[][] rows) {
    /** Packs sequences whose tokens are 0, 1, 2, … and whose vectors are these numbers, so that rows tell where they come from. */
    static Packed of(final Device device, final int... lengths) {
        final int total = Arrays.stream(lengths).sum();
        final int longest = Arrays.stream(lengths).max().orElse(0);
        final int[] starts = new int[lengths.length];
        final double[] table = new double[total];
        final int[] counting = new int[Math.max(total, lengths.length)];
        Arrays.setAll(counting, i -> i);
        Arrays.setAll(table, i -> i);
        for (int i = 1; i < lengths.length; i++) {
            starts[i] = starts[i - 1] + lengths[i - 1];
        }
        final Packing packing = Packing.allocate(device, lengths.length, longest);
        final Rows vectors = Rows.of(device.reals(total), 1);
        final Sequences sequences = new Sequences(
                ints(device, Arrays.copyOf(counting, total)),
                ints(device, starts),
                ints(device, lengths),
                device.reals(total),
                1);
        sequences.table().set(table);
        final Ints everyOne = ints(device, Arrays.copyOf(counting, lengths.length));
        device.kernels().batch().pack(sequences, everyOne, packing, vectors);
        final int[] rowOf = new int[total];
        for (int row = 0; row < total; row++) {
            rowOf[(int) vectors.values().get(row)] = row;
        }
        final int[][] rows = new int[lengths.length][];
        for (int i = 0; i < lengths.length; i++) {
            rows[i] = Arrays.copyOfRange(rowOf, starts[i], starts[i] + lengths[i]);
        }
        return new Packed(packing, rows);
    }

    static Ints ints(final Device device, final int... values) {
        final Ints ints = device.ints(values.length);
        ints.set(values);
        return ints;
    }

    /** R. */
    int count() {
        return Arrays.stream(rows).mapToInt(steps -> steps.length).sum();
    }
}
