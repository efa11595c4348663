package borep.compare;

import borep.data.DataException;
import borep.experiment.ExperimentKind;
import borep.experiment.Experiments;
import borep.experiment.RunSettings;
import borep.report.Criterion;
import borep.solver.Hyperparameters;
import borep.solver.Solvers;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What is compared: several solvers on one problem, each with several seeds.
 *
 * @param settings of every run, but for solver and seed
 * @param solvers  their names, each once
 * @param seeds    each once
 * @param own      settings of each solver that differ from its defaults
 * @param trials   runs of the search for each solver's step sizes; 0: none
 * @param trialSteps iterations of such a run
 * @param folder   of all files
 */
public record Contest(
        RunSettings settings,
        List<String> solvers,
        List<Long> seeds,
        Map<String, Map<String, String>> own,
        int trials,
        int trialSteps,
        Path folder) {
    private static final int FEWEST_TRIAL_STEPS = 20;

    /**
     * Puts a contest together.
     *
     * @param problem one that {@link Experiments} knows
     * @param changes settings by name: of every run, of every solver that knows the name, or, as {@code solver.name}, of one
     * @throws DataException for a name or value that nobody knows
     */
    public static Contest of(
            final String problem,
            final List<String> solvers,
            final List<Long> seeds,
            final Map<String, String> changes,
            final int trials,
            final Path folder) {
        final ExperimentKind kind = Experiments.kind(problem);
        final Map<String, String> known = kind.settings();
        final Map<String, String> common = new LinkedHashMap<>(kind.comparisonSettings());
        common.put("threads", "1");
        final Map<String, Map<String, String>> own = new LinkedHashMap<>();
        for (final String solver : solvers) {
            if (!Solvers.exists(solver)) {
                throw new DataException("solver '" + solver + "': unknown; 'borep solvers' lists all");
            }
            if (own.put(solver, new LinkedHashMap<>(kind.solverPreset(solver))) != null) {
                throw new DataException("solver '" + solver + "': is given twice");
            }
        }
        if (changes.containsKey("epochs") && changes.containsKey("steps")) {
            throw new DataException("epochs " + changes.get("epochs")
                    + ": take the place of steps, which are given too; give one of both");
        }
        changes.forEach((name, value) -> {
            if (name.equals("solver") || name.equals("seed")) {
                throw new DataException("setting '" + name + "': is every run's own; give --" + name + "s");
            }
            if (known.containsKey(name)) {
                common.put(name, value);
            } else if (!give(name, value, own)) {
                throw new DataException("setting '" + name
                        + "': neither the runs nor any of the solvers know it; 'borep solvers NAME' lists a solver's");
            }
        });
        try {
            own.forEach((solver, settings) ->
                    Hyperparameters.with(Solvers.kind(solver).defaults(), settings));
            final RunSettings settings = kind.preset().with(common);
            final int quarter = Math.max(FEWEST_TRIAL_STEPS, settings.steps() / 4);
            return new Contest(settings, solvers, seeds, own, trials, quarter, folder);
        } catch (IllegalArgumentException e) {
            throw new DataException(e.getMessage());
        }
    }

    /** Whether some solver takes the setting. */
    private static boolean give(final String name, final String value, final Map<String, Map<String, String>> own) {
        final int dot = name.indexOf('.');
        final String first = dot < 0 ? "" : name.substring(0, dot);
        if (own.containsKey(first)) {
            own.get(first).put(name.substring(dot + 1), value);
            return true;
        }
        boolean taken = false;
        for (final Map.Entry<String, Map<String, String>> entry : own.entrySet()) {
            if (Solvers.kind(entry.getKey()).settings().containsKey(name)) {
                entry.getValue().put(name, value);
                taken = true;
            }
        }
        return taken;
    }

    /** The number everybody is judged by. */
    Criterion criterion() {
        return Experiments.kind(settings.problem()).criterion();
    }

    /** The same contest with other settings of the solvers. */
    Contest with(final SequencedMap<String, Map<String, String>> tuned) {
        return new Contest(settings, solvers, seeds, tuned, 0, trialSteps, folder);
    }

    /** The same contest with runs of another length to search the step sizes with. */
    public Contest withTrialSteps(final int steps) {
        return new Contest(settings, solvers, seeds, own, trials, steps, folder);
    }

    Path folderOf(final String solver, final long seed) {
        return folder.resolve(solver).resolve("seed-" + seed);
    }
}
