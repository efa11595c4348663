package borep.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Devices;
import borep.device.Reals;
import borep.kernel.Recurrent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The timed work is the work it is said to be: its product is the derivative of its gradient along the direction. */
class RecurrentBenchTest {
    private static final double STEP = 1e-5;

    @ParameterizedTest
    @EnumSource(Recurrent.Cell.class)
    void theProductIsTheGradientsDerivative(final Recurrent.Cell cell) {
        final int layers = 2;
        final RecurrentBench.Size size = new RecurrentBench.Size(cell, layers, 4, 3, 7, 5, true, 0);
        try (Device device = Devices.choose("reference", 1).device()) {
            final RecurrentBench bench = new RecurrentBench(device, size, 3);
            bench.run(RecurrentBench.Pass.HVP);
            final double[][] products = new double[layers][];
            for (int l = 0; l < layers; l++) {
                products[l] = bench.product(l).toDoubles();
            }
            final double[][] ahead = gradientAt(bench, device, STEP);
            final double[][] behind = gradientAt(bench, device, -2 * STEP);
            double largest = 0;
            for (int l = 0; l < layers; l++) {
                for (int i = 0; i < products[l].length; i++) {
                    final double difference = (ahead[l][i] - behind[l][i]) / (2 * STEP);
                    assertEquals(difference, products[l][i], 1e-7 * Math.max(1, Math.abs(difference)));
                    largest = Math.max(largest, Math.abs(difference));
                }
            }
            assertTrue(largest > 0.1, "all products are small: " + largest);
        }
    }

    /** The gradient after all weights have moved by {@code step} along the direction. */
    private static double[][] gradientAt(final RecurrentBench bench, final Device device, final double step) {
        final double[][] gradients = new double[2][];
        for (int l = 0; l < gradients.length; l++) {
            final Reals weights = bench.weights(l);
            device.kernels().update().axpy(step, bench.direction(l), weights);
        }
        bench.run(RecurrentBench.Pass.GRADIENT);
        for (int l = 0; l < gradients.length; l++) {
            gradients[l] = bench.gradient(l).toDoubles();
        }
        return gradients;
    }
}
