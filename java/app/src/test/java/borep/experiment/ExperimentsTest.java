package borep.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Schedule;
import borep.solver.Hyperparameters;
import borep.solver.Solvers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every registered problem promises. */
class ExperimentsTest {
    static Iterable<ExperimentKind> kinds() {
        return Experiments.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void namesItselfOnce(final ExperimentKind kind) {
        assertTrue(kind.name().matches("[a-z0-9-]+"), kind.name());
        assertEquals(kind.name(), kind.preset().problem());
        assertEquals(kind, Experiments.kind(kind.name()));
        assertFalse(kind.summary().isBlank() || kind.summary().contains("\n"), kind.summary());
    }

    /** {@code --set name=value} goes to the run if it knows the name, else to the solver: nobody may shadow the other. */
    @ParameterizedTest
    @MethodSource("kinds")
    void sharesNoSettingWithASolver(final ExperimentKind kind) {
        for (final Solvers.Kind solver : Solvers.kinds()) {
            final Set<String> both = new HashSet<>(solver.settings().keySet());
            both.retainAll(Hyperparameters.describe(kind.preset()).keySet());
            assertEquals(Set.of(), both, kind.name() + " and " + solver.name());
        }
    }

    /** Presets are settings that the solver knows and takes. */
    @ParameterizedTest
    @MethodSource("kinds")
    void presetsSuitEverySolver(final ExperimentKind kind) {
        for (final Solvers.Kind solver : Solvers.kinds()) {
            final Map<String, String> preset = kind.solverPreset(solver.name());
            assertTrue(preset.containsKey("eta"), solver.name());
            Hyperparameters.with(solver.defaults(), preset);
        }
    }

    /** Steps that a solver's analysis wants to decay do so from where the problem lets them begin. */
    @ParameterizedTest
    @MethodSource("kinds")
    void presetsKeepTheDecayOfAnAnalysis(final ExperimentKind kind) {
        for (final String solver : List.of("ttsa", "bsa", "sustain", "mrbo")) {
            final Schedule own = Schedule.parse(Solvers.kind(solver).settings().get("eta"));
            final Schedule preset = Schedule.parse(kind.solverPreset(solver).get("eta"));
            assertEquals(Schedule.Kind.POWER, preset.kind(), solver);
            assertEquals(own.factor(), preset.factor(), solver);
        }
    }

    /** Settings read back from their texts are the same: config.json holds a run whole. */
    @ParameterizedTest
    @MethodSource("kinds")
    void settingsSurviveConfigJson(final ExperimentKind kind) {
        assertEquals(kind.preset(), Hyperparameters.with(kind.preset(), Hyperparameters.describe(kind.preset())));
        assertEquals(
                Set.of(),
                Hyperparameters.describe(kind.preset()).keySet().stream()
                        .filter(name -> name.startsWith("own."))
                        .collect(java.util.stream.Collectors.toSet()));
        assertTrue(Hyperparameters.describe(Hyperparameters.with(kind.preset(), kind.comparisonSettings()))
                .entrySet()
                .containsAll(kind.comparisonSettings().entrySet()));
    }

    /** What it is asked to leave out, it knows; what is another problem's own, it does not. */
    @ParameterizedTest
    @MethodSource("kinds")
    void knowsItsOwnSettings(final ExperimentKind kind) {
        final Set<String> names = kind.settings().keySet();
        assertTrue(Hyperparameters.describe(kind.preset()).keySet().containsAll(names));
        assertTrue(names.containsAll(kind.comparisonSettings().keySet()));
        assertEquals(
                Set.of("hyper-cleaning", "softmax-cleaning").contains(kind.name()), names.contains("cleaning.noise"));
        assertEquals(kind.name().equals("auc"), names.contains("auc.imbalance"));
    }

    /** Data that differ in the second texts alone are other data. */
    @Test
    void fingerprintsDependOnPairs(@TempDir final Path folder) throws IOException {
        final ExperimentKind kind = Experiments.kind("hyper-cleaning");
        final Path texts = folder.resolve("texts.csv");
        final Path vectors = Files.writeString(folder.resolve("vectors.txt"), "warm 1 0\ncold 0 1\nday 1 1\ntea 2 1\n");
        final RunSettings settings =
                kind.preset().with(Map.of("data", texts + ",pair=pair", "embeddings", vectors.toString()));
        final Set<Long> fingerprints = new HashSet<>();
        for (final String pair : List.of("warm", "cold")) {
            Files.writeString(texts, "text,pair,label\nwarm cold day tea," + pair + " day,yes\ntea,cold warm,no\n");
            Files.setLastModifiedTime(texts, FileTime.fromMillis(fingerprints.size())); // or it is not read again
            fingerprints.add(kind.dataFingerprint(settings));
        }
        assertEquals(2, fingerprints.size());
    }
}
