package borep.experiment;

import borep.device.Device;
import borep.device.Reals;
import borep.model.Parameters;
import borep.problem.BilevelProblem;
import borep.problem.NoisyProblem;
import borep.problem.SolvedProblem;
import borep.report.Criterion;
import borep.solver.Solver;
import borep.solver.Solvers;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/**
 * A run on a problem whose solution is known. The solver sees oracles, with noise if there is any; it is judged in float64 by the exact
 * Φ, ∇Φ, y*(x), z*(x) and x*, as far as each is known.
 */
final class SolvedExperiment implements Experiment {
    /** Φ(x), where no formula gives Φ*. */
    static final Criterion OBJECTIVE = smaller("objective", "Φ(x)");
    /** Φ(x) − Φ*; what lies below rounding is 0. */
    static final Criterion GAP = smaller("gap", "Φ(x) − Φ*");
    /** ‖∇Φ(x)‖ */
    static final Criterion STATIONARITY = smaller("stationarity", "‖∇Φ(x)‖");
    /** ‖x − x*‖ */
    static final Criterion DISTANCE = smaller("distance", "‖x − x*‖");

    private final RunSettings settings;
    private final Map<String, String> solverSettings;
    private final Criterion criterion;
    private final SolvedProblem problem;
    private final BilevelProblem oracles;

    private SolvedExperiment(
            final RunSettings settings,
            final Map<String, String> solverSettings,
            final Criterion criterion,
            final SolvedProblem problem,
            final Noise noise) {
        this.settings = settings;
        this.solverSettings = solverSettings;
        this.criterion = criterion;
        this.problem = problem;
        oracles = noise.equals(Noise.NONE)
                ? problem
                : new NoisyProblem(problem, noise.upper(), noise.lower(), settings.seed());
    }

    private static Criterion smaller(final String key, final String name) {
        return new Criterion(key, name, Criterion.Scale.LOGARITHMIC, Criterion.Better.LOWER);
    }

    /**
     * Standard deviation of the oracles' noise.
     *
     * @param upper of ∇f
     * @param lower of ∇g and the second-order products
     */
    record Noise(double upper, double lower) {
        private static final Noise NONE = new Noise(0, 0);

        /** Of both levels. */
        static Noise of(final double sigma) {
            return new Noise(sigma, sigma);
        }
    }

    /** Makes a problem. */
    @FunctionalInterface
    interface Instance<S extends Record> {
        /** @param seed the run's: of minibatches and of the problem's own noise, never of which problem it is */
        SolvedProblem of(Device device, S own, long seed);
    }

    /**
     * The kind of one of these problems.
     *
     * @param name      what the command line calls it
     * @param summary   in one line
     * @param criterion what runs are judged by
     * @param searched  what a search for step sizes judges by
     * @param steps     iterations
     * @param stepSizes for the solvers
     * @param own       its settings, with their defaults
     * @param instance  makes the problem from such settings
     * @param noise     how its oracles are disturbed beside what is random in the problem itself
     */
    record Kind<S extends Record>(
            String name,
            String summary,
            Criterion criterion,
            Criterion searched,
            int steps,
            StepSizes stepSizes,
            S own,
            Instance<S> instance,
            Function<S, Noise> noise)
            implements ExperimentKind {
        private static final int EVALUATIONS = 40;

        /** With a search that judges by the upper objective. */
        Kind(
                final String name,
                final String summary,
                final Criterion criterion,
                final int steps,
                final StepSizes stepSizes,
                final S own,
                final Instance<S> instance,
                final Function<S, Noise> noise) {
            this(name, summary, criterion, Criterion.UPPER_OBJECTIVE, steps, stepSizes, own, instance, noise);
        }

        @Override
        public RunSettings preset() {
            return RunSettings.of(name, steps, steps / EVALUATIONS, own);
        }

        @Override
        public Map<String, String> solverPreset(final String solver) {
            return stepSizes.of(solver, Map.of());
        }

        @Override
        public Experiment open(
                final Device device, final RunSettings settings, final Map<String, String> solverSettings) {
            @SuppressWarnings("unchecked") // the settings began as preset() and keep their type
            final S chosen = (S) settings.own();
            return new SolvedExperiment(
                    settings,
                    solverSettings,
                    criterion,
                    instance.of(device, chosen, settings.seed()),
                    noise.apply(chosen));
        }
    }

    @Override
    public List<Phase> phases() {
        return List.of(new Phase(settings.solver(), "trace.jsonl", this::solver, settings.steps(), this::judge));
    }

    private Solver solver() {
        return Solvers.create(settings.solver(), oracles, solverSettings, settings.seed());
    }

    private SequencedMap<String, Double> judge(final Solver solver) {
        final double[] x = solver.x().toDoubles();
        final SequencedMap<String, Double> numbers = new LinkedHashMap<>();
        final Optional<double[]> best = problem.minimiser(x);
        numbers.put(STATIONARITY.key(), distance(problem.hypergradient(x), new double[x.length]));
        if (best.isPresent() || criterion.equals(OBJECTIVE)) {
            numbers.put(OBJECTIVE.key(), problem.objective(x));
        }
        if (best.isPresent()) {
            numbers.put(GAP.key(), Math.max(0, numbers.get(OBJECTIVE.key()) - problem.objective(best.get())));
            numbers.put(DISTANCE.key(), distance(x, best.get()));
        }
        numbers.put("lowerError", distance(solver.y().toDoubles(), problem.lowerSolution(x)));
        final Reals z = solver.z();
        if (z != null) {
            numbers.put("systemError", distance(z.toDoubles(), problem.systemSolution(x)));
        }
        return numbers;
    }

    private static double distance(final double[] a, final double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    @Override
    public Parameters upperLayout() {
        return problem.upperLayout();
    }

    @Override
    public Parameters lowerLayout() {
        return problem.lowerLayout();
    }

    @Override
    public void describe(final ObjectNode data) {
        data.put("name", problem.upperSize() + " upper and " + problem.lowerSize() + " lower variables");
    }

    /** Everything is in the settings. */
    @Override
    public long dataFingerprint() {
        return 0;
    }

    @Override
    public void finish(final RunDirectory directory, final Solver solver, final ObjectNode summary) {
        summary.put("problem", settings.problem());
        judge(solver).forEach(summary::put);
    }

    @Override
    public List<String> headline(final ObjectNode summary) {
        final StringBuilder line = new StringBuilder(settings.solver() + ": ");
        line.append(said(criterion, summary));
        for (final Criterion other : List.of(STATIONARITY, GAP, DISTANCE)) {
            if (!other.equals(criterion) && summary.has(other.key())) {
                line.append(", ").append(said(other, summary));
            }
        }
        return List.of(line.toString());
    }

    private static String said(final Criterion criterion, final ObjectNode summary) {
        return criterion.name() + " = "
                + criterion.format(summary.path(criterion.key()).asDouble(Double.NaN));
    }
}
