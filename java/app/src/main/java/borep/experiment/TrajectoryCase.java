package borep.experiment;

import borep.data.DataException;
import borep.data.Safetensors;
import borep.device.Device;
import borep.problem.Quadratic;
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
        final String variant = file.metadata().getOrDefault("variant", "");
        return TrajectorySolvers.create(algorithm(), problem, new TrajectorySolvers.Params(path, variant, params));
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
