package borep.experiment;

import borep.data.DataException;
import java.util.List;

/** The registry: every problem by the name the command line knows. A new one is one class and one line here. */
public final class Experiments {
    private static final List<ExperimentKind> ALL = List.of(
            HyperCleaningExperiment.KIND, //
            HyperRepresentationExperiment.KIND,
            HyperparameterExperiment.KIND,
            SoftmaxCleaningExperiment.KIND,
            RegularisationExperiment.KIND,
            AucExperiment.KIND,
            QuadraticExperiment.KIND,
            QuadraticSumExperiment.KIND,
            DecentralisedQuadraticExperiment.KIND,
            RidgeExperiment.KIND,
            CoshExperiment.KIND,
            QuarticExperiment.KIND,
            LinearRecurrenceExperiment.KIND,
            UniformlyConvexExperiment.KIND,
            LogSumExpExperiment.KIND,
            AucMinMaxExperiment.KIND,
            PhaseRetrievalExperiment.KIND,
            MdpExperiment.KIND);

    private Experiments() {}

    /** All kinds, in the order of {@code --help}. */
    public static List<ExperimentKind> kinds() {
        return ALL;
    }

    /** Their names. */
    public static List<String> names() {
        return ALL.stream().map(ExperimentKind::name).toList();
    }

    /**
     * The kind of this name.
     *
     * @throws DataException for an unknown one, listing the known ones
     */
    public static ExperimentKind kind(final String name) {
        return ALL.stream()
                .filter(kind -> kind.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new DataException("problem '" + name + "': must be one of " + String.join(", ", names())));
    }
}
