package borep.data;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * LIBSVM's text format, one sample a line: {@code LABEL INDEX:VALUE INDEX:VALUE …}, indices ascending from 1, features that are 0 left out.
 * What follows a # is a comment. Labels are whole numbers: +1 and -1, 0 and 1, or those of several classes.
 */
final class LibsvmLines implements SampleFormat {
    private static final Pattern BEGINNING = Pattern.compile(
            "\\s*[+-]?\\d+(\\.0*)?(\\s+\\d+:[+-]?[\\d.][^\\s:]*)+\\s*(#.*)?"); // a whole line, labels and one feature
    // at least
    private static final Pattern LABEL = Pattern.compile("[+-]?\\d{1,9}(\\.0*)?");
    private static final int MOST_SHOWN = 200;
    private static final int MOST_FEATURES = 1 << 28;

    @Override
    public String name() {
        return "libsvm";
    }

    @Override
    public String summary() {
        return "LABEL INDEX:VALUE … a line, sparse; indices from 1, or first=0; whole numbers as labels";
    }

    @Override
    public List<String> options() {
        return List.of("first");
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        final int end = glimpse.head().indexOf('\n');
        final String line = end < 0 ? glimpse.head() : glimpse.head().substring(0, end);
        // a line longer than what was read ends in the middle of a number
        return BEGINNING
                .matcher(end < 0 && line.lastIndexOf(' ') > 0 ? line.substring(0, line.lastIndexOf(' ')) : line)
                .matches();
    }

    @Override
    public Samples read(final Path path, final Options options, final String name) {
        final int first = options.count("first", 1);
        if (first > 1) {
            throw new DataException("option first=" + first + ": must be 0 or 1, the index of the first feature");
        }
        final SamplesBuilder samples = new SamplesBuilder(name);
        int features = 0;
        try (Lines lines = new Lines(path, options.encoding())) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                final int comment = line.indexOf('#');
                final String sample = (comment < 0 ? line : line.substring(0, comment)).strip();
                if (!sample.isEmpty()) {
                    features = Math.max(features, read(sample, first, lines, samples));
                }
            }
        }
        return samples.build(Samples.counted(features), null);
    }

    /** Adds the sample; returns how many features there must be for it. */
    private static int read(final String sample, final int first, final Lines lines, final SamplesBuilder samples) {
        final String[] fields = sample.split("\\s+");
        final String label = label(fields[0], lines);
        int last = -1;
        for (int i = 1; i < fields.length; i++) {
            final int colon = fields[i].indexOf(':');
            final int index = index(fields[i], colon, first, lines);
            if (index <= last) {
                throw lines.error("feature \"" + fields[i] + "\": index " + (index + first) + " comes after "
                        + (last + first) + ", must ascend; sort the line's features");
            }
            samples.add(index, value(fields[i], colon, lines));
            last = index;
        }
        final String shown = sample.length() > MOST_SHOWN ? sample.substring(0, MOST_SHOWN) + " …" : sample;
        samples.end(label, null, shown, lines.file() + ":" + lines.number());
        return last + 1;
    }

    private static String label(final String text, final Lines lines) {
        if (!LABEL.matcher(text).matches()) {
            throw lines.error(
                    "label \"" + text
                            + "\": must be a whole number such as +1, 0 or 7: one class, not several, and no value to be predicted");
        }
        return Integer.toString((int) Double.parseDouble(text));
    }

    private static int index(final String field, final int colon, final int first, final Lines lines) {
        if (colon < 1 || !field.substring(0, colon).matches("\\d{1,9}")) {
            throw lines.error("feature \"" + field + "\": must be INDEX:VALUE, such as 3:0.5; correct it");
        }
        final int index = Integer.parseInt(field.substring(0, colon));
        if (index < first) {
            throw lines.error("feature \"" + field + "\": indices begin with " + first
                    + "; if this file counts from 0, add first=0 to the data");
        }
        if (index > MOST_FEATURES) {
            throw lines.error(
                    "feature \"" + field + "\": indices end at " + MOST_FEATURES + "; number the features anew");
        }
        return index - first;
    }

    private static float value(final String field, final int colon, final Lines lines) {
        try {
            final float value = Float.parseFloat(field.substring(colon + 1));
            if (Float.isFinite(value)) {
                return value;
            }
        } catch (final NumberFormatException noNumber) {
            // one sentence for every value that cannot be computed with
        }
        throw lines.error("feature \"" + field + "\": value must be a finite number; correct it");
    }
}
