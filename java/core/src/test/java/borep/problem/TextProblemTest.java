package borep.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.reference.ReferenceDevice;
import borep.model.NetworkShape;
import borep.problem.cases.ProblemCases;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Oracles of the text problems in float64: against central differences, against each other, and by symmetry. */
class TextProblemTest {
    private static final long SEED = Long.parseLong(orElse(System.getProperty("borep.seed"), "7"));

    private final Device device = new ReferenceDevice();

    private static String orElse(final String text, final String otherwise) {
        return text == null || text.isEmpty() ? otherwise : text;
    }

    private int forEach(final Consumer<OracleChecks> check) {
        int count = 0;
        for (final NetworkShape shape : ProblemCases.shapes()) {
            for (final Loss.Regulariser kind : Loss.Regulariser.values()) {
                for (final TextProblem problem : ProblemCases.problems(device, shape, kind, SEED)) {
                    check.accept(new OracleChecks(problem, SEED, shape + " " + kind));
                    count++;
                }
            }
        }
        return count;
    }

    @Test
    void gradientsAreTheSlopesOfTheValues() {
        assertEquals(40, forEach(OracleChecks::gradientsAreTheSlopesOfTheValues));
    }

    @Test
    void productsAreTheSlopesOfTheLowerGradient() {
        forEach(OracleChecks::productsAreTheSlopesOfTheLowerGradient);
    }

    @Test
    void theHessianIsSymmetric() {
        forEach(OracleChecks::theHessianIsSymmetric);
    }

    @Test
    void anAddedLowerGradientIsTheGradientPlusWhatWasThere() {
        forEach(OracleChecks::anAddedLowerGradientIsTheGradientPlusWhatWasThere);
    }

    @Test
    void fusedOraclesEqualSeparateOnes() {
        forEach(OracleChecks::fusedOraclesEqualSeparateOnes);
    }

    @Test
    void theHypergradientOfOneSampleIsTheDifferenceOfItsTerms() {
        for (final NetworkShape shape : ProblemCases.shapes()) {
            for (final TextProblem problem : ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, SEED)) {
                if (!(problem instanceof HyperCleaning)) { // whose g is not defined on upper samples
                    new OracleChecks(problem, SEED, shape.toString())
                            .theHypergradientOfOneSampleIsTheDifferenceOfItsTerms();
                }
            }
        }
    }

    @Test
    void aReplayedSampleIsTheSameRealisation() {
        forEach(checks -> checks.aReplayedSampleIsTheSameRealisation(true));
    }

    @Test
    void movingXInPlaceIsSeenAfterUpperChanged() {
        forEach(OracleChecks::movingXInPlaceIsSeenAfterUpperChanged);
    }

    @Test
    void validationSamplesHaveNoLogit() {
        final TextProblem cleaning = ProblemCases.problems(
                        device, ProblemCases.shapes().getFirst(), Loss.Regulariser.SQUARED, SEED)
                .get(1);
        final Reals x = device.reals(cleaning.upperSize());
        final Reals y = device.reals(cleaning.lowerSize());
        final IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> cleaning.lower(x, y, cleaning.newUpperSample(), new FirstOrder(device.reals(1), null, null)));
        assertEquals("validation samples have no logit: g is defined on training samples", e.getMessage());
    }
}
