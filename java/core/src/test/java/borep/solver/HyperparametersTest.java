package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import borep.device.Schedule;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HyperparametersTest {
    @Test
    void whatIsDescribedCanBeReadBack() {
        final BoRepSettings changed = Hyperparameters.with(
                BoRepSettings.DEFAULT,
                Map.of("eta", "0.5/power:0.5", "sampling", "shared", "refinement.epochs", "0", "average", "false"));
        assertEquals(new Schedule(Schedule.Kind.POWER, .5, 1, .5), changed.eta());
        assertEquals(BoRepSettings.Sampling.SHARED, changed.sampling());
        assertEquals(changed, Hyperparameters.with(BoRepSettings.DEFAULT, Hyperparameters.describe(changed)));
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        final String message = message(Map.of("etta", "1"));
        assertEquals(
                "setting 'etta': unknown; known are "
                        + String.join(
                                ", ",
                                new java.util.TreeSet<>(Hyperparameters.describe(BoRepSettings.DEFAULT)
                                        .keySet())),
                message);
    }

    @Test
    void badValuesNameTheRule() {
        assertEquals("beta 1.5: must lie in [0, 1)", message(Map.of("beta", "1.5")));
        assertEquals("beta 'much': must be a number", message(Map.of("beta", "much")));
        assertEquals("lowerSteps '2.5': must be a whole number", message(Map.of("lowerSteps", "2.5")));
        assertEquals("average 'yes': must be true or false", message(Map.of("average", "yes")));
        assertEquals("sampling 'both': must be one of independent, shared", message(Map.of("sampling", "both")));
        assertEquals(
                "step size 'fast': write 0.1, 0.1/step:100:0.5 or 0.1/power:0.5", message(Map.of("alpha", "fast")));
        assertEquals("step size -1.0: must be positive and finite", message(Map.of("alpha", "-1")));
    }

    private static String message(final Map<String, String> values) {
        return assertThrows(IllegalArgumentException.class, () -> Hyperparameters.with(BoRepSettings.DEFAULT, values))
                .getMessage();
    }
}
