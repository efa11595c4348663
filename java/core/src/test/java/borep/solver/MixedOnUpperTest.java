package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.Decentralised;
import borep.problem.NoisyProblem;
import borep.problem.SoftmaxCleaning;
import borep.problem.cases.ProblemCases;
import borep.problem.cases.SolvedProblemCases;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The public codes' mixed term on the upper level's sample, where g has no such sample: one sentence before anything runs. */
class MixedOnUpperTest {
    private final Device device = new ReferenceDevice();

    @ParameterizedTest
    @ValueSource(strings = {"bo-rep", "slip", "adambo"})
    void isRefusedWhereTheLowerLevelCannotAnswer(final String name) {
        final NoisyProblem noisy = new NoisyProblem(SolvedProblemCases.golden(device), .1, .1, 1);
        for (final BilevelProblem problem :
                List.of(noisy, ProblemCases.quadraticSum(device, 5), new Decentralised(List.of(noisy, noisy)))) {
            final Map<String, String> settings = Map.of("official.mixedOnUpper", "true");
            assertEquals(
                    name
                            + ": official.mixedOnUpper takes the mixed term of g on a sample of the upper level, and this problem's g is defined on samples of its own alone; set it to false",
                    assertThrows(IllegalArgumentException.class, () -> Solvers.create(name, problem, settings, 1))
                            .getMessage());
        }
        Solvers.create(name, SolvedProblemCases.golden(device), Map.of("official.mixedOnUpper", "true"), 1);
    }

    @Test
    void cleaningIsDefinedOnTrainingSamples() {
        for (final BilevelProblem problem : ProblemCases.dataProblems(device, 3)) {
            assertEquals(!(problem instanceof SoftmaxCleaning), problem.lowerTakesUpperSamples());
        }
    }
}
