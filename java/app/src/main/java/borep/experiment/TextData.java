package borep.experiment;

import borep.data.Corpus;
import borep.data.DataSpec;
import borep.data.EncodedCorpus;
import borep.data.TokenisedCorpus;
import borep.data.Vocabulary;
import borep.data.WordVectors;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Sequences;
import borep.model.TextSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** A run's texts: read, tokenised, numbered, and brought to the device. */
final class TextData {
    /** Word vectors are summed up in pieces of so many numbers. */
    private static final int CRC_FLOATS = 4096;

    private static final LastRead<Read> LAST = new LastRead<>();

    private final Device device;
    private final Read read;
    private final Reals table;

    /** What the texts depend on beside their files. */
    private record Wanted(String data, String embeddings, TextSettings.Text text) {}

    /**
     * Texts and word vectors on the host, the same for every run.
     *
     * @param rows        [words, width] the vectors
     * @param fingerprint of all
     */
    record Read(
            EncodedCorpus encoded, Vocabulary vocabulary, String coverage, int width, float[] rows, long fingerprint) {}

    /** Brings the texts of these settings to the device. */
    TextData(final Device device, final TextSettings settings) {
        this.device = device;
        read = read(settings);
        table = device.reals(read.rows().length);
        table.set(read.rows());
    }

    /** Reads the texts and word vectors of these settings, unless they were read last. */
    static Read read(final TextSettings settings) {
        final DataSpec spec = DataSpec.parse(settings.data());
        return LAST.get(
                new Wanted(settings.data(), settings.embeddings(), settings.text()),
                List.of(spec.source(), settings.embeddings()),
                () -> read(spec, settings));
    }

    private static Read read(final DataSpec spec, final TextSettings settings) {
        final Corpus corpus = spec.load();
        final TokenisedCorpus tokenised =
                TokenisedCorpus.of(corpus, settings.text().toTokeniser());
        final WordVectors vectors = WordVectors.load(settings.embeddings(), Vocabulary.wanted(tokenised));
        final Vocabulary vocabulary =
                Vocabulary.of(tokenised, vectors, settings.text().unknown());
        final EncodedCorpus encoded =
                vocabulary.encode(tokenised, settings.text().skipEmpty() || spec.skipEmpty());
        final float[] rows = vocabulary.table(vectors);
        return new Read(
                encoded,
                vocabulary,
                vocabulary.coverage(tokenised, vectors).toString(),
                vectors.width(),
                rows,
                fingerprint(encoded, rows));
    }

    /** The examples that are used. */
    Corpus corpus() {
        return read.encoded().corpus();
    }

    /** The words. */
    Vocabulary vocabulary() {
        return read.vocabulary();
    }

    /** Length of a word vector. */
    int width() {
        return read.width();
    }

    /** Whether samples are pairs. */
    boolean isPair() {
        return read.encoded().pairs() != null;
    }

    /** Number of classes. */
    int classes() {
        return corpus().labels().size();
    }

    /** Examples without any token, left out. */
    int dropped() {
        return read.encoded().dropped();
    }

    /** How well the vectors cover the texts, in words. */
    String coverage() {
        return read.coverage();
    }

    /** Everything that was left out or replaced, in sentences. */
    List<String> notes() {
        final List<String> notes = new ArrayList<>(corpus().notes());
        if (dropped() > 0) {
            notes.add(dropped() + " texts without a known word were left out");
        }
        return notes;
    }

    /**
     * The examples at these places as a set on the device.
     *
     * @param labels [places] class of each, which need not be the true one
     */
    TextSet set(final int[] places, final int[] labels) {
        return new TextSet(
                sequences(read.encoded().texts(), places),
                isPair() ? sequences(read.encoded().pairs(), places) : null,
                ints(labels),
                classes());
    }

    /** The true classes of the examples at these places. */
    int[] labels(final int[] places) {
        final int[] all = corpus().classes();
        final int[] labels = new int[places.length];
        for (int i = 0; i < places.length; i++) {
            labels[i] = all[places[i]];
        }
        return labels;
    }

    private Sequences sequences(final int[][] texts, final int[] places) {
        int total = 0;
        for (final int place : places) {
            total += texts[place].length;
        }
        final int[] tokens = new int[total];
        final int[] starts = new int[places.length];
        final int[] lengths = new int[places.length];
        int at = 0;
        for (int i = 0; i < places.length; i++) {
            final int[] text = texts[places[i]];
            starts[i] = at;
            lengths[i] = text.length;
            System.arraycopy(text, 0, tokens, at, text.length);
            at += text.length;
        }
        return new Sequences(ints(tokens), ints(starts), ints(lengths), table, read.width());
    }

    private Ints ints(final int[] values) {
        final Ints ints = device.ints(values.length);
        ints.set(values);
        return ints;
    }

    /** Changes with any token, label, domain or word vector. */
    long fingerprint() {
        return read.fingerprint();
    }

    private static long fingerprint(final EncodedCorpus encoded, final float[] rows) {
        final CRC32 crc = new CRC32();
        final int[] classes = encoded.corpus().classes();
        final int[] domains = encoded.corpus().domainIndices();
        for (int i = 0; i < classes.length; i++) {
            update(crc, new int[] {classes[i], domains[i]});
            update(crc, encoded.texts()[i]);
            if (encoded.pairs() != null) {
                update(crc, encoded.pairs()[i]);
            }
        }
        final CRC32 table = new CRC32();
        final ByteBuffer bytes = ByteBuffer.allocate(CRC_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < rows.length; from += CRC_FLOATS) {
            bytes.clear().asFloatBuffer().put(rows, from, Math.min(CRC_FLOATS, rows.length - from));
            table.update(bytes.limit(Math.min(CRC_FLOATS, rows.length - from) * Float.BYTES));
        }
        return crc.getValue() << Integer.SIZE | table.getValue();
    }

    private static void update(final CRC32 crc, final int[] values) {
        final ByteBuffer bytes =
                ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        crc.update(bytes);
    }
}
