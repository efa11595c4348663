package borep.experiment;

import borep.data.Corpus;
import borep.data.DataSpec;
import borep.data.EncodedCorpus;
import borep.data.Tokeniser;
import borep.data.Vocabulary;
import borep.data.WordVectors;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Sequences;
import borep.model.TextSet;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** A run's texts: read, tokenised, numbered, and brought to the device. */
final class TextData {
    private final Device device;
    private final EncodedCorpus encoded;
    private final Vocabulary vocabulary;
    private final Reals table;
    private final int width;
    private final String coverage;
    private final long tableChecksum;

    /** Reads the data and word vectors of these settings. */
    TextData(final Device device, final TextSettings settings) {
        this.device = device;
        final DataSpec spec = DataSpec.parse(settings.data());
        final Corpus corpus = spec.load();
        final Tokeniser tokeniser = settings.text().toTokeniser();
        final WordVectors vectors = WordVectors.load(settings.embeddings(), Vocabulary.wanted(corpus, tokeniser));
        vocabulary = Vocabulary.of(corpus, tokeniser, vectors, settings.text().unknown());
        encoded = vocabulary.encode(corpus, settings.text().skipEmpty() || spec.skipEmpty());
        coverage = vocabulary.coverage(corpus, vectors).toString();
        width = vectors.width();
        final float[] rows = vocabulary.table(vectors);
        table = device.reals(rows.length);
        table.set(rows);
        final CRC32 crc = new CRC32();
        for (final float value : rows) {
            update(crc, Float.floatToIntBits(value));
        }
        tableChecksum = crc.getValue();
    }

    /** The examples that are used. */
    Corpus corpus() {
        return encoded.corpus();
    }

    /** The words. */
    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** Length of a word vector. */
    int width() {
        return width;
    }

    /** Whether samples are pairs. */
    boolean isPair() {
        return encoded.pairs() != null;
    }

    /** Number of classes. */
    int classes() {
        return corpus().labels().size();
    }

    /** Examples without any token, left out. */
    int dropped() {
        return encoded.dropped();
    }

    /** How well the vectors cover the texts, in words. */
    String coverage() {
        return coverage;
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
                sequences(encoded.texts(), places),
                isPair() ? sequences(encoded.pairs(), places) : null,
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
        return new Sequences(ints(tokens), ints(starts), ints(lengths), table, width);
    }

    private Ints ints(final int[] values) {
        final Ints ints = device.ints(values.length);
        ints.set(values);
        return ints;
    }

    /** Changes with any token, label, domain or word vector. */
    long fingerprint() {
        final CRC32 crc = new CRC32();
        final int[] classes = corpus().classes();
        final int[] domains = corpus().domainIndices();
        for (int i = 0; i < classes.length; i++) {
            update(crc, classes[i]);
            update(crc, domains[i]);
            for (final int token : encoded.texts()[i]) {
                update(crc, token);
            }
        }
        return crc.getValue() << Integer.SIZE | tableChecksum;
    }

    private static void update(final CRC32 crc, final int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            crc.update(value >>> shift);
        }
    }
}
