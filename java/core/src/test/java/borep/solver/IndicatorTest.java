package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Devices;
import borep.device.Reals;
import borep.problem.cases.SolvedProblemCases;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A number's sign without the host, from the smallest number to infinity. */
class IndicatorTest {
    @ParameterizedTest
    @ValueSource(strings = {"vector", "reference"})
    void isOneForPositiveNumbersAlone(final String name) {
        try (Device device = Devices.choose(name, 1).device()) {
            final boolean single = device.realBytes() == Float.BYTES;
            final double smallest = single ? Float.MIN_VALUE : Double.MIN_VALUE;
            final double largest = single ? Float.MAX_VALUE : Double.MAX_VALUE;
            final double[] positive = {smallest, 1e-30, 1e-9, 1, 3e9, largest, Double.POSITIVE_INFINITY};
            final Indicator indicator =
                    new Indicator(new SubBio(SolvedProblemCases.golden(device), SubBio.Settings.DEFAULT, 1));
            final Reals a = device.reals(1);
            final Reals out = device.reals(1);
            for (final double value : positive) {
                for (final int sign : new int[] {1, -1}) {
                    a.set(new double[] {sign * value});
                    indicator.isPositive(a, out);
                    assertEquals(sign > 0 ? 1 : 0, out.get(0), "of " + sign * value);
                }
            }
            for (final double zero : new double[] {0, -0.0}) {
                a.set(new double[] {zero});
                indicator.isPositive(a, a);
                assertEquals(0, a.get(0));
            }
        }
    }
}
