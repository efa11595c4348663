package borep.compare;

import borep.device.Philox;
import borep.device.Schedule;
import borep.experiment.Experiments;
import borep.experiment.RunSettings;
import borep.report.Criterion;
import borep.solver.Hyperparameters;
import borep.solver.Solvers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The same small search for every solver: N short runs, the first with the settings as given, the others with every step size multiplied by
 * a factor of its own. Those of the last run are log-uniform in [1/30, 30], those of the i-th in a box that is i/(N − 1) times as wide: with few
 * runs and several step sizes a search that only looks far would find nothing, and one that only looks near would leave a solver with a poor start.
 * The best run is the one that is best on average over its last quarter by what the problem says ({@link borep.experiment.ExperimentKind#searched}); a run that
 * diverges is never the best.
 */
final class StepSizeSearch {
    /** Trials use a seed that no compared run has. */
    static final long SEED = 990_001;

    private static final double RANGE = Math.log(30);
    private static final int PURPOSE = 0x54554E45;

    /** Evaluations of a trial, where it is judged by them: two in its last quarter. */
    private static final int EVALUATIONS = 8;

    private final Contest contest;
    private final Criterion criterion;
    private final RunSettings settings;

    StepSizeSearch(final Contest contest) {
        this.contest = contest;
        criterion = Experiments.kind(contest.settings().problem()).searched();
        final int steps = contest.trialSteps();
        final int every = criterion.equals(Criterion.UPPER_OBJECTIVE) ? steps : Math.max(1, steps / EVALUATIONS);
        settings = Hyperparameters.with(
                contest.settings(), Map.of("steps", Integer.toString(steps), "evaluateEvery", Integer.toString(every)));
    }

    /** Iterations of a trial. */
    int steps() {
        return settings.steps();
    }

    List<Cell> trials(final String solver) {
        final List<Cell> cells = new ArrayList<>();
        for (int trial = 0; trial < contest.trials(); trial++) {
            final Path folder =
                    contest.folder().resolve("tuning").resolve(solver).resolve("trial-" + trial);
            cells.add(new Cell(settings, solver, SEED, candidate(solver, trial), folder));
        }
        return cells;
    }

    /** Settings of a trial. */
    Map<String, String> candidate(final String solver, final int trial) {
        final Map<String, String> given = contest.own().get(solver);
        final Map<String, String> changed = new LinkedHashMap<>(given);
        if (trial == 0) {
            return changed;
        }
        final Map<String, String> complete = Hyperparameters.describe(
                Hyperparameters.with(Solvers.kind(solver).defaults(), given));
        int lane = 0;
        for (final String name : stepSizes(solver)) {
            final Schedule schedule = Schedule.parse(complete.get(name));
            final double width = RANGE * trial / (contest.trials() - 1);
            final double factor = Math.exp(width * (2 * Philox.uniform(SEED, trial, PURPOSE, lane++) - 1));
            final double initial = Double.parseDouble(String.format(Locale.ROOT, "%.3g", schedule.initial() * factor));
            changed.put(name, new Schedule(schedule.kind(), initial, schedule.period(), schedule.factor()).toString());
        }
        return changed;
    }

    /** The settings that are schedules of step sizes: weights of averages are none. */
    private static List<String> stepSizes(final String solver) {
        final List<String> names = new ArrayList<>();
        for (final var component : Solvers.kind(solver).defaults().getClass().getRecordComponents()) {
            if (component.getType() == Schedule.class && !component.getName().startsWith("weight")) {
                names.add(component.getName());
            }
        }
        return names;
    }

    /** The best of the trials that have been run. */
    Map<String, String> best(final String solver) {
        int best = 0;
        double lowest = Double.POSITIVE_INFINITY;
        final List<Cell> cells = trials(solver);
        for (int trial = 0; trial < cells.size(); trial++) {
            final double value = cells.get(trial).hasDiverged() ? Double.POSITIVE_INFINITY : judge(cells.get(trial));
            if (value < lowest) {
                lowest = value;
                best = trial;
            }
        }
        return candidate(solver, best);
    }

    /** The mean over the last quarter of the lines that have the number, the smaller the better. */
    private double judge(final Cell cell) {
        final double[] costs = cell.trace().stream()
                .filter(line -> line.has(criterion.key()))
                .mapToDouble(line -> criterion.cost(line.path(criterion.key()).asDouble(Double.NaN)))
                .toArray();
        final double mean =
                Arrays.stream(costs).skip(costs.length * 3L / 4).average().orElse(Double.NaN);
        return Double.isNaN(mean) ? Double.POSITIVE_INFINITY : mean;
    }
}
