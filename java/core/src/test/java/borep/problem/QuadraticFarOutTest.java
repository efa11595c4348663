package borep.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.device.Reals;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without growth nothing grows: κ = 0 leaves cosh and sinh out where they are infinite. */
class QuadraticFarOutTest {
    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void withoutGrowthItIsQuadratic(final String where) {
        try (Device device = Devices.choose(where, 1).device()) {
            final Quadratic problem = new Quadratic(device, Quadratic.Data.worked(0));
            final double[] far = {800, -900};
            final Reals x = device.reals(2);
            final Reals y = device.reals(2);
            x.set(far);
            final FirstOrder out = new FirstOrder(device.reals(1), device.reals(2), null);
            problem.upper(x, y, problem.newUpperSample(), out);
            assertArrayEquals(new double[] {80, -90}, out.gradientX().toDoubles(), 1e-4);
            assertEquals(1 + .05 * (640_000 + 810_000), out.value().get(0), 1e-2); // ½ ‖d‖² + ρ/2 ‖x‖²
            assertTrue(Double.isFinite(problem.objective(far)));
            for (final double slope : problem.hypergradient(far)) {
                assertTrue(Double.isFinite(slope));
            }
        }
    }
}
