package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.kernel.reference.ReferenceDevice;
import org.junit.jupiter.api.Test;

/** What a solver leaves to see, by name. */
class MetricsTest {
    private final Metrics metrics = new Metrics(new ReferenceDevice(), "upperLoss", "stepSize");

    @Test
    void aSlotIsTheNumberOfItsName() {
        metrics.slot("stepSize").set(new double[] {3});
        assertEquals(0, metrics.get(0));
        assertEquals(3, metrics.get(1));
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertEquals(
                "metric 'stepsize': unknown; known are upperLoss, stepSize",
                assertThrows(IllegalArgumentException.class, () -> metrics.slot("stepsize"))
                        .getMessage());
    }

    @Test
    void theFirstNumberThatIsNotFiniteIsNamed() {
        metrics.requireFinite(6);
        metrics.slot("stepSize").set(new double[] {Double.POSITIVE_INFINITY});
        final DivergedException diverged = assertThrows(DivergedException.class, () -> metrics.requireFinite(7));
        assertEquals(7, diverged.iteration());
        assertEquals(
                "diverged at step 7: stepSize is Infinity; a smaller step size, or a smaller ball radius for y, may help",
                diverged.getMessage());
    }
}
