package borep.experiment;

import borep.data.Samples;
import borep.device.Device;
import borep.model.LinearModel;
import borep.model.Parameters;
import borep.model.SparseSet;
import borep.problem.SparseLevel;
import borep.solver.Solver;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** What the experiments with linear models share: their data, their levels, and how y is judged. */
abstract class SampleExperiment implements Experiment {
    final Device device;
    final RunSettings settings;
    final SampleSettings sampleSettings;
    final Map<String, String> solverSettings;
    final SampleData data;
    private final SparseSet validationSet;
    private final SampleAccuracy validation;
    private final SampleAccuracy test;

    SampleExperiment(
            final Device device,
            final RunSettings settings,
            final SampleSettings sampleSettings,
            final Map<String, String> solverSettings) {
        this.device = device;
        this.settings = settings;
        this.sampleSettings = sampleSettings;
        this.solverSettings = solverSettings;
        data = new SampleData(device, sampleSettings, settings.seed());
        validationSet = data.set(data.split().validation());
        validation = new SampleAccuracy(device, validationSet);
        test = new SampleAccuracy(device, data.set(data.split().test()));
    }

    /** Where f takes its samples from. */
    final SparseLevel upperLevel() {
        return SparseLevel.of(device, validationSet, sampleSettings.levels().upperBatch(), settings.seed() + 1);
    }

    /** Where g takes its samples from, under these labels. */
    final SparseLevel lowerLevel(final int[] labels) {
        return SparseLevel.of(
                device,
                data.set(data.split().train(), labels),
                sampleSettings.levels().lowerBatch(),
                settings.seed());
    }

    /** How well the weights predict what trained none of them. */
    final SequencedMap<String, Double> judge(final Solver solver) {
        final SequencedMap<String, Double> numbers = new LinkedHashMap<>();
        validation.measure(solver.y());
        numbers.put("validationLoss", validation.loss());
        numbers.put("validationAccuracy", validation.accuracy());
        test.measure(solver.y());
        numbers.put("testLoss", test.loss());
        numbers.put("testAccuracy", test.accuracy());
        return numbers;
    }

    @Override
    public final Parameters lowerLayout() {
        return LinearModel.parameters(validationSet);
    }

    @Override
    public final List<String> notes() {
        final Samples samples = data.samples();
        return List.of(String.format(
                Locale.ROOT,
                "%s: %d samples of %d features (%.1f %% of them not 0), %d classes",
                sampleSettings.data(),
                samples.size(),
                samples.features().size(),
                100.0
                        * samples.rows().places().length
                        / samples.size()
                        / samples.features().size(),
                samples.classes().size()));
    }

    @Override
    public void describe(final ObjectNode node) {
        node.put("name", data.samples().name());
        data.samples().classes().forEach(node.putArray("classes")::add);
        node.put("features", data.samples().features().size());
        node.put("train", data.split().train().length);
        node.put("validation", data.split().validation().length);
        node.put("test", data.split().test().length);
    }

    @Override
    public final long dataFingerprint() {
        return data.fingerprint();
    }
}
