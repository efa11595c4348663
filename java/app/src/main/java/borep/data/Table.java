package borep.data;

import com.fasterxml.jackson.core.JsonToken;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rows with named columns: csv and tsv (quoting as in RFC 4180: a quoted field may hold the delimiter, line ends, and
 * quotes written twice), or jsonl with one object a line. The first line of csv and tsv names the columns; for a file
 * without such a line the option {@code header} names them, separated by {@code |}.
 */
final class Table implements Format {
    private static final int LONGEST_FIELD = 1 << 26;

    @Override
    public String name() {
        return "table";
    }

    @Override
    public String summary() {
        return "csv, tsv, jsonl with named columns: text=, pair=, label=, domain=, split=, delimiter=, header=";
    }

    @Override
    public List<String> options() {
        return List.of("text", "pair", "label", "domain", "split", "delimiter", "header");
    }

    @Override
    public boolean recognises(final Glimpse glimpse) {
        return glimpse.name().endsWith(".csv")
                || glimpse.name().endsWith(".tsv")
                || glimpse.name().endsWith(".jsonl")
                || glimpse.name().endsWith(".ndjson");
    }

    @Override
    public void read(final Path path, final Options options, final CorpusBuilder corpus) {
        final String name = Glimpse.plain(path);
        final Columns columns = Columns.of(options);
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            readObjects(path, columns, options, corpus);
        } else {
            try (TextReader text = TextReader.open(path, options.encoding())) {
                final char delimiter = options.delimiter(name.endsWith(".tsv") ? '\t' : ',');
                final String header = options.get("header");
                readRows(
                        text,
                        path.toString(),
                        columns,
                        delimiter,
                        header == null ? null : List.of(header.split("\\|")),
                        corpus);
            }
        }
    }

    private static void readObjects(
            final Path path, final Columns columns, final Options options, final CorpusBuilder corpus) {
        try (JsonSource json = new JsonSource(TextReader.open(path, options.encoding()), path.toString())) {
            while (json.next() != null) {
                if (json.token() != JsonToken.START_OBJECT) {
                    throw json.error(json.describe() + ": must be an object, one a line; correct it");
                }
                final long line = json.line();
                columns.add(path.toString(), line, json.scalars(), corpus);
            }
        }
    }

    /**
     * Reads rows from {@code text}; {@code file} is its name in messages.
     *
     * @param names the columns' names; null takes them from the first line
     */
    static void readRows(
            final TextReader text,
            final String file,
            final Columns columns,
            final char delimiter,
            final List<String> names,
            final CorpusBuilder corpus) {
        try (CsvReader<CsvRecord> rows = CsvReader.builder()
                .fieldSeparator(delimiter)
                .allowExtraFields(true)
                .allowMissingFields(true)
                .maxBufferSize(LONGEST_FIELD)
                .ofCsvRecord(text)) {
            final Iterator<CsvRecord> iterator = rows.iterator();
            if (!iterator.hasNext()) {
                throw DataException.at(file, 1, "rows: there are none; the first line must name the columns");
            }
            final List<String> header = names == null ? iterator.next().getFields() : names;
            checkHeader(file, header, columns, delimiter);
            while (iterator.hasNext()) {
                final CsvRecord record = iterator.next();
                final long line = record.getStartingLineNumber();
                final List<String> fields = record.getFields();
                final boolean isMultiline = fields.get(fields.size() - 1).indexOf('\n') >= 0;
                if (isMultiline && !iterator.hasNext() && text.lastVisible() != '"') {
                    throw DataException.at(
                            file, line, "quote: is never closed; close it, or write a quote inside a text twice");
                }
                if (fields.size() != header.size()) {
                    throw DataException.at(
                            file,
                            line,
                            "row: has " + count(fields.size()) + ", the header has " + header.size()
                                    + "; quote a text that holds the delimiter");
                }
                columns.add(file, line, row(header, fields), corpus);
            }
        } catch (final CsvParseException broken) {
            throw malformed(file, broken);
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void checkHeader(
            final String file, final List<String> header, final Columns columns, final char delimiter) {
        for (final String column :
                Arrays.asList(columns.text(), columns.label(), columns.pair(), columns.domain(), columns.split())) {
            if (column != null && header.indexOf(column) != header.lastIndexOf(column)) {
                throw DataException.at(file, 1, "header: names \"" + column + "\" twice; rename one of the columns");
            }
        }
        final Map<String, String> wanted = new TreeMap<>();
        wanted.put("text", columns.text());
        wanted.put("label", columns.label());
        wanted.put("pair", columns.pair());
        wanted.put("domain", columns.mustHaveDomain() ? columns.domain() : null);
        wanted.put("split", columns.split());
        wanted.forEach((role, column) -> {
            if (column != null && !header.contains(column)) {
                throw DataException.at(
                        file,
                        1,
                        Columns.missing(role, column, header)
                                + (header.size() == 1
                                        ? ", or the delimiter, now \"" + delimiter + "\", with delimiter="
                                        : ""));
            }
        });
    }

    private static Map<String, String> row(final List<String> header, final List<String> fields) {
        final Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i < header.size(); i++) {
            row.put(header.get(i), fields.get(i));
        }
        return row;
    }

    /** FastCSV tells the line in words, the cause in a second exception. */
    private static DataException malformed(final String file, final CsvParseException broken) {
        if (broken.getCause() instanceof final DataException own) {
            return own; // of the bytes beneath the rows
        }
        final String line = String.valueOf(broken.getMessage()).replaceAll(".*started in line (\\d+).*", "$1");
        final Throwable cause = broken.getCause() == null ? broken : broken.getCause();
        return new DataException(
                file + ":" + (line.matches("\\d+") ? line : "1") + ": row: "
                        + cause.getMessage().replaceAll("^Unexpected", "unexpected")
                        + "; write a quote inside a quoted text twice",
                broken);
    }

    private static String count(final int fields) {
        return fields + (fields == 1 ? " field" : " fields");
    }
}
