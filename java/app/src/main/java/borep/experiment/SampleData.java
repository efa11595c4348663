package borep.experiment;

import borep.data.DataSpec;
import borep.data.Samples;
import borep.data.Split;
import borep.device.Device;
import borep.device.Ints;
import borep.kernel.SparseRows;
import borep.model.SparseSet;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/** A run's samples: read, split, and brought to the device with one feature more, the constant that makes the bias. */
final class SampleData {
    private static final LastRead<Samples> LAST = new LastRead<>();

    private final Device device;
    private final Samples samples;
    private final Split split;

    /** What the samples depend on beside their files. */
    private record Wanted(String data, String test) {}

    /** Reads the data of these settings. */
    SampleData(final Device device, final SampleSettings settings, final long seed) {
        this.device = device;
        final DataSpec data = DataSpec.parse(settings.data());
        final Optional<DataSpec> test =
                Optional.of(settings.test()).filter(text -> !text.isBlank()).map(DataSpec::parse);
        samples = LAST.get(
                new Wanted(settings.data(), settings.test()),
                List.of(data.source(), test.map(DataSpec::source).orElse("")),
                () -> test.map(spec -> data.loadSamples().withTest(spec.loadSamples()))
                        .orElseGet(data::loadSamples));
        split = Split.ofSamples(
                samples, Split.Fractions.parse("split", settings.split()), settings.mostSamples(), seed);
    }

    /** What was read. */
    Samples samples() {
        return samples;
    }

    /** Which train, validate and test. */
    Split split() {
        return split;
    }

    /** The true classes of the samples at these places. */
    int[] labels(final int[] places) {
        return Arrays.stream(places).map(place -> samples.labels()[place]).toArray();
    }

    /** The samples at these places on the device, under their true labels. */
    SparseSet set(final int[] places) {
        return set(places, labels(places));
    }

    /**
     * The samples at these places on the device.
     *
     * @param labels [places] class of each, which need not be the true one
     */
    SparseSet set(final int[] places, final int[] labels) {
        final SparseRows all = samples.rows();
        int size = places.length;
        for (final int place : places) {
            size = Math.addExact(size, all.starts()[place + 1] - all.starts()[place]);
        }
        final int[] starts = new int[places.length + 1];
        final int[] columns = new int[size];
        final float[] values = new float[size];
        int at = 0;
        for (int i = 0; i < places.length; i++) {
            final int begin = all.starts()[places[i]];
            final int count = all.starts()[places[i] + 1] - begin;
            System.arraycopy(all.places(), begin, columns, at, count);
            System.arraycopy(all.values(), begin, values, at, count);
            at += count;
            columns[at] = all.columns();
            values[at++] = 1;
            starts[i + 1] = at;
        }
        final Ints classes = device.ints(labels.length);
        classes.set(labels);
        return new SparseSet(
                device.kernels().sparse().matrix(new SparseRows(all.columns() + 1, starts, columns, values)),
                classes,
                samples.classes().size());
    }

    /** Changes with any label, number or place of one. */
    long fingerprint() {
        final CRC32 crc = new CRC32();
        for (final int label : samples.labels()) {
            update(crc, label);
        }
        final long labels = crc.getValue();
        for (int k = 0; k < samples.rows().places().length; k++) {
            update(crc, samples.rows().places()[k]);
            update(crc, Float.floatToIntBits(samples.rows().values()[k]));
        }
        for (final int start : samples.rows().starts()) {
            update(crc, start);
        }
        return labels << Integer.SIZE | crc.getValue();
    }

    private static void update(final CRC32 crc, final int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            crc.update(value >>> shift);
        }
    }
}
