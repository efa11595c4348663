package borep.problem;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Batch;
import borep.kernel.Packing;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** One term of a sum whose terms are affine maps, kept as rows of numbers in a table on the device; a batch is one term. */
final class TermSample implements Sample {
    /**
     * The terms of a level.
     *
     * @param rows   one row a term, as sequences of one token
     * @param places [i] the number i, to choose term i by
     */
    record Table(Sequences rows, Ints[] places) {
        /** A table of these rows, all equally long; at least one. */
        static Table of(final Device device, final List<double[]> terms) {
            final int width = terms.getFirst().length;
            final double[] flat = new double[Math.multiplyExact(terms.size(), width)];
            for (int i = 0; i < terms.size(); i++) {
                System.arraycopy(terms.get(i), 0, flat, i * width, width);
            }
            final Reals values = device.reals(flat.length);
            values.set(flat);
            final Ints numbers = device.ints(terms.size());
            numbers.set(IntStream.range(0, terms.size()).toArray());
            final Ints lengths = device.ints(terms.size());
            final int[] ones = new int[terms.size()];
            Arrays.fill(ones, 1);
            lengths.set(ones);
            final Ints[] places = new Ints[terms.size()];
            Arrays.setAll(places, i -> numbers.slice(i, 1));
            return new Table(new Sequences(numbers, numbers, lengths, values, width), places);
        }

        FiniteSum sum() {
            return FiniteSum.equal(places.length);
        }
    }

    private final Batch batch;
    private final Table table;
    private final Sampler.Streams streams;
    private final Ints index;
    private final Packing packing;
    private final Rows row;
    private final LinearMap[] maps;

    /** @param shapes {outputs, inputs} of each map of a term, in the order of a row's {@link LinearMap#weights} */
    TermSample(final Device device, final Table table, final long seed, final int[]... shapes) {
        batch = device.kernels().batch();
        this.table = table;
        streams = new Sampler.Streams(seed);
        index = device.ints(1);
        packing = Packing.allocate(device, 1, 1);
        row = Rows.of(device.reals(table.rows().width()), table.rows().width());
        maps = new LinearMap[shapes.length];
        int at = 0;
        for (int i = 0; i < maps.length; i++) {
            final int size = LinearMap.size(shapes[i][0], shapes[i][1]);
            maps[i] = new LinearMap(
                    device, shapes[i][0], shapes[i][1], row.values().slice(at, size));
            at += size;
        }
    }

    /** A map of the current term. */
    LinearMap map(final int i) {
        return maps[i];
    }

    @Override
    public void draw(final Counter step, final int purpose, final int lane) {
        batch.draw(streams.of(purpose, lane), step, table.places().length, true, index);
        load();
    }

    @Override
    public void take(final int i) {
        batch.gather(table.places()[i], table.rows().tokens(), index);
        load();
    }

    private void load() {
        batch.pack(table.rows(), index, packing, row);
        for (int i = 0; i < maps.length; i++) {
            maps[i].weightsChanged();
        }
    }
}
