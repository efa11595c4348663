package borep.experiment;

import borep.data.Samples;
import borep.device.Device;
import borep.device.Schedule;
import borep.kernel.Loss;
import borep.kernel.SparseRows;
import borep.model.Parameters;
import borep.problem.Regularisation;
import borep.problem.SoftmaxCleaning;
import borep.report.Criterion;
import borep.solver.Hyperparameters;
import borep.solver.LowerSgd;
import borep.solver.Solver;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Hyper-cleaning with softmax regression: as hyper-cleaning, but of samples of numbers, pictures or bags of words, with a linear model. The
 * setting of Yang, Gao, Yuan (ICLR 2025, LancBiO, §5), with disjoint training and validation samples; they let them overlap.
 */
final class SoftmaxCleaningExperiment extends SampleExperiment {
    /**
     * What it is set by.
     *
     * @param sample   data and levels
     * @param cleaning noise, starting weights, comparisons
     */
    public record Own(@Hyperparameters.Inline SampleSettings sample, TextSettings.Cleaning cleaning) {}

    static final ExperimentKind KIND = new ExperimentKind() {
        @Override
        public String name() {
            return "softmax-cleaning";
        }

        @Override
        public String summary() {
            return "weights for training samples (pictures, LIBSVM, bags of words) with wrong labels, and a linear model";
        }

        /** LancBiO's 0.01 ‖y‖² and half of the labels, on whole sets. */
        @Override
        public RunSettings preset() {
            return RunSettings.of(
                    name(),
                    500,
                    25,
                    new Own(
                            new SampleSettings(
                                    "glosses",
                                    "",
                                    "0.4/0.4/0.2",
                                    SampleSettings.Scaling.NONE,
                                    0,
                                    new SampleSettings.Levels(0, 0, 0.02)),
                            new TextSettings.Cleaning(0.5, 0, true)));
        }

        /** LancBiO's step sizes; of methods that normalise, a length that moves each of thousands of logits by about 0.05. */
        @Override
        public Map<String, String> solverPreset(final String solver) {
            return new StepSizes("3", "0.05", "500", "0.1", "0.05").of(solver, Map.of("refinement.step", "0.1"));
        }

        @Override
        public Criterion criterion() {
            return Criterion.TEST_ACCURACY;
        }

        @Override
        public Map<String, String> comparisonSettings() {
            return Map.of("cleaning.baseline", "false");
        }

        @Override
        public long dataFingerprint(final RunSettings settings) {
            return SampleData.fingerprint(((Own) settings.own()).sample());
        }

        @Override
        public Experiment open(
                final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
            return new SoftmaxCleaningExperiment(device, settings, (Own) settings.own(), solverSettings);
        }
    };

    private final Own own;
    private final NoisyLabels labels;

    private SoftmaxCleaningExperiment(
            final Device device, final RunSettings settings, final Own own, final Map<String, String> solverSettings) {
        super(device, settings, own.sample(), solverSettings);
        this.own = own;
        labels = new NoisyLabels(
                data.labels(data.split().train()), data.samples().classes().size(), own.cleaning(), settings.seed());
    }

    @Override
    public List<Phase> phases() {
        final List<Phase> phases = new ArrayList<>();
        if (own.cleaning().baseline()) {
            final int plain = RunSteps.lowerSteps(solverSettings, settings.steps());
            phases.add(new Phase(
                    "without cleaning", NoisyLabels.NOISY_TRACE, () -> plain(labels.given()), plain, this::judge));
            phases.add(new Phase(
                    "clean labels", NoisyLabels.CLEAN_TRACE, () -> plain(labels.right()), plain, this::judge));
        }
        phases.add(new Phase(settings.solver(), "trace.jsonl", this::solver, settings.steps(), this::judgeWeights));
        return phases;
    }

    private Solver solver() {
        return Solvers.create(settings.solver(), problem(labels.given()), solverSettings, settings.seed());
    }

    /** Training with every weight left where the solver begins: same step size, as many lower-level gradients. */
    private Solver plain(final int[] trainLabels) {
        return new LowerSgd(problem(trainLabels), Schedule.parse(solverSettings.getOrDefault("alpha", "0.1")));
    }

    private SoftmaxCleaning problem(final int[] trainLabels) {
        return new SoftmaxCleaning(
                device,
                new Regularisation(
                        Loss.Regulariser.SQUARED, sampleSettings.levels().coefficient()),
                own.cleaning().initialLogit(),
                upperLevel(),
                lowerLevel(trainLabels));
    }

    private SequencedMap<String, Double> judgeWeights(final Solver solver) {
        final SequencedMap<String, Double> numbers = judge(solver);
        labels.judge(solver.x().toDoubles(), numbers);
        return numbers;
    }

    @Override
    public Parameters upperLayout() {
        return Parameters.none().with("sample_logits", 1, data.split().train().length);
    }

    @Override
    public void describe(final ObjectNode node) {
        super.describe(node);
        node.put("noise", own.cleaning().noise());
        node.put("flipped", labels.count());
    }

    @Override
    public void finish(final RunDirectory directory, final Solver solver, final ObjectNode summary) {
        summary.put("problem", settings.problem());
        labels.finish(directory, solver.x().toDoubles(), data.samples().classes(), this::show, summary);
    }

    private void show(final int sample, final ObjectNode line) {
        final Samples samples = data.samples();
        final int place = data.split().train()[sample];
        if (samples.picture() != null) {
            line.put("picture", Base64.getEncoder().encodeToString(pixels(samples, place)));
            line.put("height", samples.picture().height());
        }
        line.put("text", samples.texts().get(place));
        line.put("origin", samples.origins().get(place));
    }

    /** [height · width] grey levels from 0 to 255. */
    private static byte[] pixels(final Samples samples, final int place) {
        final byte[] pixels = new byte[samples.features().size()];
        final SparseRows rows = samples.rows();
        for (int k = rows.starts()[place]; k < rows.starts()[place + 1]; k++) {
            pixels[rows.places()[k]] = (byte) Math.round(255 * rows.values()[k]);
        }
        return pixels;
    }

    @Override
    public List<String> headline(final ObjectNode summary) {
        return NoisyLabels.headline(settings.solver(), summary);
    }
}
