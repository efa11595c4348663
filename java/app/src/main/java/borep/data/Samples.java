package borep.data;

import borep.kernel.SparseRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A labelled set of samples of numbers in memory, in the order of its files: what problems with linear models take.
 *
 * @param name     what to call it in reports: the data set's or the file's name
 * @param rows     [n, d] the features of each sample, most of them 0
 * @param labels   [n] class of each sample, a place in {@code classes}
 * @param classes  names of the classes, sorted (as numbers if all are whole numbers)
 * @param parts    the part of each sample where the data come split; empty where they do not
 * @param texts    [n] what to show people of a sample; blank for pictures
 * @param origins  [n] where a sample comes from: {@code file:line}, or {@code file, picture 12}
 * @param features [d] what each feature is called
 * @param picture  how the features are the pixels of a picture; null: they are not
 */
public record Samples(
        String name,
        SparseRows rows,
        int[] labels,
        List<String> classes,
        List<Part> parts,
        List<String> texts,
        List<String> origins,
        List<String> features,
        Picture picture) {
    /** Pixels line by line, 0 dark to 1 bright. */
    public record Picture(int height, int width) {}

    /** Checks the counts. */
    public Samples {
        if (rows.rows() != labels.length || features.size() != rows.columns()) {
            throw new IllegalArgumentException(rows.rows() + " rows of " + rows.columns() + " numbers with "
                    + labels.length + " labels and " + features.size() + " features: do not belong together");
        }
    }

    /** Number of samples. */
    public int size() {
        return labels.length;
    }

    /** Names of features that are only counted: 1, 2, …, as LIBSVM counts. */
    static List<String> counted(final int count) {
        final List<String> names = new ArrayList<>(count);
        for (int j = 1; j <= count; j++) {
            names.add(Integer.toString(j));
        }
        return names;
    }

    /**
     * These samples to train and validate, those of {@code test} to test. Where one has features that the other lacks, these are 0 in
     * the other.
     *
     * @throws DataException if these bring test samples of their own, or the others have another class or other features
     */
    public Samples withTest(final Samples test) {
        if (parts.contains(Part.TEST)) {
            throw new DataException(name + ": brings test samples of its own; leave out the others");
        }
        final int both = Math.min(features.size(), test.features.size());
        if (!features.subList(0, both).equals(test.features.subList(0, both))) {
            throw new DataException(test.name + ": features: are others than those of " + name
                    + "; give data with the same ones (texts in one file: their words are found together)");
        }
        final int[] known = new int[test.classes.size()];
        for (int c = 0; c < known.length; c++) {
            known[c] = classes.indexOf(test.classes.get(c));
            if (known[c] < 0) {
                throw new DataException(
                        test.name + ": label \"" + test.classes.get(c) + "\": " + name + " has no such label, only "
                                + String.join(", ", classes) + "; give data with the same classes");
            }
        }
        final int[] all = Arrays.copyOf(labels, size() + test.size());
        for (int i = 0; i < test.size(); i++) {
            all[size() + i] = known[test.labels[i]];
        }
        final List<Part> split = new ArrayList<>(all.length);
        for (int i = 0; i < all.length; i++) {
            split.add(
                    i < size()
                            ? parts.isEmpty() || parts.get(i) != Part.VALIDATION ? Part.TRAIN : Part.VALIDATION
                            : Part.TEST);
        }
        final boolean isWider = test.features.size() > features.size();
        return new Samples(
                name,
                joined(rows, test.rows),
                all,
                classes,
                split,
                joined(texts, test.texts),
                joined(origins, test.origins),
                isWider ? test.features : features,
                picture);
    }

    private static List<String> joined(final List<String> a, final List<String> b) {
        final List<String> both = new ArrayList<>(a);
        both.addAll(b);
        return both;
    }

    private static SparseRows joined(final SparseRows a, final SparseRows b) {
        final int numbers = a.places().length;
        final int[] starts = Arrays.copyOf(a.starts(), a.rows() + b.rows() + 1);
        for (int row = 1; row <= b.rows(); row++) {
            starts[a.rows() + row] = numbers + b.starts()[row];
        }
        final int[] places = Arrays.copyOf(a.places(), numbers + b.places().length);
        System.arraycopy(b.places(), 0, places, numbers, b.places().length);
        final float[] values = Arrays.copyOf(a.values(), numbers + b.values().length);
        System.arraycopy(b.values(), 0, values, numbers, b.values().length);
        return new SparseRows(Math.max(a.columns(), b.columns()), starts, places, values);
    }
}
