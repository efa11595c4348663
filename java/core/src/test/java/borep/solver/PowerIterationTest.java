package borep.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.AllocationProbe;
import borep.device.Device;
import borep.device.Devices;
import borep.device.Reals;
import borep.kernel.Rows;
import borep.kernel.SparseMatrix;
import borep.kernel.SparseRows;
import borep.kernel.Update;
import borep.problem.Quadratic;
import borep.problem.SecondOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Power iteration against known spectra. */
class PowerIterationTest {
    private static final int MOST = 2000;

    /** H = Q diag(eigenvalues) Q with the reflection Q = I − 2 u uᵀ, u = (1, …, 1)/√n: every eigenvector has all coordinates. */
    private static PowerIteration.Operator withSpectrum(final Device device, final double... eigenvalues) {
        final int n = eigenvalues.length;
        final int[] starts = new int[n + 1];
        final int[] places = new int[n * n];
        final float[] values = new float[n * n];
        for (int i = 0; i < n; i++) {
            starts[i + 1] = (i + 1) * n;
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    sum += ((i == k ? 1 : 0) - 2.0 / n) * eigenvalues[k] * ((j == k ? 1 : 0) - 2.0 / n);
                }
                places[i * n + j] = j;
                values[i * n + j] = (float) sum;
            }
        }
        final SparseMatrix h = device.kernels().sparse().matrix(new SparseRows(n, starts, places, values));
        return (v, product) -> device.kernels().sparse().multiply(h, null, v, Rows.of(product, 1));
    }

    /** Largest first, the largest negative, two opposite ones, one that occurs twice, and one that is barely larger. */
    @ParameterizedTest
    @CsvSource({
        "reference, '3 1 0.5 0', 3",
        "reference, '-4 3 1 0.5', -4",
        "reference, '2 -2 1 0.5', 0",
        "reference, '2 2 -1 0.5', 2",
        "reference, '1 0.99 -0.98 0.5', 1",
        "vector, '-4 3 1 0.5', -4",
        "vector, '2 -2 1 0.5', 0",
    })
    void findsTheLargestMagnitude(final String where, final String spectrum, final double signed) {
        final double[] eigenvalues = Arrays.stream(spectrum.split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
        try (Device device = Devices.choose(where, 1).device()) {
            final double tolerance = where.equals("reference") ? 1e-5 : 2e-3;
            final PowerIteration iteration = new PowerIteration(device, eigenvalues.length, tolerance, MOST);
            iteration.restart(1);
            iteration.run(withSpectrum(device, eigenvalues));
            final double largest =
                    Arrays.stream(eigenvalues).map(Math::abs).max().orElseThrow();
            assertTrue(iteration.isConverged(), spectrum);
            assertEquals(largest, iteration.magnitude(), largest * tolerance, spectrum);
            if (signed != 0) {
                assertEquals(signed, iteration.rayleighQuotient(), largest * tolerance, spectrum);
            }
        }
    }

    @Test
    void neverExceedsTheLargestAndSaysWhatItIsOffBy() {
        try (Device device = Devices.choose("reference", 1).device()) {
            final PowerIteration.Operator h = withSpectrum(device, -5, 4.5, 2, 1, -.5, .1);
            double before = 0;
            for (int products = 2; products < 40; products++) {
                final PowerIteration iteration = new PowerIteration(device, 6, 1e-9, products);
                iteration.restart(2);
                iteration.run(h);
                assertFalse(iteration.isConverged());
                assertEquals(products, iteration.products());
                assertTrue(iteration.magnitude() <= 5 + 1e-6 && iteration.magnitude() >= before, "σ must ascend to 5");
                before = iteration.magnitude();
            }
            final PowerIteration loose = new PowerIteration(device, 6, .2, MOST);
            loose.restart(2);
            loose.run(h);
            final double squared = loose.magnitude() * loose.magnitude();
            assertTrue(Math.abs(25 - squared) <= loose.residual() * squared, "the residual bounds the distance");
        }
    }

    /** The Hessian of a problem's lower level through its oracle, its eigenvalues from 1/8 to 1. */
    @Test
    void worksOnHessianVectorProducts() {
        try (Device device = Devices.choose("reference", 1).device()) {
            final Quadratic problem = new Quadratic(device, Quadratic.Data.random(2, 6, 8, .5, 0, 3));
            final Reals x = device.reals(2);
            final Reals y = device.reals(6);
            final PowerIteration iteration = new PowerIteration(device, 6, 1e-6, MOST);
            iteration.restart(4);
            iteration.run((v, product) ->
                    problem.lowerAlong(x, y, v, problem.newLowerSample(), new SecondOrder(null, null, product, null)));
            assertTrue(iteration.isConverged());
            assertEquals(1, iteration.magnitude(), 1e-6);
        }
    }

    @Test
    void anOperatorThatIsZeroOrNotFinite() {
        try (Device device = Devices.choose("reference", 1).device()) {
            final PowerIteration iteration = new PowerIteration(device, 3, .1, MOST);
            iteration.restart(1);
            iteration.run((v, product) -> device.kernels().update().fill(product, 0));
            assertEquals(0, iteration.magnitude());
            assertTrue(iteration.isConverged());
            iteration.restart(1);
            iteration.run((v, product) -> device.kernels().update().fill(product, Double.NaN));
            assertFalse(iteration.isConverged());
            assertEquals(1, iteration.products());
        }
        try (Device device = Devices.choose("reference", 1).device()) {
            assertEquals(
                    "power iteration with tolerance 0.0 and 9 products at most: the tolerance must be positive, the products at"
                            + " least 2",
                    assertThrows(IllegalArgumentException.class, () -> new PowerIteration(device, 3, 0, 9))
                            .getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"vector", "reference"})
    void allocatesNothing(final String where) throws ReflectiveOperationException {
        try (Device device = Devices.choose(where, 1).device()) {
            final Reals diagonal = device.reals(4);
            diagonal.set(new double[] {3, -2.9, 2.8, 1});
            final Update update = device.kernels().update();
            final PowerIteration.Operator h = (v, product) -> update.multiply(diagonal, v, product);
            final PowerIteration iteration = new PowerIteration(device, 4, 1e-9, 10);
            iteration.restart(1);
            assertEquals(0, new AllocationProbe(thread -> false).steadyBytes(() -> iteration.run(h)));
        }
    }
}
