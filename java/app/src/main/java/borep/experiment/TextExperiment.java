package borep.experiment;

import borep.data.Tokeniser;
import borep.data.UnknownWords;
import borep.device.Device;
import borep.kernel.Loss;
import borep.kernel.Pooling;
import borep.model.NetworkShape;
import borep.problem.HyperparameterOptimisation;
import borep.report.Criterion;
import borep.solver.Hyperparameters;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the experiments on texts share: their data, their network, and how they begin. */
abstract class TextExperiment implements Experiment {
    final Device device;
    final RunSettings settings;
    final TextSettings own;
    final Map<String, String> solverSettings;
    final TextData data;
    final NetworkShape shape;

    TextExperiment(final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
        this.device = device;
        this.settings = settings;
        this.own = (TextSettings) settings.own();
        this.solverSettings = solverSettings;
        data = new TextData(device, own);
        shape = own.network().toShape(data.width(), data.isPair(), data.classes());
    }

    /** Facts of one of these experiments about its samples, for config.json. */
    abstract void describeSamples(ObjectNode node);

    @Override
    public final void describe(final ObjectNode node) {
        node.put("name", data.corpus().name());
        data.corpus().labels().forEach(node.putArray("classes")::add);
        node.put("skipped", data.dropped());
        node.put("coverage", data.coverage());
        describeSamples(node);
    }

    @Override
    public final List<String> notes() {
        final List<String> notes = new ArrayList<>();
        notes.add(own.data() + ": " + data.corpus().size() + " texts, " + data.classes() + " classes; "
                + data.coverage());
        notes.addAll(data.notes());
        return notes;
    }

    @Override
    public final void begin(final RunDirectory directory) {
        data.vocabulary().save(directory.path());
    }

    @Override
    public final long dataFingerprint() {
        return data.fingerprint();
    }

    /** The kind of one of these experiments. */
    abstract static class Kind implements ExperimentKind {
        private static final TextSettings.Text TEXT =
                new TextSettings.Text(Tokeniser.Kind.WORDS, true, 64, UnknownWords.MEAN, false, "0.7/0.1/0.2");
        private static final TextSettings.Network NETWORK =
                new TextSettings.Network(TextSettings.Cell.LSTM, 64, 1, false, Pooling.Mode.MAX, "", true);
        private static final TextSettings.Cleaning CLEANING = new TextSettings.Cleaning(0.4, 0, true);
        /**
         * Test tasks adapt in steps below 2/16: 16 is the largest curvature that a logistic head has on 64 features in [-1, 1]. Longer ones
         * suit an LSTM's flat features at best.
         */
        private static final TextSettings.Tasks TASKS = new TextSettings.Tasks(
                true, 40, 10, 0.1, false, HyperparameterOptimisation.Coefficient.EXPONENTIAL, -7, true, 0.5);

        private static final TextSettings.Auc AUC = new TextSettings.Auc(0.8, 1, "", true, 0.5);
        private static final List<String> GROUPS = List.of("cleaning", "tasks", "auc");
        private static final int EVALUATE_EVERY = 50;

        /** The usual settings for sentences. */
        final RunSettings preset(final int steps, final String texts, final int batch, final double coefficient) {
            return RunSettings.of(
                    name(),
                    steps,
                    EVALUATE_EVERY,
                    new TextSettings(
                            texts,
                            "embedded",
                            0,
                            TEXT,
                            NETWORK,
                            new TextSettings.Levels(batch, batch, Loss.Regulariser.SQUARED, coefficient),
                            CLEANING,
                            TASKS,
                            AUC));
        }

        @Override
        public final void readAhead(final RunSettings settings) {
            TextData.read((TextSettings) settings.own());
        }

        @Override
        public final long dataFingerprint(final RunSettings settings) {
            return TextData.read((TextSettings) settings.own()).fingerprint();
        }

        /** The group of {@link TextSettings} that is this problem's; the others it ignores. */
        abstract String group();

        /** Without other groups, but for their comparisons: those can be left out of every problem, as {@link #comparisonSettings} does. */
        @Override
        public final Map<String, String> settings() {
            final Map<String, String> settings = Hyperparameters.describe(preset());
            settings.keySet()
                    .removeIf(name -> !name.endsWith(".baseline")
                            && GROUPS.stream()
                                    .anyMatch(group -> !group.equals(group()) && name.startsWith(group + ".")));
            return settings;
        }

        @Override
        public Criterion criterion() {
            return Criterion.TEST_ACCURACY;
        }

        @Override
        public final Map<String, String> comparisonSettings() {
            return Map.of("cleaning.baseline", "false", "tasks.baseline", "false", "auc.baseline", "false");
        }
    }
}
