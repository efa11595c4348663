package borep.experiment;

import borep.data.DataException;
import borep.data.Tokeniser;
import borep.data.UnknownWords;
import borep.kernel.Loss;
import borep.kernel.Pooling;
import borep.problem.HyperparameterOptimisation;
import borep.solver.Solvers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where every run starts from: settings per problem that work on ordinary sentences. */
public final class Presets {
    /** The problems by the names of the command line. */
    public static final List<String> PROBLEMS = List.of("hyper-cleaning", "hyper-representation", "hyperparameter");

    private static final RunSettings.Text TEXT =
            new RunSettings.Text(Tokeniser.Kind.WORDS, true, 64, UnknownWords.MEAN, false, "0.7/0.1/0.2");
    private static final RunSettings.Network NETWORK =
            new RunSettings.Network(RunSettings.Cell.LSTM, 64, 1, false, Pooling.Mode.MAX, "", true);
    private static final RunSettings.Cleaning CLEANING = new RunSettings.Cleaning(0.4, 0, true);
    private static final RunSettings.Tasks TASKS = new RunSettings.Tasks(
            true, 40, 10, 0.5, false, HyperparameterOptimisation.Coefficient.EXPONENTIAL, -7, true, 0.5);

    private Presets() {}

    /**
     * The settings of a problem.
     *
     * @throws DataException for an unknown problem, listing the known ones
     */
    public static RunSettings run(final String problem) {
        return switch (problem) {
            case "hyper-cleaning" ->
                new RunSettings(
                        problem,
                        "bo-rep",
                        "glosses",
                        "embedded",
                        1,
                        "auto",
                        0,
                        400,
                        0,
                        50,
                        TEXT,
                        NETWORK,
                        new RunSettings.Levels(128, 128, Loss.Regulariser.SQUARED, 1e-4),
                        CLEANING,
                        TASKS);
            case "hyper-representation" ->
                new RunSettings(
                        problem,
                        "bo-rep",
                        "verbs",
                        "embedded",
                        1,
                        "auto",
                        0,
                        300,
                        0,
                        50,
                        TEXT,
                        NETWORK,
                        new RunSettings.Levels(20, 20, Loss.Regulariser.SQUARED, 1e-3),
                        CLEANING,
                        TASKS);
            case "hyperparameter" ->
                new RunSettings(
                        problem,
                        "bo-rep",
                        "verbs",
                        "embedded",
                        1,
                        "auto",
                        0,
                        400,
                        0,
                        50,
                        TEXT,
                        NETWORK,
                        new RunSettings.Levels(50, 50, Loss.Regulariser.SQUARED, 0),
                        CLEANING,
                        TASKS);
            default ->
                throw new DataException("problem '" + problem + "': must be one of " + String.join(", ", PROBLEMS));
        };
    }

    /** Settings of the solver that differ from its own defaults because of the problem. */
    public static Map<String, String> solver(final String problem, final String solver) {
        if (!Solvers.exists(solver)) {
            return Map.of(); // whoever makes the solver says so
        }
        final Map<String, String> settings = new LinkedHashMap<>(
                switch (problem) {
                    case "hyper-cleaning" -> Map.of("alpha", "1.5", "gamma", "0.5", "refinement.step", "1.5");
                    case "hyper-representation" -> Map.of("alpha", "0.5", "gamma", "0.2", "official.tasks", "4");
                    default -> Map.of("alpha", "0.5", "gamma", "0.05");
                });
        settings.put("neumann.step", settings.get("gamma"));
        settings.put("hessianStep", settings.get("gamma"));
        settings.put("eta", upperStep(problem, solver));
        if (solver.equals("f2sa")) { // its y sees a lower level λ times as steep, its w the plain one
            settings.put("gamma", settings.get("alpha"));
            settings.put("alpha", Double.toString(Double.parseDouble(settings.get("alpha")) / 3));
        }
        settings.keySet().retainAll(Solvers.kind(solver).settings().keySet());
        return settings;
    }

    /**
     * A length for methods that normalise, a length of a coordinate for Adam, a factor of the hypergradient for the others: that of
     * hyper-cleaning has a norm near 0.002, because every weight is one of thousands.
     */
    private static String upperStep(final String problem, final String solver) {
        final int kind = switch (solver) {
            case "bo-rep", "slip", "accbo" -> 0;
            case "adambo", "vr-adambo" -> 1;
            default -> 2;
        };
        return switch (problem) {
            case "hyper-cleaning" -> List.of("5", "0.1", "1500").get(kind);
            case "hyper-representation" ->
                List.of("0.1/step:100:0.4", "0.002", "0.5").get(kind);
            default -> List.of("0.02", "0.02", "0.5").get(kind);
        };
    }
}
