package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Rows;
import borep.kernel.reference.ReferenceDevice;
import borep.model.NetworkShape;
import borep.model.SparseBatch;
import borep.model.SparseSet;
import borep.problem.cases.ProblemCases;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Oracles of the problems on samples and of the AUC problem in float64: differences, symmetry, and their closed forms. */
class DataProblemTest {
    private static final long SEED = Long.getLong("borep.seed", 7);
    private static final int PROBLEMS = 14;

    private final Device device = new ReferenceDevice();

    private int forEach(final Consumer<OracleChecks> check) {
        return forEach((problem, checks) -> check.accept(checks));
    }

    private int forEach(final BiConsumer<BilevelProblem, OracleChecks> check) {
        int count = 0;
        for (final BilevelProblem problem : ProblemCases.dataProblems(device, SEED)) {
            check.accept(problem, new OracleChecks(problem, SEED, "" + count));
            count++;
        }
        return count;
    }

    @Test
    void gradientsAreTheSlopesOfTheValues() {
        assertEquals(PROBLEMS, forEach(OracleChecks::gradientsAreTheSlopesOfTheValues));
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
    void aReplayedSampleIsTheSameRealisation() {
        forEach((problem, checks) ->
                checks.aReplayedSampleIsTheSameRealisation(!(problem.newLowerSample() instanceof SparseSample sample)
                        || !sample.batch().isWhole()));
    }

    @Test
    void movingXInPlaceIsSeenAfterUpperChanged() {
        forEach(OracleChecks::movingXInPlaceIsSeenAfterUpperChanged);
    }

    @Test
    void aBatchOfNoSamplesIsRefused() {
        final SparseSet set = ProblemCases.sparse(device, 3, SEED);
        for (final int size : new int[] {0, -1}) {
            assertEquals(
                    "batch size " + size + ": must be at least 1",
                    assertThrows(IllegalArgumentException.class, () -> new SparseBatch(device, set, size))
                            .getMessage());
        }
    }

    /** With x = −∞ a sample has no weight; with equal weights w the data term is w times the mean loss, that of f on these samples. */
    @Test
    void cleaningWeighsTheLossesOfTheSamples() {
        final SparseLevel level = SparseLevel.of(device, ProblemCases.sparse(device, 3, SEED), 0, 1);
        final SoftmaxCleaning cleaning = new SoftmaxCleaning(
                device, new Regularisation(Loss.Regulariser.SQUARED, 0), Math.log(3), level, level); // σ(log 3) = ¾
        final Reals x = device.reals(cleaning.upperSize());
        cleaning.initialise(x, device.reals(cleaning.lowerSize()));
        final Reals y = ProblemCases.vector(device, cleaning.lowerSize(), SEED, 1);
        final FirstOrder f = new FirstOrder(device.reals(1), null, device.reals(y.size()));
        final FirstOrder g = new FirstOrder(device.reals(1), null, device.reals(y.size()));
        cleaning.upper(x, y, cleaning.newUpperSample(), f);
        cleaning.lower(x, y, cleaning.newLowerSample(), g);
        assertEquals(0.75 * f.value().get(0), g.value().get(0), 1e-14);
        device.kernels().update().scale(0.75, f.gradientY());
        assertArrayEquals(f.gradientY().toDoubles(), g.gradientY().toDoubles(), 1e-14);
    }

    /** Two classes by one weight vector: log(1 + e^z) − label · z written out. */
    @Test
    void twoClassesAreLogisticRegression() {
        final SparseSet set = ProblemCases.sparse(device, 2, SEED);
        final SparseLevel level = SparseLevel.of(device, set, 0, 1);
        final RegularisationSelection problem = new RegularisationSelection(
                device,
                new RegularisationSelection.Start(RegularisationSelection.Coefficients.SHARED, Math.log(0.5)),
                level,
                level);
        assertEquals(set.features(), problem.lowerSize());
        final Reals x = device.reals(1);
        problem.initialise(x, device.reals(problem.lowerSize()));
        final Reals y = ProblemCases.vector(device, problem.lowerSize(), SEED, 1);
        final Rows z = Rows.of(device.reals(set.size()), 1);
        device.kernels().sparse().multiply(set.samples(), null, y, z);
        double expected = 0;
        for (int i = 0; i < set.size(); i++) {
            final double score = z.values().get(i);
            expected += (Math.log1p(Math.exp(score)) - set.labels().toArray()[i] * score) / set.size();
        }
        for (final double weight : y.toDoubles()) {
            expected += 0.25 * weight * weight;
        }
        final FirstOrder g = new FirstOrder(device.reals(1), null, null);
        problem.lower(x, y, problem.newLowerSample(), g);
        assertEquals(expected, g.value().get(0), 1e-14);
    }

    @Test
    void refusesWhatDoesNotFit() {
        final SparseLevel two = SparseLevel.of(device, ProblemCases.sparse(device, 2, SEED), 0, 1);
        final SparseLevel three = SparseLevel.of(device, ProblemCases.sparse(device, 3, SEED), 0, 1);
        final Regularisation none = new Regularisation(Loss.Regulariser.SQUARED, 0);
        refused(
                "validation samples of 7 features and 3 classes: the training samples have 7 and 2",
                () -> new SoftmaxCleaning(device, none, 0, three, two));
        final SoftmaxCleaning cleaning = new SoftmaxCleaning(device, none, 0, two, two);
        refused(
                "validation samples have no logit: g is defined on training samples",
                () -> cleaning.lower(
                        device.reals(cleaning.upperSize()),
                        device.reals(cleaning.lowerSize()),
                        cleaning.newUpperSample(),
                        new FirstOrder(null, null, null)));
        final NetworkShape shape = ProblemCases.shapes().getFirst();
        refused(
                "network with 3 outputs: a score is one",
                () -> new AucMaximisation(device, shape, 0.5, 1, null, null, 1));
    }

    private static void refused(final String message, final Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
