package borep.solver;

import borep.problem.BilevelProblem;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** The registry: every solver by the name the command line knows. A new solver is one file and one line here. */
public final class Solvers {
    /** Makes a solver of one kind. */
    @FunctionalInterface
    private interface Factory<R extends Record> {
        Solver create(BilevelProblem problem, R settings, long seed);
    }

    /**
     * One kind of solver.
     *
     * @param name     for example {@code bo-rep}
     * @param paper    authors, title, venue, year
     * @param oracles  what it asks of a problem in one iteration
     * @param defaults its settings record with the default values
     */
    public record Kind(String name, String paper, String oracles, Record defaults) {
        /** The default settings as name-value texts. */
        public SequencedMap<String, String> settings() {
            return Hyperparameters.describe(defaults);
        }
    }

    private record Entry<R extends Record>(Kind kind, Factory<R> factory) {
        Solver create(final BilevelProblem problem, final Map<String, String> values, final long seed) {
            @SuppressWarnings("unchecked")
            final R defaults = (R) kind.defaults();
            return factory.create(problem, Hyperparameters.with(defaults, values), seed);
        }
    }

    private static final List<Entry<?>> ENTRIES = List.of(new Entry<BoRepSettings>(
            new Kind(
                    "bo-rep",
                    "Hao, Gong, Liu: Bilevel Optimization under Unbounded Smoothness, ICLR 2024",
                    "1 ∇_y f, 1 ∇_x f, 1 ∇²_yy g·z, 1 ∇²_xy g·z; every I-th iteration N ∇_y g",
                    BoRepSettings.DEFAULT),
            BoRep::new));

    private Solvers() {}

    /** All kinds. */
    public static List<Kind> kinds() {
        return ENTRIES.stream().map(Entry::kind).<Kind>map(kind -> kind).toList();
    }

    /** Whether a solver of this name exists. */
    public static boolean exists(final String name) {
        return kinds().stream().anyMatch(kind -> kind.name().equals(name));
    }

    /**
     * A new solver, not yet initialised.
     *
     * @param values settings that differ from the defaults
     * @throws IllegalArgumentException for an unknown name or setting, listing the known ones
     */
    public static Solver create(
            final String name, final BilevelProblem problem, final Map<String, String> values, final long seed) {
        return entry(name).create(problem, values, seed);
    }

    /** The kind of this name; as {@link #create} for an unknown one. */
    public static Kind kind(final String name) {
        return entry(name).kind();
    }

    private static Entry<?> entry(final String name) {
        for (final Entry<?> entry : ENTRIES) {
            if (entry.kind().name().equals(name)) {
                return entry;
            }
        }
        throw new IllegalArgumentException("solver '" + name + "': unknown; known are "
                + String.join(", ", kinds().stream().map(Kind::name).toList()));
    }
}
