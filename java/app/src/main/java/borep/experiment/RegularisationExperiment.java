package borep.experiment;

import borep.device.Device;
import borep.device.Schedule;
import borep.model.Parameters;
import borep.problem.RegularisationSelection;
import borep.problem.RegularisationSelection.Coefficients;
import borep.report.Criterion;
import borep.solver.Hyperparameters;
import borep.solver.LowerSgd;
import borep.solver.Solver;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Selection of regularisation coefficients of logistic or softmax regression, one for each feature or one for all, so that validation
 * samples are predicted well. Compared with a grid of fixed coefficients for all features, each trained for as long.
 */
final class RegularisationExperiment extends SampleExperiment {
    /**
     * What it is set by.
     *
     * @param sample    data and levels
     * @param selection coefficients and comparison
     */
    public record Own(@Hyperparameters.Inline SampleSettings sample, Selection selection) {}

    /**
     * The coefficients.
     *
     * @param coefficients how many there are
     * @param initial      logarithm of what each starts at
     * @param baseline     whether to run the grid too, for comparison
     */
    public record Selection(Coefficients coefficients, double initial, boolean baseline) {}

    static final ExperimentKind KIND = new ExperimentKind() {
        @Override
        public String name() {
            return "regularisation";
        }

        @Override
        public String summary() {
            return "a regularisation coefficient for each feature of a linear model, or one for all";
        }

        @Override
        public RunSettings preset() {
            return RunSettings.of(
                    name(),
                    600,
                    50,
                    new Own(
                            new SampleSettings(
                                    "glosses",
                                    "",
                                    "0.4/0.4/0.2",
                                    SampleSettings.Scaling.SMOOTHNESS,
                                    0,
                                    new SampleSettings.Levels(0, 0, 0)),
                            new Selection(Coefficients.PER_FEATURE, -9, true)));
        }

        @Override
        public Map<String, String> solverPreset(final String solver) {
            return new StepSizes("0.5/power:0.5", "0.02", "10", "3", "2").of(solver, LOWER);
        }

        @Override
        public Criterion criterion() {
            return CRITERION;
        }

        @Override
        public Map<String, String> comparisonSettings() {
            return Map.of("selection.baseline", "false");
        }

        @Override
        public long dataFingerprint(final RunSettings settings) {
            return SampleData.fingerprint(((Own) settings.own()).sample());
        }

        @Override
        public Experiment open(
                final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
            return new RegularisationExperiment(device, settings, (Own) settings.own(), solverSettings);
        }
    };

    /**
     * The lower level is ill-conditioned (features that are rare next to some in every sample) and must be near its solution before
     * coefficients move: of a feature that is only useful at first, such as the bias, they would otherwise grow beyond what the lower step
     * can take.
     */
    private static final Map<String, String> LOWER = Map.of(
            "refinement.step", "3",
            "refinement.epochs", "4",
            "refinement.steps", "60",
            "refinement.radius", "100",
            "updatePeriod", "1",
            "lowerSteps", "5");

    private static final Criterion CRITERION =
            new Criterion("validationLoss", "validation loss", Criterion.Scale.LINEAR, Criterion.Better.LOWER);
    private static final CoefficientGrid GRID = new CoefficientGrid(1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1);
    /** Coefficients that coefficients.jsonl lists at each end, and evenly between. */
    private static final int LISTED = 100;

    private final Own own;

    private RegularisationExperiment(
            final Device device, final RunSettings settings, final Own own, final Map<String, String> solverSettings) {
        super(device, settings, own.sample(), solverSettings);
        this.own = own;
    }

    @Override
    public List<Phase> phases() {
        final List<Phase> phases = new ArrayList<>();
        if (own.selection().baseline()) {
            phases.addAll(GRID.phases(this::fixed, RunSteps.lowerSteps(solverSettings, settings.steps()), this::judge));
        }
        phases.add(
                new Phase(settings.solver(), "trace.jsonl", this::solver, settings.steps(), this::judgeCoefficients));
        return phases;
    }

    private Solver solver() {
        return Solvers.create(
                settings.solver(),
                problem(own.selection().coefficients(), own.selection().initial()),
                solverSettings,
                settings.seed());
    }

    private Solver fixed(final double coefficient) {
        return new LowerSgd(
                problem(Coefficients.SHARED, Math.log(coefficient)),
                Schedule.parse(solverSettings.getOrDefault("alpha", "0.1")));
    }

    private RegularisationSelection problem(final Coefficients coefficients, final double initial) {
        return new RegularisationSelection(
                device,
                new RegularisationSelection.Start(coefficients, initial),
                upperLevel(),
                lowerLevel(data.labels(data.split().train())));
    }

    private SequencedMap<String, Double> judgeCoefficients(final Solver solver) {
        final SequencedMap<String, Double> numbers = judge(solver);
        final double[] sorted =
                Arrays.stream(solver.x().toDoubles()).map(Math::exp).sorted().toArray();
        if (sorted.length == 1) {
            numbers.put("coefficient", sorted[0]);
        } else {
            numbers.put("smallestCoefficient", sorted[0]);
            numbers.put("medianCoefficient", sorted[sorted.length / 2]);
            numbers.put("largestCoefficient", sorted[sorted.length - 1]);
        }
        return numbers;
    }

    @Override
    public Parameters upperLayout() {
        final int features = data.samples().features().size() + 1;
        return Parameters.none()
                .with("log_coefficients", 1, own.selection().coefficients() == Coefficients.SHARED ? 1 : features);
    }

    @Override
    public void finish(final RunDirectory directory, final Solver solver, final ObjectNode summary) {
        summary.put("problem", settings.problem());
        final List<JsonNode> trace = directory.readTrace("trace.jsonl");
        summary.put("accuracy", RunLoop.last(trace, "testAccuracy"));
        summary.put("validationLoss", RunLoop.last(trace, "validationLoss"));
        summary.put("testLoss", RunLoop.last(trace, "testLoss"));
        if (own.selection().coefficients() == Coefficients.SHARED) {
            summary.put("coefficient", Math.exp(solver.x().get(0)));
        } else {
            writeCoefficients(directory, solver);
        }
        if (own.selection().baseline()) {
            GRID.finish(directory, summary);
        }
    }

    /** Features by coefficient, smallest first: all, or those at both ends and some between. */
    private void writeCoefficients(final RunDirectory directory, final Solver solver) {
        final double[] x = solver.x().toDoubles();
        final double[] y = solver.y().toDoubles();
        final int outputs = y.length / x.length;
        final int[] order = IntStream.range(0, x.length)
                .boxed()
                .sorted((a, b) -> Double.compare(x[a], x[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        final int between = Math.max(1, (x.length - 2 * LISTED) / LISTED);
        final StringBuilder lines = new StringBuilder();
        for (int rank = 0; rank < x.length; rank++) {
            if (rank < LISTED || rank >= x.length - LISTED || rank % between == 0) {
                final int j = order[rank];
                final double[] weights = Arrays.copyOfRange(y, j * outputs, (j + 1) * outputs);
                final ObjectNode line = RunDirectory.LINE.createObjectNode();
                line.put("rank", rank + 1);
                line.put("feature", j < x.length - 1 ? data.samples().features().get(j) : "the bias");
                line.put("coefficient", Math.exp(x[j]));
                line.put(
                        "weight",
                        Math.sqrt(Arrays.stream(weights).map(w -> w * w).sum()));
                lines.append(line).append('\n');
            }
        }
        directory.writeText("coefficients.jsonl", lines.toString());
    }

    @Override
    public List<String> headline(final ObjectNode summary) {
        final List<String> lines = new ArrayList<>();
        lines.add(row(
                settings.solver() + ", "
                        + (summary.has("coefficient")
                                ? String.format(
                                        Locale.ROOT,
                                        "coefficient %.2e",
                                        summary.path("coefficient").asDouble())
                                : "a coefficient for each feature"),
                summary,
                "validationLoss",
                "testLoss",
                "accuracy"));
        if (summary.has("bestGridCoefficient")) {
            lines.add(row(
                    String.format(
                            Locale.ROOT,
                            "the best of %d fixed ones, %.0e",
                            GRID.size(),
                            summary.path("bestGridCoefficient").asDouble()),
                    summary,
                    "bestGridValidationLoss",
                    "bestGridTestLoss",
                    "bestGridAccuracy"));
        }
        return lines;
    }

    private static String row(
            final String title, final ObjectNode summary, final String loss, final String test, final String accuracy) {
        return String.format(
                Locale.ROOT,
                "%-44s validation loss %.4f, test loss %.4f, test accuracy %.1f %%",
                title,
                summary.path(loss).asDouble(),
                summary.path(test).asDouble(),
                100 * summary.path(accuracy).asDouble());
    }
}
