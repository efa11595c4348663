package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Devices;
import borep.solver.cases.BadSteps;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every solver does with a step that leaves the finite numbers. */
class BadStepsTest {
    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void leaveNoTrace(final String name) {
        try (Device device = Devices.choose(name, 1).device()) {
            assertEquals(Solvers.kinds().size(), BadSteps.check(device));
        }
    }
}
