package borep.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/**
 * A labelled set of texts in memory, in the order of its files.
 *
 * @param name     what to call it in reports: the data set's or the file's name
 * @param examples the texts
 * @param labels   names of the classes, sorted (as numbers if all are whole numbers); a class's number is its place
 * here
 * @param parts    the part of each example where the data come split; empty where they do not
 * @param notes    sentences about what was left out while reading, with counts; often empty
 */
public record Corpus(String name, List<Example> examples, List<String> labels, List<Part> parts, List<String> notes) {
    /** Checks the counts and keeps unmodifiable copies. */
    public Corpus {
        examples = List.copyOf(examples);
        labels = List.copyOf(labels);
        parts = List.copyOf(parts);
        notes = List.copyOf(notes);
        if (!parts.isEmpty() && parts.size() != examples.size()) {
            throw new IllegalArgumentException(
                    parts.size() + " parts for " + examples.size() + " examples: must be equally many or none");
        }
    }

    /** Number of examples. */
    public int size() {
        return examples.size();
    }

    /** Whether each example is a pair of texts. */
    public boolean hasPairs() {
        return !examples.isEmpty() && examples.get(0).pair() != null;
    }

    /** Names of the domains, sorted; empty if the data have none. */
    public List<String> domains() {
        final TreeSet<String> names = new TreeSet<>();
        for (final Example example : examples) {
            if (example.domain() != null) {
                names.add(example.domain());
            }
        }
        return List.copyOf(names);
    }

    /** [n] the class of each example. */
    public int[] classes() {
        return examples.stream()
                .mapToInt(example -> labels.indexOf(example.label()))
                .toArray();
    }

    /** [n] the place of each example's domain in {@link #domains}; -1 for an example without a domain. */
    public int[] domainIndices() {
        final List<String> names = domains();
        return examples.stream()
                .mapToInt(example -> example.domain() == null ? -1 : Collections.binarySearch(names, example.domain()))
                .toArray();
    }

    /**
     * The domains in which every class has at least this many examples, sorted: those that a task can be drawn from.
     *
     * @throws DataException if there is none
     */
    public List<String> domainsWith(final int perClass) {
        final List<String> names = domains();
        final int[][] counts = new int[names.size()][labels.size()];
        final int[] domain = domainIndices();
        final int[] label = classes();
        for (int i = 0; i < size(); i++) {
            if (domain[i] >= 0) {
                counts[domain[i]][label[i]]++;
            }
        }
        final List<String> rich = new ArrayList<>();
        for (int d = 0; d < names.size(); d++) {
            int least = Integer.MAX_VALUE;
            for (final int count : counts[d]) {
                least = Math.min(least, count);
            }
            if (least >= perClass) {
                rich.add(names.get(d));
            }
        }
        if (rich.isEmpty()) {
            throw new DataException(name + ": domains: "
                    + (names.isEmpty()
                            ? "the data have none"
                            : "none of the " + names.size() + " has " + perClass + " examples of every class")
                    + "; name the column that tells the domain, or ask for fewer examples per class");
        }
        return List.copyOf(rich);
    }

    /** The examples at these places, in this order; labels and name stay. */
    public Corpus select(final int[] places) {
        final List<Example> chosen = new ArrayList<>(places.length);
        final List<Part> chosenParts = new ArrayList<>();
        for (final int place : places) {
            chosen.add(examples.get(place));
            if (!parts.isEmpty()) {
                chosenParts.add(parts.get(place));
            }
        }
        return new Corpus(name, chosen, labels, chosenParts, notes);
    }
}
