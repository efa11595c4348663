package borep.experiment;

import borep.data.DataException;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.solver.BoRep;
import borep.solver.BoRepSettings;
import borep.solver.Solver;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Optional;

/** The solver that a golden trajectory was made with: its algorithm's name and parameters, in this project's settings. */
final class TrajectorySolvers {
    private TrajectorySolvers() {}

    /** The case's metadata {@code params}, with one sentence about what is missing. */
    record Params(Path path, String variant, JsonNode json) {
        double number(final String name) {
            if (!json.path(name).isNumber()) {
                throw new DataException(path + ": params has no number '" + name + "'");
            }
            return json.path(name).asDouble();
        }

        double number(final String name, final double otherwise) {
            return json.path(name).isNumber() ? number(name) : otherwise;
        }

        int integer(final String name) {
            return (int) number(name);
        }

        int integer(final String name, final int otherwise) {
            return (int) number(name, otherwise);
        }

        boolean flag(final String name) {
            return json.path(name).asBoolean(false);
        }

        Schedule constant(final String name) {
            return Schedule.constant(number(name));
        }
    }

    /** The solver on {@code problem}; empty if there is no such solver yet. */
    static Optional<Solver> create(final String algorithm, final BilevelProblem problem, final Params params) {
        return Optional.ofNullable(
                switch (algorithm) {
                    case "bo_rep" -> new BoRep(problem, boRep(params), 0);
                    default -> null;
                });
    }

    private static BoRepSettings boRep(final Params params) {
        final boolean official = params.variant().startsWith("bo_rep-official");
        final int epochs = params.integer("refinement_epochs", 0);
        final BoRepSettings.Refinement refinement = new BoRepSettings.Refinement(
                epochs,
                epochs > 0 ? params.integer("T0", 1) : params.integer("warm", 0),
                params.number("alpha0", params.number("alpha", 1)),
                params.number("R0", Double.POSITIVE_INFINITY));
        return new BoRepSettings(
                params.constant("eta"),
                params.constant("alpha"),
                params.constant("gamma"),
                params.number("beta"),
                params.integer("I"),
                params.integer("N"),
                params.number("R", Double.POSITIVE_INFINITY),
                params.flag("average"),
                BoRepSettings.Sampling.INDEPENDENT,
                refinement,
                official
                        ? new BoRepSettings.Official(true, true, false, true, false, false, false, 1, false, false)
                        : BoRepSettings.Official.NONE);
    }
}
