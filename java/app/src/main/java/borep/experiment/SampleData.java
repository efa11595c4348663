package borep.experiment;

import borep.data.DataSpec;
import borep.data.Samples;
import borep.data.Split;
import borep.device.Device;
import borep.device.Ints;
import borep.kernel.Rows;
import borep.kernel.Sparse;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;
import borep.kernel.Update;
import borep.model.SparseSet;
import borep.solver.PowerIteration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/** A run's samples: read, split, and brought to the device with one feature more, the constant that makes the bias. */
final class SampleData {
    private static final LastRead<Samples> LAST = new LastRead<>();
    /** A scale that is 1 % off is as good. */
    private static final double EIGENVALUE_TOLERANCE = 0.02;

    private static final int MOST_PRODUCTS = 200;

    private final Device device;
    private final Samples samples;
    private final Split split;
    /** What every number is multiplied by. */
    private final float scale;

    /** What the samples depend on beside their files. */
    private record Wanted(String data, String test) {}

    /** Reads the data of these settings. */
    SampleData(final Device device, final SampleSettings settings, final long seed) {
        this.device = device;
        samples = read(settings);
        split = Split.ofSamples(
                samples, Split.Fractions.parse("split", settings.split()), settings.mostSamples(), seed);
        scale = settings.scaling() == SampleSettings.Scaling.NONE ? 1 : (float) (1 / Math.sqrt(largestEigenvalue()));
    }

    /** Reads the samples of these settings, unless they were read last. */
    private static Samples read(final SampleSettings settings) {
        final DataSpec data = DataSpec.parse(settings.data());
        final Optional<DataSpec> test =
                Optional.of(settings.test()).filter(text -> !text.isBlank()).map(DataSpec::parse);
        return LAST.get(
                new Wanted(settings.data(), settings.test()),
                List.of(data.source(), test.map(DataSpec::source).orElse("")),
                () -> test.map(spec -> data.loadSamples().withTest(spec.loadSamples()))
                        .orElseGet(data::loadSamples));
    }

    /** λ_max(AᵀA/n), with A the training samples and their constant. */
    private double largestEigenvalue() {
        final SparseMatrix a = matrix(split.train(), 1);
        final Sparse sparse = device.kernels().sparse();
        final Update update = device.kernels().update();
        final Rows products = Rows.of(device.reals(a.rows()), 1);
        final PowerIteration iteration = new PowerIteration(device, a.columns(), EIGENVALUE_TOLERANCE, MOST_PRODUCTS);
        iteration.restart(0);
        iteration.run((v, product) -> {
            sparse.multiply(a, null, v, products);
            update.fill(product, 0);
            sparse.multiplyTransposed(a, null, products, product);
            update.scale(1.0 / a.rows(), product);
        });
        return iteration.magnitude();
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
        final Ints classes = device.ints(labels.length);
        classes.set(labels);
        return new SparseSet(matrix(places, scale), classes, samples.classes().size());
    }

    /** The samples at these places times {@code factor}, the constant 1 behind the features. */
    private SparseMatrix matrix(final int[] places, final float factor) {
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
            for (int k = 0; k < count; k++) {
                values[at + k] = factor * all.values()[begin + k];
            }
            at += count;
            columns[at] = all.columns();
            values[at++] = factor;
            starts[i + 1] = at;
        }
        return device.kernels().sparse().matrix(new SparseRows(all.columns() + 1, starts, columns, values));
    }

    /** Changes with any label, number or place of one. */
    long fingerprint() {
        return fingerprint(samples);
    }

    /** That of the samples that these settings name. */
    static long fingerprint(final SampleSettings settings) {
        return fingerprint(read(settings));
    }

    private static long fingerprint(final Samples samples) {
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
