package borep.cli;

import borep.data.DataException;
import borep.experiment.Experiments;
import borep.experiment.RunSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * Options that stand for a run's settings, those that 'run' and 'smoothness' share. A complaint about such a setting calls it by the word
 * that the user wrote: {@code every 0}, not {@code evaluateEvery 0}.
 */
final class SettingOptions {
    /** What was given, by the setting's name. */
    private final Map<String, String> values = new LinkedHashMap<>();
    /** The option's word for each of these settings. */
    private final Map<String, String> words = new LinkedHashMap<>();

    @Option(
            names = "--data",
            paramLabel = "SPEC",
            description = "A built-in or fetched set, or PATH[,option=value...].")
    void data(final String spec) {
        give("data", "data", spec);
    }

    @Option(
            names = "--embeddings",
            paramLabel = "FILE",
            description = "Word vectors: built-in, fetched, or a GloVe/word2vec text file.")
    void embeddings(final String file) {
        give("embeddings", "embeddings", file);
    }

    @Option(names = "--cell", paramLabel = "CELL", description = "lstm or rnn.")
    void cell(final String cell) {
        give("cell", "network.cell", cell);
    }

    @Option(names = "--hidden", paramLabel = "N", description = "Hidden units per direction.")
    void hidden(final String units) {
        give("hidden", "network.hidden", units);
    }

    @Option(names = "--layers", paramLabel = "N", description = "Stacked recurrent layers.")
    void layers(final String count) {
        give("layers", "network.layers", count);
    }

    @Option(names = "--seed", paramLabel = "S", description = "Seed of every random choice.")
    void seed(final String seed) {
        give("seed", "seed", seed);
    }

    @Option(names = "--threads", paramLabel = "N", description = "Host threads (default: all cores).")
    void threads(final String count) {
        give("threads", "threads", count);
    }

    @Option(names = "--device", paramLabel = "D", description = "auto, vector, scalar, reference or cuda.")
    void device(final String name) {
        give("device", "device", name);
    }

    /** An option of this word stands for this setting; null: it was not given. */
    void give(final String word, final String setting, final String value) {
        if (value != null) {
            values.put(setting, value);
            words.put(setting, word);
        }
    }

    /** What was given for a setting, or null. */
    String given(final String setting) {
        return values.get(setting);
    }

    /** Whether nothing but this setting was given. */
    boolean isOnly(final String setting) {
        return Set.of(setting).containsAll(values.keySet());
    }

    /**
     * What {@code --set} was given; of a setting that is given again the last value, as for a script that appends its caller's.
     *
     * @param pairs each KEY=VALUE
     * @throws DataException if one is none
     */
    static Map<String, String> pairs(final List<String> pairs) {
        final Map<String, String> settings = new LinkedHashMap<>();
        for (final String pair : pairs) {
            final int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new DataException("set '" + pair + "': must be KEY=VALUE");
            }
            settings.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return settings;
    }

    /**
     * The settings with what was given, by an option or, {@code further}, by name.
     *
     * @throws DataException with one sentence for what cannot be
     */
    RunSettings change(final RunSettings settings, final Map<String, String> further) {
        final Map<String, String> known = Experiments.kind(settings.problem()).settings();
        words.forEach((setting, word) -> {
            if (!known.containsKey(setting)) {
                throw new DataException(word + " " + values.get(setting) + ": " + settings.problem()
                        + " has no such setting; 'borep problems " + settings.problem() + "' lists what it has");
            }
            if (further.containsKey(setting)) {
                throw new DataException(word + " " + values.get(setting) + ": is given as --set " + setting + "="
                        + further.get(setting) + " too; give it once");
            }
        });
        final Map<String, String> changes = new LinkedHashMap<>(further);
        changes.putAll(values);
        if (changes.containsKey("epochs") && changes.containsKey("steps")) {
            throw new DataException("epochs " + changes.get("epochs")
                    + ": take the place of steps, which are given too;" + " give one of both");
        }
        try {
            return settings.with(changes);
        } catch (IllegalArgumentException e) {
            throw new DataException(inWords(e.getMessage()));
        }
    }

    private String inWords(final String complaint) {
        for (final Map.Entry<String, String> entry : words.entrySet()) {
            if (complaint.startsWith(entry.getKey() + " ")) {
                return entry.getValue() + complaint.substring(entry.getKey().length());
            }
        }
        return complaint;
    }
}
