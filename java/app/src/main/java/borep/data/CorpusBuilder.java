package borep.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Collects examples from a reader and applies the rules that hold for every format. */
final class CorpusBuilder {
    private final String name;
    private final List<String> known;
    private final boolean skipEmpty;
    private final List<Example> examples = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private final Map<String, Integer> leftOut = new TreeMap<>();

    /**
     * @param name      the corpus's name
     * @param known     the only labels allowed; empty allows all
     * @param skipEmpty whether examples with a blank text are left out and counted instead of being an error
     */
    CorpusBuilder(final String name, final List<String> known, final boolean skipEmpty) {
        this.name = name;
        this.known = known;
        this.skipEmpty = skipEmpty;
    }

    /** Adds an example that begins at a line of a file. */
    void add(final String file, final long line, final Example example, final Part part) {
        add(new Example(example.text(), example.pair(), example.label(), example.domain(), file + ":" + line), part);
    }

    /** Adds an example whose origin is already set. */
    void add(final Example example, final Part part) {
        final String origin = example.origin();
        if (isBlank(example.text()) || example.pair() != null && isBlank(example.pair())) {
            if (!skipEmpty) {
                throw new DataException(origin + ": " + (isBlank(example.text()) ? "text" : "second text")
                        + ": is empty; give it words, delete the example, or add skipEmpty=true");
            }
            leaveOut("empty text");
            return;
        }
        if (example.label() == null || example.label().isBlank()) {
            throw new DataException(origin + ": label: is empty; name the class or delete the example");
        }
        if (!known.isEmpty() && !known.contains(example.label())) {
            throw new DataException(origin + ": label \"" + example.label() + "\": is unknown; the labels are "
                    + String.join(", ", known) + ", correct it or change labels=");
        }
        if (!examples.isEmpty() && examples.get(0).pair() == null != (example.pair() == null)) {
            throw new DataException(origin + ": second text: is "
                    + (example.pair() == null ? "missing" : "given") + ", but the examples before are "
                    + (example.pair() == null ? "pairs" : "single texts") + "; make all examples alike");
        }
        examples.add(example);
        parts.add(part);
    }

    /** Counts an example that the format says to leave out. */
    void leaveOut(final String reason) {
        leftOut.merge(reason, 1, Integer::sum);
    }

    /**
     * The corpus.
     *
     * @throws DataException if there are no examples or only one class
     */
    Corpus build() {
        if (examples.isEmpty()) {
            throw new DataException(name + ": examples: there are none"
                    + (leftOut.isEmpty() ? "" : " (left out: " + String.join(", ", notes()) + ")")
                    + "; give a file that holds labelled texts");
        }
        final Set<String> labels = new TreeSet<>(
                known.isEmpty()
                        ? byNumberOrName(examples.stream().map(Example::label).toList())
                        : Comparator.comparing(known::indexOf));
        for (final Example example : examples) {
            labels.add(example.label());
        }
        if (labels.size() == 1) {
            throw new DataException(name + ": label \"" + labels.iterator().next() + "\": is the only class of all "
                    + examples.size() + " examples; classification needs at least 2");
        }
        final boolean isSplit = !parts.contains(null) && EnumSet.copyOf(parts).size() > 1;
        return new Corpus(name, examples, List.copyOf(labels), isSplit ? parts : List.of(), notes());
    }

    /** How these labels are sorted: as numbers if all are whole numbers. */
    static Comparator<String> byNumberOrName(final List<String> labels) {
        return labels.stream().allMatch(label -> label.matches("-?\\d{1,9}"))
                ? Comparator.comparingInt(Integer::parseInt)
                : Comparator.naturalOrder();
    }

    private List<String> notes() {
        final List<String> notes = new ArrayList<>();
        leftOut.forEach((reason, count) -> notes.add(count + " left out: " + reason));
        return notes;
    }

    private static boolean isBlank(final String text) {
        return text == null || text.isBlank();
    }
}
