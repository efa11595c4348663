package borep.experiment;

import borep.data.DataException;
import borep.data.Safetensors;
import borep.device.Reals;
import borep.model.Parameters;
import borep.solver.DivergedException;
import borep.solver.Solver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Where a run can go on: a safetensors file with the solver's vectors, cut into tensors under PyTorch's names (x and y plainly,
 * other vectors behind their own name and a dot), and its counters as metadata. A resumed run is the same run bit for bit.
 *
 * @param phase       number of the phase, from 0
 * @param iteration   iterations done in it
 * @param seconds     of computing so far, over all phases
 * @param solverSeconds of them, what the solver of this phase has stepped
 * @param oracleCalls of this phase's solver
 * @param fingerprint of settings and data; another run's checkpoint is refused
 */
record Checkpoint(
        int phase, long iteration, double seconds, double solverSeconds, long oracleCalls, String fingerprint) {
    static final String FILE = "checkpoint.safetensors";
    private static final String FORMAT = "borep-checkpoint/2";

    /**
     * Writes the solver's state beside these counters, atomically.
     *
     * @throws DivergedException if a number in it is not finite; what was there before is kept
     */
    void write(
            final Path file,
            final Solver solver,
            final Parameters upper,
            final Parameters lower,
            final boolean single) {
        final SequencedMap<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        for (final Map.Entry<String, Reals> vector : solver.state().entrySet()) {
            addTensors(vector.getKey(), vector.getValue(), iteration, upper, lower, single, tensors);
        }
        final SequencedMap<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("phase", Integer.toString(phase));
        metadata.put("iteration", Long.toString(iteration));
        metadata.put("seconds", Double.toString(seconds));
        metadata.put("solverSeconds", Double.toString(solverSeconds));
        metadata.put("oracleCalls", Long.toString(oracleCalls));
        metadata.put("fingerprint", fingerprint);
        Safetensors.write(file, metadata, tensors);
    }

    /**
     * Adds one vector of a solver as tensors.
     *
     * @throws DivergedException if a number in it is not finite: no run could go on from there
     */
    static void addTensors(
            final String name,
            final Reals vector,
            final long iteration,
            final Parameters upper,
            final Parameters lower,
            final boolean single,
            final Map<String, Safetensors.Tensor> tensors) {
        final Parameters layout = layout(name, vector.size(), upper, lower);
        final String prefix = name.equals("x") || name.equals("y") ? "" : name + ".";
        for (final Parameters.Entry entry : layout.entries()) {
            final double[] values = vector.slice(entry.offset(), entry.size()).toDoubles();
            for (final double value : values) {
                if (!Double.isFinite(value)) {
                    throw new DivergedException(iteration, "a number of " + prefix + entry.name(), value);
                }
            }
            tensors.put(prefix + entry.name(), Safetensors.Tensor.of(values, entry.shape(), single));
        }
    }

    /** That of x, that of y, or for a vector of another size (a multiplier, a small matrix) one tensor. */
    private static Parameters layout(
            final String name, final int size, final Parameters upper, final Parameters lower) {
        if (size == upper.size() && !isLower(name)) {
            return upper;
        }
        return size == lower.size() ? lower : Parameters.none().with("values", 1, size);
    }

    /** y and z are lower-level vectors even where both levels happen to have the same size. */
    private static boolean isLower(final String name) {
        return name.equals("y") || name.equals("z");
    }

    /** Reads the counters, or null if the run has no checkpoint yet. */
    static Checkpoint read(final Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        final Map<String, String> metadata = Safetensors.read(file).metadata();
        if (!FORMAT.equals(metadata.get("format"))) {
            throw new DataException(
                    file + ": is no checkpoint of this program (format " + metadata.getOrDefault("format", "none")
                            + "); restore the run's own file, or delete it to begin again");
        }
        try {
            return new Checkpoint(
                    Integer.parseInt(metadata.get("phase")),
                    Long.parseLong(metadata.get("iteration")),
                    Double.parseDouble(metadata.get("seconds")),
                    Double.parseDouble(metadata.get("solverSeconds")),
                    Long.parseLong(metadata.get("oracleCalls")),
                    metadata.get("fingerprint"));
        } catch (NumberFormatException | NullPointerException e) {
            throw new DataException(file + ": its counters are damaged; delete it to begin the run again");
        }
    }

    /** Puts the file's vectors and this iteration into a solver that has been initialised. */
    void restore(final Path file, final Solver solver, final Parameters upper, final Parameters lower) {
        final Safetensors tensors = Safetensors.read(file);
        for (final Map.Entry<String, Reals> vector : solver.state().entrySet()) {
            final String name = vector.getKey();
            final Parameters layout = layout(name, vector.getValue().size(), upper, lower);
            final String prefix = name.equals("x") || name.equals("y") ? "" : name + ".";
            for (final Parameters.Entry entry : layout.entries()) {
                final Safetensors.Tensor tensor = tensors.tensor(prefix + entry.name());
                if (!tensor.shape().equals(List.copyOf(entry.shape()))) {
                    throw new DataException(file + ": tensor '" + prefix + entry.name() + "' has shape "
                            + tensor.shape() + ", this run needs " + entry.shape() + "; it belongs to another run");
                }
                vector.getValue().slice(entry.offset(), entry.size()).set(tensor.toDoubles());
            }
        }
        solver.resume(iteration);
    }
}
