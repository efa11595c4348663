package borep.experiment;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Update;
import borep.model.Parameters;
import borep.model.TextSet;
import borep.problem.FirstOrder;
import borep.problem.HyperCleaning;
import borep.problem.HyperRepresentation;
import borep.problem.MetaInitialisation;
import borep.problem.Regularisation;
import borep.problem.Sampler;
import borep.problem.TextLevel;
import borep.problem.TextProblem;
import borep.problem.TextSample;
import borep.solver.LowerSgd;
import borep.solver.Solver;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Hyper-representation: an encoder is learnt on tasks of the training domains so that a head fitted to a few support samples
 * predicts a task's query samples. Judged on tasks of unseen domains; compared with one network trained on all samples of the
 * training domains without tasks, whose head is then adapted in the same way. With {@code maml} a task adapts the whole network, in
 * training and in evaluations, there too with its own α and number of steps: those of a head are far too long for a recurrence.
 */
final class HyperRepresentationExperiment extends TextExperiment {
    static final ExperimentKind KIND = new Kind() {
        @Override
        public String name() {
            return "hyper-representation";
        }

        @Override
        public String summary() {
            return "an encoder on which a head that has seen a few texts of a domain predicts the others";
        }

        @Override
        String group() {
            return "tasks";
        }

        @Override
        public RunSettings preset() {
            return preset(300, "verbs", 20, 1e-3);
        }

        @Override
        public Map<String, String> solverPreset(final String solver) {
            return new StepSizes("0.1/step:100:0.4", "0.002", "0.5", "0.5", "0.2")
                    .of(solver, Map.of("official.tasks", "4", "tasks", "4"));
        }

        @Override
        public Experiment open(
                final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
            return new HyperRepresentationExperiment(device, settings, solverSettings);
        }
    };

    private static final int TEST = 0x54455354;
    private static final double FULL_WEIGHT = 40;

    private final DomainSplit domains;
    private final Regularisation regularisation;
    /** Whether the solver adapts the whole network to a task, not the head alone. */
    private final boolean whole;
    /** How a test task adapts. */
    private final int adaptSteps;

    private final double adaptStep;

    private final TextProblem testProblem;
    private final TextSample support;
    private final TextSample query;
    private final Reals adapted;
    private final FirstOrder wantGradient;
    private final FirstOrder wantValue;
    private final Ints predictions;
    private final Counter always;

    HyperRepresentationExperiment(
            final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
        super(device, settings, solverSettings);
        domains = new DomainSplit(device, own, settings.seed(), data);
        final TextSettings.Levels levels = own.levels();
        regularisation = new Regularisation(levels.regulariser(), levels.coefficient());
        whole = settings.solver().equals("maml");
        adaptSteps = whole
                ? Integer.parseInt(solverSettings.get("lowerSteps"))
                : own.tasks().adaptSteps();
        adaptStep = whole
                ? Schedule.parse(solverSettings.get("alpha")).initial()
                : own.tasks().adaptStep();
        testProblem = problem(
                domains.testLevel(levels.upperBatch(), levels.lowerBatch()), domains.testLevel(levels.lowerBatch(), 0));
        support = testProblem.newLowerSample();
        query = testProblem.newUpperSample();
        adapted = device.reals(testProblem.lowerSize());
        wantGradient = new FirstOrder(null, null, device.reals(adapted.size()));
        wantValue = new FirstOrder(device.reals(1), null, null);
        predictions = device.ints(levels.upperBatch());
        always = device.counter();
    }

    @Override
    public List<Phase> phases() {
        final List<Phase> phases = new ArrayList<>();
        final int steps = RunSteps.of(settings, own, domains.supportSize());
        if (own.tasks().baseline()) {
            // as many passes through the encoder's gradient as BO-REP makes: for every task one for f, one for the
            // mixed term
            final int tasks = Integer.parseInt(
                    solverSettings.getOrDefault("tasks", solverSettings.getOrDefault("official.tasks", "1")));
            phases.add(new Phase(
                    "without tasks", "baseline-direct.jsonl", this::direct, 2 * tasks * steps, this::judgeWhole));
        }
        phases.add(new Phase(settings.solver(), "trace.jsonl", this::solver, steps, this::judge));
        return phases;
    }

    private Solver solver() {
        return Solvers.create(
                settings.solver(),
                problem(domains.queryLevel(), domains.supportLevel()),
                solverSettings,
                settings.seed());
    }

    private TextProblem problem(final TextLevel queries, final TextLevel supports) {
        return whole
                ? new MetaInitialisation(device, shape, regularisation, 0, queries, supports, settings.seed())
                : new HyperRepresentation(device, shape, regularisation, queries, supports, settings.seed());
    }

    /** One network for everything, trained on batches as large as a task. */
    private Solver direct() {
        final TextSet train = domains.trainSet();
        final int batch = Math.min(own.levels().lowerBatch() + own.levels().upperBatch(), train.size());
        final TextLevel level =
                new TextLevel(train, Sampler.uniform(device, settings.seed(), train.size(), false), batch);
        final HyperCleaning plain =
                new HyperCleaning(device, shape, regularisation, FULL_WEIGHT, level, level, settings.seed());
        return new LowerSgd(plain, Schedule.constant(own.tasks().baselineStep()));
    }

    private SequencedMap<String, Double> judge(final Solver solver) {
        return judge(solver.x(), whole ? solver.x() : solver.y());
    }

    private SequencedMap<String, Double> judgeWhole(final Solver solver) {
        if (whole) {
            return judge(solver.y(), solver.y());
        }
        final int encoder = shape.encoderParameters().size();
        return judge(
                solver.y().slice(0, encoder),
                solver.y().slice(encoder, solver.y().size() - encoder));
    }

    /** Mean query accuracy and loss over the test tasks, y adapted from {@code start} to each one's support set. */
    private SequencedMap<String, Double> judge(final Reals x, final Reals start) {
        final Update update = device.kernels().update();
        final TextSettings.Tasks tasks = own.tasks();
        testProblem.upperChanged();
        double accuracy = 0;
        double loss = 0;
        for (int task = 0; task < tasks.testTasks(); task++) {
            support.draw(always, TEST, task);
            query.draw(always, TEST, task);
            final Reals y = tasks.mutate() ? start : adapted;
            if (!tasks.mutate()) {
                update.copy(start, adapted);
            }
            for (int step = 0; step < adaptSteps; step++) {
                testProblem.lower(x, y, support, wantGradient);
                update.axpy(-adaptStep, wantGradient.gradientY(), y);
            }
            testProblem.upper(x, y, query, wantValue);
            testProblem.network(query).predict(predictions);
            accuracy += accuracy();
            loss += wantValue.value().get(0);
        }
        final SequencedMap<String, Double> numbers = new LinkedHashMap<>();
        numbers.put("testLoss", loss / tasks.testTasks());
        numbers.put("testAccuracy", accuracy / tasks.testTasks());
        return numbers;
    }

    private double accuracy() {
        final int[] predicted = predictions.toArray();
        final int[] labels = query.batch().labels().toArray();
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            right += predicted[i] == labels[i] ? 1 : 0;
        }
        return (double) right / labels.length;
    }

    @Override
    public Parameters upperLayout() {
        return testProblem.upperLayout();
    }

    @Override
    public Parameters lowerLayout() {
        return testProblem.lowerLayout();
    }

    @Override
    void describeSamples(final ObjectNode node) {
        domains.describe(node);
    }

    @Override
    public void finish(final RunDirectory directory, final Solver solver, final ObjectNode summary) {
        summary.put("problem", settings.problem());
        final List<JsonNode> trace = directory.readTrace("trace.jsonl");
        summary.put("accuracy", RunLoop.last(trace, "testAccuracy"));
        if (own.tasks().baseline()) {
            summary.put("accuracyDirect", RunLoop.last(directory.readTrace("baseline-direct.jsonl"), "testAccuracy"));
            summary.put(
                    "accuracyDirectBest", RunLoop.best(directory.readTrace("baseline-direct.jsonl"), "testAccuracy"));
        }
    }

    @Override
    public List<String> headline(final ObjectNode summary) {
        final List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "tasks of unseen domains, %d of them, after %d steps on their support sets:",
                own.tasks().testTasks(),
                adaptSteps));
        lines.add(String.format(
                Locale.ROOT,
                "query accuracy with %-30s %5.1f %%",
                settings.solver(),
                100 * summary.path("accuracy").asDouble()));
        if (summary.has("accuracyDirect")) {
            lines.add(String.format(
                    Locale.ROOT,
                    "query accuracy of an encoder trained without tasks %5.1f %%",
                    100 * summary.path("accuracyDirect").asDouble()));
        }
        return lines;
    }
}
