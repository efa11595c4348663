package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.cuda.CudaProducts.Form;
import borep.cuda.CudaProducts.Product;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Rows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The product from Java: views with columns left out, every form and precision, refusals. */
class CudaProductsTest {
    private static final int M = 21;
    private static final int N = 34;
    private static final int K = 13;

    /** Rounding of both operands, relative to Σ |a b|. */
    private static double tolerance(final CudaDevice.Precision precision) {
        return switch (precision) {
            case FP32, TF32_X3 -> 2e-6;
            case TF32 -> 0x1p-10;
            case BF16 -> 0x1p-8;
        };
    }

    private static Rows random(final CudaDevice device, final int rows, final int width, final int purpose) {
        final Reals values = device.reals(rows * (width + 5));
        final double[] numbers = new double[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) Philox.normal(1, 0, purpose, i);
        }
        values.set(numbers);
        return new Rows(values, width, width + 5, 3);
    }

    private static double at(final double[] values, final Rows view, final int row, final int column) {
        return values[row * view.stride() + view.column() + column];
    }

    @ParameterizedTest
    @EnumSource(CudaDevice.Precision.class)
    void everyFormComesOutRight(final CudaDevice.Precision precision) {
        int compared = 0;
        try (CudaDevice device = Emulated.open()) {
            device.setPrecision(precision);
            for (final Form form : Form.values()) {
                final boolean outer = form == Form.OUTER;
                final Rows a = outer ? random(device, K, M, 1) : random(device, M, K, 1);
                final Rows b = form == Form.ROWS_TRANSPOSED ? random(device, N, K, 2) : random(device, K, N, 2);
                final Rows c = random(device, M, N, 3);
                final double[] left = a.values().toDoubles();
                final double[] right = b.values().toDoubles();
                final double[] before = c.values().toDoubles();
                device.products().multiply(new Product(form, outer ? K : M, a, b, c, true));
                final double[] after = c.values().toDoubles();
                for (int m = 0; m < M; m++) {
                    for (int n = 0; n < N; n++) {
                        double sum = at(before, c, m, n);
                        double scale = Math.abs(sum);
                        for (int k = 0; k < K; k++) {
                            final double term = (outer ? at(left, a, k, m) : at(left, a, m, k))
                                    * (form == Form.ROWS_TRANSPOSED ? at(right, b, n, k) : at(right, b, k, n));
                            sum += term;
                            scale += Math.abs(term);
                        }
                        assertEquals(sum, at(after, c, m, n), tolerance(precision) * scale, form + " " + m + " " + n);
                        compared++;
                    }
                }
            }
        }
        assertEquals(3 * M * N, compared);
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        try (CudaDevice device = Emulated.open()) {
            final Rows square = Rows.of(device.reals(16), 4);
            final Rows narrow = Rows.of(device.reals(12), 3);
            assertRefused(
                    "b has 4 rows of 3 numbers, needs 4 of 4",
                    () -> new Product(Form.ROWS, 4, square, narrow, square, false));
            assertRefused(
                    "a has 4 rows of 4 numbers, needs 5 of 4",
                    () -> new Product(Form.OUTER, 5, square, square, square, false));
            assertRefused(
                    "rows -1: must not be negative", () -> new Product(Form.ROWS, -1, square, square, square, false));
        }
    }

    private static void assertRefused(final String message, final Runnable call) {
        final String actual =
                assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(actual.startsWith(message), actual);
    }
}
