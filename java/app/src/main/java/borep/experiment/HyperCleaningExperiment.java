package borep.experiment;

import borep.data.Example;
import borep.data.Split;
import borep.device.Device;
import borep.device.Permutation;
import borep.device.Philox;
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
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;

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
        public RunSettings preset() {
            return preset(400, "glosses", 128, 1e-4);
        }

        /** The hypergradient's norm is near 0.002, because every weight is one of thousands: long steps. */
        @Override
        public Map<String, String> solverPreset(final String solver) {
            return new StepSizes("5", "0.1", "1500", "1.5", "0.5").of(solver, Map.of("refinement.step", "1.5"));
        }

        @Override
        Experiment read(final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
            return new HyperCleaningExperiment(device, settings, solverSettings);
        }
    };

    private static final int PURPOSE_FLIP = 0x464C4950;
    private static final int PURPOSE_LABEL = 0x4C41424C;
    private static final int MOST_SUSPICIOUS = 200;
    private static final int BINS = 30;

    private final Split split;
    private final int[] trueLabels;
    private final int[] givenLabels;
    private final boolean[] flipped;
    private final Accuracy test;
    private final Accuracy validation;
    private final TextSet validationSet;

    HyperCleaningExperiment(final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
        super(device, settings, solverSettings);
        split = Split.of(data.corpus(), own.text().toFractions(), settings.seed(), false);
        trueLabels = data.labels(split.train());
        flipped = new boolean[trueLabels.length];
        givenLabels = flip();
        validationSet = data.set(split.validation(), data.labels(split.validation()));
        validation = new Accuracy(device, shape, validationSet);
        test = new Accuracy(device, shape, data.set(split.test(), data.labels(split.test())));
    }

    /** Exactly the asked-for share of the labels becomes another class, uniformly. */
    private int[] flip() {
        final int[] given = trueLabels.clone();
        final int count = (int) Math.round(own.cleaning().noise() * given.length);
        final long key = Philox.bits(settings.seed(), 0, PURPOSE_FLIP, 0);
        for (int i = 0; i < count; i++) {
            final int sample = Permutation.image(key, given.length, i);
            final int shift = 1 + Philox.below(data.classes() - 1, settings.seed(), 0, PURPOSE_LABEL, sample);
            given[sample] = (given[sample] + shift) % data.classes();
            flipped[sample] = true;
        }
        return given;
    }

    @Override
    public List<Phase> phases() {
        final List<Phase> phases = new ArrayList<>();
        final int steps = RunSteps.of(settings, own, split.train().length);
        if (own.cleaning().baseline()) {
            final int plain = RunSteps.lowerSteps(solverSettings, steps);
            phases.add(new Phase(
                    "without cleaning", "baseline-noisy.jsonl", () -> plain(givenLabels), plain, this::judge));
            phases.add(new Phase("clean labels", "baseline-clean.jsonl", () -> plain(trueLabels), plain, this::judge));
        }
        phases.add(new Phase(settings.solver(), "trace.jsonl", this::solver, steps, this::judgeWeights));
        return phases;
    }

    private Solver solver() {
        return Solvers.create(settings.solver(), problem(givenLabels), solverSettings, settings.seed());
    }

    /** Training with every weight left where the solver begins: same step size, as many lower-level gradients. */
    private Solver plain(final int[] labels) {
        final Schedule alpha = Schedule.parse(solverSettings.getOrDefault("alpha", "0.1"));
        return new LowerSgd(problem(labels), alpha);
    }

    private HyperCleaning problem(final int[] labels) {
        final TextSettings.Levels levels = own.levels();
        final long seed = settings.seed();
        final TextSet train = data.set(split.train(), labels);
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
        final double[] x = solver.x().toDoubles();
        final Found found = found(x);
        numbers.put("flippedPrecision", found.precision());
        numbers.put("flippedRecall", found.recall());
        return numbers;
    }

    /** How many of the flipped labels were found. */
    private record Found(int suspected, int right, int total) {
        double precision() {
            return suspected == 0 ? 0 : (double) right / suspected;
        }

        double recall() {
            return total == 0 ? 0 : (double) right / total;
        }
    }

    /** Suspected is whoever's weight has been pushed below where it began. */
    private Found found(final double[] x) {
        int suspected = 0;
        int right = 0;
        int total = 0;
        for (int i = 0; i < x.length; i++) {
            total += flipped[i] ? 1 : 0;
            if (x[i] < own.cleaning().initialLogit()) {
                suspected++;
                right += flipped[i] ? 1 : 0;
            }
        }
        return new Found(suspected, right, total);
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
        node.put("flipped", (int) Math.round(own.cleaning().noise() * trueLabels.length));
    }

    @Override
    public void finish(final RunDirectory directory, final Solver solver, final ObjectNode summary) {
        final double[] x = solver.x().toDoubles();
        final Integer[] order = IntStream.range(0, x.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (a, b) -> Double.compare(x[a], x[b]));
        writeSuspicious(directory, x, order);
        writeHistogram(directory, x);
        final Found found = found(x);
        final int lowest = (int)
                IntStream.range(0, found.total()).filter(i -> flipped[order[i]]).count();
        summary.put("problem", settings.problem());
        final List<JsonNode> trace = directory.readTrace("trace.jsonl");
        if (own.cleaning().baseline()) {
            final List<JsonNode> noisy = directory.readTrace("baseline-noisy.jsonl");
            final List<JsonNode> clean = directory.readTrace("baseline-clean.jsonl");
            summary.put("accuracyWithoutCleaning", RunLoop.last(noisy, "testAccuracy"));
            summary.put("accuracyWithoutCleaningBest", RunLoop.best(noisy, "testAccuracy"));
            summary.put("accuracyWithoutCleaningByValidation", RunLoop.where(noisy, "testAccuracy", "validationLoss"));
            summary.put("accuracyCleanLabels", RunLoop.last(clean, "testAccuracy"));
            summary.put("accuracyCleanLabelsByValidation", RunLoop.where(clean, "testAccuracy", "validationLoss"));
        }
        summary.put("accuracyCleaned", RunLoop.last(trace, "testAccuracy"));
        summary.put("accuracyCleanedByValidation", RunLoop.where(trace, "testAccuracy", "validationLoss"));
        summary.put("flippedTotal", found.total());
        summary.put("flippedSuspected", found.suspected());
        summary.put("flippedPrecision", found.precision());
        summary.put("flippedRecall", found.recall());
        summary.put("flippedAmongLowest", found.total() == 0 ? 0 : (double) lowest / found.total());
    }

    private void writeSuspicious(final RunDirectory directory, final double[] x, final Integer[] order) {
        final StringBuilder lines = new StringBuilder();
        for (int rank = 0; rank < Math.min(MOST_SUSPICIOUS, order.length); rank++) {
            final int sample = order[rank];
            final Example example = data.corpus().examples().get(split.train()[sample]);
            final ObjectNode line = RunDirectory.LINE.createObjectNode();
            line.put("rank", rank + 1);
            line.put("weight", 1 / (1 + Math.exp(-x[sample])));
            line.put("label", data.corpus().labels().get(givenLabels[sample]));
            line.put("trueLabel", data.corpus().labels().get(trueLabels[sample]));
            line.put("flipped", flipped[sample]);
            line.put("text", example.pair() == null ? example.text() : example.text() + " / " + example.pair());
            line.put("origin", example.origin());
            lines.append(line).append('\n');
        }
        directory.writeText("suspicious.jsonl", lines.toString());
    }

    private void writeHistogram(final RunDirectory directory, final double[] x) {
        final int[] bad = new int[BINS];
        final int[] good = new int[BINS];
        for (int i = 0; i < x.length; i++) {
            final int bin = Math.min(BINS - 1, (int) (BINS / (1 + Math.exp(-x[i]))));
            (flipped[i] ? bad : good)[bin]++;
        }
        final ObjectNode node = RunDirectory.JSON.createObjectNode();
        final ArrayNode edges = node.putArray("edges");
        for (int i = 0; i <= BINS; i++) {
            edges.add((double) i / BINS);
        }
        IntStream.of(bad).forEach(node.putArray("flipped")::add);
        IntStream.of(good).forEach(node.putArray("clean")::add);
        directory.writeJson("weights.json", node);
    }

    @Override
    public List<String> headline(final ObjectNode summary) {
        final List<String> lines = new ArrayList<>();
        if (summary.has("accuracyWithoutCleaning")) {
            lines.add(row("test accuracy without cleaning", summary, "accuracyWithoutCleaning"));
        }
        lines.add(row("test accuracy with " + settings.solver(), summary, "accuracyCleaned"));
        if (summary.has("accuracyCleanLabels")) {
            lines.add(row("test accuracy with clean labels (the ceiling)", summary, "accuracyCleanLabels"));
        }
        lines.add(String.format(
                Locale.ROOT,
                "%d of %d flipped labels found (recall %.1f %%); %.1f %% of the suspected labels were flipped",
                Math.round(summary.path("flippedRecall").asDouble()
                        * summary.path("flippedTotal").asInt()),
                summary.path("flippedTotal").asInt(),
                100 * summary.path("flippedRecall").asDouble(),
                100 * summary.path("flippedPrecision").asDouble()));
        return lines;
    }

    private static String row(final String title, final ObjectNode summary, final String name) {
        return String.format(
                Locale.ROOT, "%-46s %5.1f %%", title, 100 * summary.path(name).asDouble());
    }
}
