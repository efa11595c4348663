package borep.experiment;

import borep.device.Device;
import borep.report.Criterion;
import borep.solver.Hyperparameters;
import java.util.Map;

/** A problem of the command line: all that {@code borep run} and {@code borep compare} have to know of it before it runs. */
public interface ExperimentKind {
    /** What the command line calls it. */
    String name();

    /** What is solved, in one line. */
    String summary();

    /** The settings that every run starts from. */
    RunSettings preset();

    /** Settings of a solver that differ from its own defaults because of the problem; only names that the solver knows. */
    Map<String, String> solverPreset(String solver);

    /** What runs are judged by: a number that every evaluation writes into the trace. */
    Criterion criterion();

    /**
     * What a search for step sizes judges its trials by: a number in the trace that knows nothing of test data. By default the upper
     * objective f(x, y_k), which the solver is there to minimise; where y maximises it, f is low when y lags, and says little of x.
     */
    default Criterion searched() {
        return Criterion.UPPER_OBJECTIVE;
    }

    /** Settings of runs that are only there to be compared: without what each would do beside solving. */
    default Map<String, String> comparisonSettings() {
        return Map.of();
    }

    /** The settings that the problem is run by, with their presets. */
    default Map<String, String> settings() {
        return Hyperparameters.describe(preset());
    }

    /** Of data and vectors that these settings name, which are read for it: as {@link Experiment#dataFingerprint}. */
    default long dataFingerprint(RunSettings settings) {
        return 0;
    }

    /**
     * Reads what {@link #open} would begin with, so that it need not: called in another thread while the device opens. Most have little to
     * read.
     *
     * @throws RuntimeException as {@link #open}
     */
    default void readAhead(RunSettings settings) {}

    /**
     * Reads the data and prepares the phases.
     *
     * @param settings       of the run, with {@code own} of the preset's type
     * @param solverSettings of its solver, complete
     * @throws IllegalArgumentException or {@link borep.data.DataException} with one sentence for what does not fit together
     */
    Experiment open(Device device, RunSettings settings, Map<String, String> solverSettings);
}
