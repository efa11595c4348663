package borep.experiment;

import borep.data.Example;
import borep.data.Split;
import borep.device.Device;
import borep.device.Reals;
import borep.device.Schedule;
import borep.model.Parameters;
import borep.model.TextSet;
import borep.problem.HyperCleaning;
import borep.problem.Regularisation;
import borep.problem.Sampler;
import borep.problem.TextLevel;
import borep.solver.LowerSgd;
import borep.solver.Solver;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Data hyper-cleaning: a share of the training labels is flipped, once, from the seed; the solver weighs the training samples so
 * that a clean validation set is predicted well. Compared with training on the noisy and on the clean labels.
 */
final class HyperCleaningExperiment extends TextExperiment {
    static final ExperimentKind KIND = new Kind() {
        @Override
        public String name() {
            return "hyper-cleaning";
        }

        @Override
        public String summary() {
            return "weights for training texts, some with a wrong label, so that clean ones are predicted well";
        }

        @Override
        String group() {
            return "cleaning";
        }

        @Override
        public RunSettings preset() {
            return preset(400, "glosses", 128, 1e-4);
        }

        /** The hypergradient's norm is near 0.002, because every weight is one of thousands: long steps. */
        @Override
        public Map<String, String> solverPreset(final String solver) {
            final Map<String, String> preset =
                    new StepSizes("5", "0.1", "1500", "1.5", "0.5").of(solver, Map.of("refinement.step", "1.5"));
            if (solver.equals(
                    "ttsa")) { // as long as the constants at iteration 100: begun there it is slow, 63 % after 400
                preset.put("eta", "22000.0/power:0.6");
                preset.put("alpha", "10.0/power:0.4");
            }
            return preset;
        }

        @Override
        public Experiment open(
                final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
            return new HyperCleaningExperiment(device, settings, solverSettings);
        }
    };

    private final Split split;
    private final NoisyLabels labels;
    private final Accuracy test;
    private final Accuracy validation;
    private final TextSet validationSet;

    HyperCleaningExperiment(final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
        super(device, settings, solverSettings);
        split = Split.of(data.corpus(), own.text().toFractions(), settings.seed(), false);
        labels = new NoisyLabels(data.labels(split.train()), data.classes(), own.cleaning(), settings.seed());
        validationSet = data.set(split.validation(), data.labels(split.validation()));
        validation = new Accuracy(device, shape, validationSet);
        test = new Accuracy(device, shape, data.set(split.test(), data.labels(split.test())));
    }

    @Override
    public List<Phase> phases() {
        final List<Phase> phases = new ArrayList<>();
        final int steps = RunSteps.of(settings, own, split.train().length);
        if (own.cleaning().baseline()) {
            final int plain = RunSteps.lowerSteps(solverSettings, steps);
            phases.add(new Phase(
                    "without cleaning", NoisyLabels.NOISY_TRACE, () -> plain(labels.given()), plain, this::judge));
            phases.add(new Phase(
                    "clean labels", NoisyLabels.CLEAN_TRACE, () -> plain(labels.right()), plain, this::judge));
        }
        phases.add(new Phase(settings.solver(), "trace.jsonl", this::solver, steps, this::judgeWeights));
        return phases;
    }

    private Solver solver() {
        return Solvers.create(settings.solver(), problem(labels.given()), solverSettings, settings.seed());
    }

    /** Training with every weight left where the solver begins: same step size, as many lower-level gradients. */
    private Solver plain(final int[] trainLabels) {
        final Schedule alpha = Schedule.parse(solverSettings.getOrDefault("alpha", "0.1"));
        return new LowerSgd(problem(trainLabels), alpha);
    }

    private HyperCleaning problem(final int[] trainLabels) {
        final TextSettings.Levels levels = own.levels();
        final long seed = settings.seed();
        final TextSet train = data.set(split.train(), trainLabels);
        final int lowerBatch = Math.min(levels.lowerBatch(), train.size());
        final int upperBatch = Math.min(levels.upperBatch(), validationSet.size());
        return new HyperCleaning(
                device,
                shape,
                new Regularisation(levels.regulariser(), levels.coefficient()),
                own.cleaning().initialLogit(),
                new TextLevel(
                        validationSet, Sampler.uniform(device, seed + 1, validationSet.size(), false), upperBatch),
                new TextLevel(train, Sampler.uniform(device, seed, train.size(), false), lowerBatch),
                seed);
    }

    private SequencedMap<String, Double> judge(final Solver solver) {
        final int encoder = shape.encoderParameters().size();
        final Reals encoderWeights = solver.y().slice(0, encoder);
        final Reals headWeights = solver.y().slice(encoder, solver.y().size() - encoder);
        final SequencedMap<String, Double> numbers = new LinkedHashMap<>();
        validation.measure(encoderWeights, headWeights);
        numbers.put("validationLoss", validation.loss());
        numbers.put("validationAccuracy", validation.accuracy());
        test.measure(encoderWeights, headWeights);
        numbers.put("testAccuracy", test.accuracy());
        return numbers;
    }

    private SequencedMap<String, Double> judgeWeights(final Solver solver) {
        final SequencedMap<String, Double> numbers = judge(solver);
        labels.judge(solver.x().toDoubles(), numbers);
        return numbers;
    }

    @Override
    public Parameters upperLayout() {
        return Parameters.none().with("sample_logits", 1, split.train().length);
    }

    @Override
    public Parameters lowerLayout() {
        return shape.parameters();
    }

    @Override
    void describeSamples(final ObjectNode node) {
        node.put("noise", own.cleaning().noise());
        node.put("train", split.train().length);
        node.put("validation", split.validation().length);
        node.put("test", split.test().length);
        node.put("flipped", labels.count());
    }

    @Override
    public void finish(final RunDirectory directory, final Solver solver, final ObjectNode summary) {
        summary.put("problem", settings.problem());
        labels.finish(directory, solver.x().toDoubles(), data.corpus().labels(), this::show, summary);
    }

    private void show(final int sample, final ObjectNode line) {
        final Example example = data.corpus().examples().get(split.train()[sample]);
        line.put("text", example.pair() == null ? example.text() : example.text() + " / " + example.pair());
        line.put("origin", example.origin());
    }

    @Override
    public List<String> headline(final ObjectNode summary) {
        return NoisyLabels.headline(settings.solver(), summary);
    }
}
