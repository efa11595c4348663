package borep.experiment;

import borep.data.DataException;
import borep.data.Safetensors;
import borep.device.Device;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Compares a device with golden cases, file by file. */
public final class Verification {
    /** Below this norm of the reference the error is absolute. */
    private static final double NEGLIGIBLE = 1e-12;

    private static final double ORACLE_FLOAT64 = 1e-10;
    private static final double ORACLE_FLOAT32 = 1e-5;
    private static final double SECOND_ORDER_FLOAT32 = 5e-5;
    private static final double TRAJECTORY_FLOAT64 = 1e-9;
    private static final double TRAJECTORY_FLOAT32 = 5e-4;
    /** Of all cases, where operands of products are rounded. */
    private static final double TF32 = 2e-3;

    private static final double BF16 = 2e-2;

    private final Device device;

    /** Compares this device. */
    public Verification(final Device device) {
        this.device = device;
    }

    /**
     * What came of one file.
     *
     * @param status passed, failed, or no solver of the case's algorithm exists yet
     * @param errors relative error by tensor; empty without a solver
     * @param text   one line for people
     */
    public record Outcome(Status status, SequencedMap<String, Double> errors, String text) {}

    /** How a case ended. */
    public enum Status {
        /** Every tensor within its tolerance. */
        PASSED,
        /** Some tensor outside its tolerance. */
        FAILED,
        /** Nothing could be compared. */
        NO_SOLVER
    }

    /**
     * Runs one case.
     *
     * @throws DataException if the file is not a golden case
     */
    public Outcome verify(final Path path) {
        final Safetensors file = Safetensors.read(path);
        final String format = file.metadata().getOrDefault("format", "none");
        return switch (format) {
            case "borep-golden-oracle/1" -> judge(path, new OracleCase(path, file, device).check(), true);
            case "borep-golden-trajectory/1" -> trajectory(path, new TrajectoryCase(path, file, device));
            default ->
                throw new DataException(path + ": metadata 'format' is " + format
                        + ": must be borep-golden-oracle/1 or borep-golden-trajectory/1");
        };
    }

    private Outcome trajectory(final Path path, final TrajectoryCase trajectory) {
        final Optional<SequencedMap<String, Double>> errors = trajectory.check();
        if (errors.isPresent()) {
            return judge(path, errors.get(), false);
        }
        final String text = "no solver " + path.getFileName() + "  algorithm '" + trajectory.algorithm()
                + "' does not exist yet: not compared";
        return new Outcome(Status.NO_SOLVER, new LinkedHashMap<>(), text);
    }

    private Outcome judge(final Path path, final SequencedMap<String, Double> errors, final boolean oracle) {
        final StringBuilder line = new StringBuilder();
        boolean good = true;
        for (final Map.Entry<String, Double> error : errors.entrySet()) {
            final double tolerance = tolerance(error.getKey(), oracle);
            final boolean within = error.getValue() <= tolerance; // false for NaN
            good &= within;
            line.append("  ").append(error.getKey()).append(' ').append("%.1e".formatted(error.getValue()));
            if (!within) {
                line.append(" > ").append("%.0e".formatted(tolerance));
            }
        }
        return new Outcome(
                good ? Status.PASSED : Status.FAILED,
                errors,
                (good ? "ok     " : "FAILED ") + path.getFileName() + line);
    }

    private double tolerance(final String tensor, final boolean oracle) {
        return switch (device.productBits()) {
            case 52 -> oracle ? ORACLE_FLOAT64 : TRAJECTORY_FLOAT64;
            case 23 -> oracle ? float32(tensor) : TRAJECTORY_FLOAT32;
            case 10 -> TF32;
            default -> BF16;
        };
    }

    private static double float32(final String tensor) {
        return tensor.equals("g.hvp_yy") || tensor.equals("g.jvp_xy") ? SECOND_ORDER_FLOAT32 : ORACLE_FLOAT32;
    }

    /** ‖out − reference‖ / ‖reference‖, absolute where the reference is negligible; NaN if anything is. */
    static double relativeError(final double[] out, final double[] reference) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < reference.length; i++) {
            difference += (out[i] - reference[i]) * (out[i] - reference[i]);
            norm += reference[i] * reference[i];
        }
        final double scale = Math.sqrt(norm);
        return Math.sqrt(difference) / (scale < NEGLIGIBLE ? 1 : scale);
    }

    /** The larger error; NaN if one of them is. */
    static double worse(final double a, final double b) {
        return Math.max(a, b);
    }
}
