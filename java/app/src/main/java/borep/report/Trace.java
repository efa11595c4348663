package borep.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A {@code .jsonl} file of numbers: every numeric key is a column over a leading one ({@code step}), holes allowed. */
final class Trace {
    /** The quantities of every trace: these must be numbers. Other keys may be anything; their numbers are columns. */
    static final Set<String> QUANTITIES = Set.of(
            "step",
            "seconds",
            "oracleCalls",
            "solverSeconds",
            "upperLoss",
            "lowerLoss",
            "hypergradientNorm",
            "momentumNorm",
            "stepSize",
            "linearResidual",
            "testAccuracy",
            "coefficient",
            "validationLoss");

    private final Map<String, Column> columns = new LinkedHashMap<>();
    private final String leading;
    private int rows;

    /** The values of one key and the rows that have it. */
    private static final class Column {
        private int[] row = new int[16];
        private double[] value = new double[16];
        private int size;

        private void add(final int atRow, final double number) {
            if (size == row.length) {
                row = Arrays.copyOf(row, 2 * size);
                value = Arrays.copyOf(value, 2 * size);
            }
            row[size] = atRow;
            value[size++] = number;
        }
    }

    private Trace(final String leading) {
        this.leading = leading;
        columns.put(leading, new Column());
    }

    /**
     * Reads {@code file}.
     *
     * @param leading the key that every row must have and that never falls from row to row
     */
    static Trace read(final Path file, final String leading) {
        final Trace trace = new Trace(leading);
        final Column first = trace.columns.get(leading);
        RunFiles.rows(file, (line, values) -> {
            final JsonNode lead = values.path(leading);
            if (!lead.isNumber()) {
                throw RunFiles.mistake(
                        file,
                        line,
                        leading + (lead.isMissingNode() ? "" : " " + lead) + ": every line needs this number");
            }
            if (first.size > 0 && lead.doubleValue() < first.value[first.size - 1]) {
                throw RunFiles.mistake(file, line, leading + " " + lead + ": must not be less than on the line before");
            }
            values.properties().forEach(entry -> trace.add(file, line, entry.getKey(), entry.getValue()));
            trace.rows++;
        });
        return trace;
    }

    /** Like {@link #read}; a file that is not there gives a trace without rows. */
    static Trace readIfPresent(final Path file, final String leading) {
        return Files.exists(file) ? read(file, leading) : new Trace(leading);
    }

    private void add(final Path file, final int line, final String key, final JsonNode value) {
        if (value.isNumber() || QUANTITIES.contains(key)) {
            columns.computeIfAbsent(key, k -> new Column()).add(rows, RunFiles.number(value, file, line, key));
        }
    }

    boolean isEmpty() {
        return rows == 0;
    }

    /** Every key that occurred, the leading one first. */
    Set<String> keys() {
        return columns.keySet();
    }

    /** The column {@code key} over the leading one; without points if no row has it. */
    Curve curve(final String key) {
        return curve(key, leading);
    }

    /** The column {@code key} over the column {@code over}, for the rows that have both. */
    Curve curve(final String key, final String over) {
        final Column horizontal = columns.getOrDefault(over, new Column());
        final Column vertical = columns.getOrDefault(key, new Column());
        final double[] x = new double[vertical.size];
        final double[] y = new double[vertical.size];
        int count = 0;
        int h = 0;
        for (int v = 0; v < vertical.size; v++) {
            while (h < horizontal.size && horizontal.row[h] < vertical.row[v]) {
                h++;
            }
            if (h < horizontal.size && horizontal.row[h] == vertical.row[v]) {
                x[count] = horizontal.value[h];
                y[count++] = vertical.value[v];
            }
        }
        return new Curve(key, Arrays.copyOf(x, count), Arrays.copyOf(y, count));
    }

    /** The last finite value of {@code key}, or NaN. */
    double last(final String key) {
        return curve(key).last();
    }
}
