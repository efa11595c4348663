package borep.data;

import borep.kernel.SparseRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeSet;

/** Collects samples from a reader, number by number, and applies the rules that hold for every format. */
final class SamplesBuilder {
    private static final int FIRST_SIZE = 1024;

    private final String name;
    private final List<String> labels = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final List<String> origins = new ArrayList<>();
    private int[] starts = new int[FIRST_SIZE];
    private int[] places = new int[FIRST_SIZE];
    private float[] values = new float[FIRST_SIZE];
    private int size;

    SamplesBuilder(final String name) {
        this.name = name;
    }

    /** Adds a number to the sample that {@link #end} ends; {@code place} must exceed those before. */
    void add(final int place, final float value) {
        if (value == 0) {
            return;
        }
        if (size == places.length) {
            final int longer = (int) Math.min(Integer.MAX_VALUE - 8L, 2L * size);
            places = Arrays.copyOf(places, longer);
            values = Arrays.copyOf(values, longer);
        }
        places[size] = place;
        values[size++] = value;
    }

    /**
     * Ends a sample.
     *
     * @param part null if the data do not say
     */
    void end(final String label, final Part part, final String text, final String origin) {
        labels.add(label);
        parts.add(part);
        texts.add(text);
        origins.add(origin);
        if (labels.size() == starts.length) {
            starts = Arrays.copyOf(starts, 2 * starts.length);
        }
        starts[labels.size()] = size;
    }

    /** Samples ended so far. */
    int count() {
        return labels.size();
    }

    /**
     * The samples.
     *
     * @param features names of all features
     * @throws DataException if there are none, or of one class only
     */
    Samples build(final List<String> features, final Samples.Picture picture) {
        if (labels.isEmpty()) {
            throw new DataException(name + ": samples: there are none; give a file that holds labelled samples");
        }
        final TreeSet<String> sorted = new TreeSet<>(CorpusBuilder.byNumberOrName(labels));
        sorted.addAll(labels);
        if (sorted.size() == 1) {
            throw new DataException(name + ": label \"" + labels.getFirst() + "\": is the only class of all "
                    + labels.size() + " samples; classification needs at least 2");
        }
        final List<String> classes = List.copyOf(sorted);
        final boolean isSplit = !parts.contains(null) && EnumSet.copyOf(parts).size() > 1;
        return new Samples(
                name,
                new SparseRows(
                        features.size(),
                        Arrays.copyOf(starts, labels.size() + 1),
                        Arrays.copyOf(places, size),
                        Arrays.copyOf(values, size)),
                labels.stream().mapToInt(classes::indexOf).toArray(),
                classes,
                isSplit ? List.copyOf(parts) : List.of(),
                texts,
                origins,
                features,
                picture);
    }
}
