package borep.experiment;

import borep.problem.MdpTables;
import borep.problem.TabularMdp;

/** {@link TabularMdp}: rewards of an entropy-regularised decision process with known tables. */
final class MdpExperiment {
    static final ExperimentKind KIND = new SolvedExperiment.Kind<>(
            "mdp",
            "rewards whose soft-optimal policy is the wanted one, in an entropy-regularised decision process",
            SolvedExperiment.STATIONARITY,
            2000,
            new StepSizes("0.2/power:0.5", "0.02/power:0.3", "0.5", "0.2", "0.2"),
            new Settings(Instance.IMITATION, 10, 5, 20, .5, 1, 1),
            (device, own, seed) -> new TabularMdp(device, own.tables()),
            own -> SolvedExperiment.Noise.of(0));

    private MdpExperiment() {}

    /** Which decision process. */
    public enum Instance {
        /** A demonstrator's policy is to be imitated: Φ is 0 at the rewards that it has. */
        IMITATION,
        /** The synthetic one of the public M-SoBiRL code. */
        PUBLISHED
    }

    /**
     * Settings; nothing is random but which process it is.
     *
     * @param instance     which kind of process
     * @param states       S
     * @param actions      A
     * @param features     p, length of x
     * @param discount     γ in [0, 1)
     * @param temperature  τ, positive
     * @param instanceSeed which random one
     */
    public record Settings(
            Instance instance,
            int states,
            int actions,
            int features,
            double discount,
            double temperature,
            long instanceSeed) {
        /** Checks the ranges; the tables check those of γ and τ. */
        public Settings {
            RunSettings.atLeast("states", states, 1);
            RunSettings.atLeast("actions", actions, 1);
            RunSettings.atLeast("features", features, 1);
        }

        private MdpTables tables() {
            return instance == Instance.IMITATION
                    ? MdpTables.imitation(states, actions, features, discount, temperature, instanceSeed)
                    : MdpTables.published(states, actions, features, discount, temperature, instanceSeed);
        }
    }
}
