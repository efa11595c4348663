package borep.experiment;

import borep.data.DataException;
import borep.data.Safetensors;
import borep.device.Device;
import borep.device.Schedule;
import borep.problem.Quadratic;
import borep.solver.BoRep;
import borep.solver.BoRepSettings;
import borep.solver.Solver;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/** A golden solver run ({@code borep-golden-trajectory/1}) on the quadratic-cosh problem, compared after every step. */
final class TrajectoryCase {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final Safetensors file;
    private final Device device;

    TrajectoryCase(final Path path, final Safetensors file, final Device device) {
        this.path = path;
        this.file = file;
        this.device = device;
    }

    /** The file's name for the algorithm, for example {@code bo_rep}. */
    String algorithm() {
        return file.metadata().getOrDefault("algorithm", "");
    }

    /** Largest relative error of a row by vector; empty if there is no such solver yet. */
    Optional<SequencedMap<String, Double>> check() {
        final Optional<Solver> made = solver(new Quadratic(device, data()));
        if (made.isEmpty()) {
            return Optional.empty();
        }
        final Solver solver = made.get();
        final double[][] x = matrix("x");
        final double[][] y = matrix("y");
        final double[][] z = matrix("z");
        final SequencedMap<String, Double> errors = new LinkedHashMap<>();
        solver.initialise();
        for (int row = 0; row < x.length; row++) {
            solver.step();
            errors.merge("x", Verification.relativeError(solver.x().toDoubles(), x[row]), Verification::worse);
            errors.merge("y", Verification.relativeError(solver.y().toDoubles(), y[row]), Verification::worse);
            if (solver.z() != null) {
                errors.merge("z", Verification.relativeError(solver.z().toDoubles(), z[row]), Verification::worse);
            }
        }
        return Optional.of(errors);
    }

    private Optional<Solver> solver(final Quadratic problem) {
        final JsonNode params;
        try {
            params = JSON.readTree(file.metadata().getOrDefault("params", "{}"));
        } catch (JsonProcessingException e) {
            throw new DataException(path + ": metadata 'params' is not JSON: " + e.getOriginalMessage());
        }
        if (algorithm().equals("bo_rep")) {
            return Optional.of(new BoRep(problem, boRep(params), 0));
        }
        return Optional.empty();
    }

    private BoRepSettings boRep(final JsonNode params) {
        final boolean official = file.metadata().getOrDefault("variant", "").startsWith("bo_rep-official");
        final int epochs = params.path("refinement_epochs").asInt(0);
        final BoRepSettings.Refinement refinement = new BoRepSettings.Refinement(
                epochs,
                epochs > 0
                        ? number(params, "T0", 1).intValue()
                        : number(params, "warm", 0).intValue(),
                number(params, "alpha0", number(params, "alpha", 1)),
                number(params, "R0", Double.POSITIVE_INFINITY));
        return new BoRepSettings(
                Schedule.constant(number(params, "eta", null)),
                Schedule.constant(number(params, "alpha", null)),
                Schedule.constant(number(params, "gamma", null)),
                number(params, "beta", null),
                number(params, "I", null).intValue(),
                number(params, "N", null).intValue(),
                number(params, "R", Double.POSITIVE_INFINITY),
                params.path("average").asBoolean(false),
                BoRepSettings.Sampling.INDEPENDENT,
                refinement,
                official
                        ? new BoRepSettings.Official(true, true, false, true, false, false, false, 1, false, false)
                        : BoRepSettings.Official.NONE);
    }

    private Double number(final JsonNode params, final String name, final Double otherwise) {
        if (params.path(name).isNumber()) {
            return params.path(name).asDouble();
        }
        if (otherwise == null) {
            throw new DataException(path + ": params has no number '" + name + "'");
        }
        return otherwise;
    }

    private Double number(final JsonNode params, final String name, final double otherwise) {
        return number(params, name, Double.valueOf(otherwise));
    }

    private Quadratic.Data data() {
        return new Quadratic.Data(
                matrix("A"),
                matrix("B"),
                file.tensor("c").toDoubles(),
                matrix("C"),
                file.tensor("d").toDoubles(),
                file.tensor("rho").toDoubles()[0],
                file.tensor("kappa").toDoubles()[0],
                file.tensor("x0").toDoubles());
    }

    private double[][] matrix(final String name) {
        final Safetensors.Tensor tensor = file.tensor(name);
        if (tensor.shape().size() != 2) {
            throw new DataException(
                    path + ": tensor '" + name + "' has shape " + tensor.shape() + ": must be a matrix");
        }
        final int columns = tensor.shape().get(1);
        final double[] flat = tensor.toDoubles();
        final double[][] rows = new double[tensor.shape().get(0)][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(flat, row * columns, (row + 1) * columns);
        }
        return rows;
    }
}
