package borep.experiment;

import borep.device.Device;
import borep.device.Reals;
import borep.device.Schedule;
import borep.model.Parameters;
import borep.problem.HyperparameterOptimisation;
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
 * Hyperparameter optimisation: the regularisation coefficient is chosen so that held-out samples of the training domains are
 * predicted well. Judged on unseen domains; compared with a grid of fixed coefficients, each trained for as long.
 */
final class HyperparameterExperiment extends TextExperiment {
    static final ExperimentKind KIND = new Kind() {
        @Override
        public String name() {
            return "hyperparameter";
        }

        @Override
        public String summary() {
            return "the coefficient of the regulariser with which held-out texts are predicted best";
        }

        @Override
        String group() {
            return "tasks";
        }

        @Override
        public RunSettings preset() {
            return preset(400, "verbs", 50, 0);
        }

        @Override
        public Map<String, String> solverPreset(final String solver) {
            return new StepSizes("0.02", "0.02", "0.5", "0.5", "0.05").of(solver, Map.of());
        }

        @Override
        public Experiment open(
                final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
            return new HyperparameterExperiment(device, settings, solverSettings);
        }
    };

    private static final CoefficientGrid GRID = new CoefficientGrid(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1);

    private final DomainSplit domains;
    private final Accuracy validation;
    private final Accuracy test;

    HyperparameterExperiment(
            final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
        super(device, settings, solverSettings);
        domains = new DomainSplit(device, own, settings.seed(), data);
        validation = new Accuracy(device, shape, domains.querySet());
        test = new Accuracy(device, shape, domains.testSet());
    }

    @Override
    public List<Phase> phases() {
        final List<Phase> phases = new ArrayList<>();
        final int steps = RunSteps.of(settings, own, domains.supportSize());
        if (own.tasks().baseline()) {
            phases.addAll(GRID.phases(this::fixed, RunSteps.lowerSteps(solverSettings, steps), this::judge));
        }
        phases.add(new Phase(settings.solver(), "trace.jsonl", this::solver, steps, this::judgeCoefficient));
        return phases;
    }

    private Solver solver() {
        final HyperparameterOptimisation problem = problem(new HyperparameterOptimisation.Start(
                own.tasks().coefficient(), own.tasks().initial()));
        return Solvers.create(settings.solver(), problem, solverSettings, settings.seed());
    }

    private Solver fixed(final double value) {
        final HyperparameterOptimisation problem =
                problem(new HyperparameterOptimisation.Start(HyperparameterOptimisation.Coefficient.LINEAR, value));
        return new LowerSgd(problem, Schedule.parse(solverSettings.getOrDefault("alpha", "0.1")));
    }

    private HyperparameterOptimisation problem(final HyperparameterOptimisation.Start start) {
        return new HyperparameterOptimisation(
                device,
                shape,
                own.levels().regulariser(),
                start,
                domains.queryLevel(),
                domains.supportLevel(),
                settings.seed());
    }

    private SequencedMap<String, Double> judge(final Solver solver) {
        final int encoder = shape.encoderParameters().size();
        final Reals encoderWeights = solver.y().slice(0, encoder);
        final Reals headWeights = solver.y().slice(encoder, solver.y().size() - encoder);
        final SequencedMap<String, Double> numbers = new LinkedHashMap<>();
        validation.measure(encoderWeights, headWeights);
        numbers.put("validationLoss", validation.loss());
        test.measure(encoderWeights, headWeights);
        numbers.put("testLoss", test.loss());
        numbers.put("testAccuracy", test.accuracy());
        return numbers;
    }

    private SequencedMap<String, Double> judgeCoefficient(final Solver solver) {
        final SequencedMap<String, Double> numbers = judge(solver);
        numbers.put("coefficient", coefficient(solver));
        return numbers;
    }

    private double coefficient(final Solver solver) {
        final double x = solver.x().get(0);
        return own.tasks().coefficient() == HyperparameterOptimisation.Coefficient.LINEAR ? x : Math.exp(x);
    }

    @Override
    public Parameters upperLayout() {
        return Parameters.none().with("coefficient", 1, 1);
    }

    @Override
    public Parameters lowerLayout() {
        return shape.parameters();
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
        summary.put("validationLoss", RunLoop.last(trace, "validationLoss"));
        summary.put("coefficient", coefficient(solver));
        if (own.tasks().baseline()) {
            GRID.finish(directory, summary);
        }
    }

    @Override
    public List<String> headline(final ObjectNode summary) {
        final List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s chose the coefficient %.2e: held-out loss %.4f, accuracy on unseen domains %.1f %%",
                settings.solver(),
                summary.path("coefficient").asDouble(),
                summary.path("validationLoss").asDouble(),
                100 * summary.path("accuracy").asDouble()));
        if (summary.has("bestGridCoefficient")) {
            lines.add(String.format(
                    Locale.ROOT,
                    "the best of %d fixed ones is %.0e: held-out loss %.4f, accuracy on unseen domains %.1f %%",
                    GRID.size(),
                    summary.path("bestGridCoefficient").asDouble(),
                    summary.path("bestGridValidationLoss").asDouble(),
                    100 * summary.path("bestGridAccuracy").asDouble()));
        }
        return lines;
    }
}
