package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every number of rows, with depths of whole vectors, which may run along the depth, and others, against float64. */
class FewRowsTest {
    private static final int WIDTH = 43;
    private static final int FIRST = 3;
    private static final int[] DEPTHS = {16, 48, 300, 512};

    private final SplittableRandom random = new SplittableRandom(11);

    @ParameterizedTest
    @MethodSource("borep.kernel.vector.GemmTest#gemms")
    void productsWithRowsOfWeights(final Gemm gemm) {
        final FewRows few = new FewRows(gemm);
        for (final int depth : DEPTHS) {
            final Matrix left = filled(FewRows.MOST, depth);
            final Matrix weights = filled(WIDTH, depth);
            final int[] weightRows = new int[WIDTH];
            Arrays.setAll(weightRows, n -> n * depth);
            final double[] products = products(left, weights);
            final Matrix out = new Matrix(FewRows.MOST, WIDTH);
            final Workspace workspace = new Workspace(gemm);
            for (int rows = 1; rows <= FewRows.MOST; rows++) {
                final float[] turned = new float[few.vectors(rows) * gemm.lanes * depth];
                Arrays.fill(out.values, 1);
                few.turn(left, rows, 0, depth, turned);
                multiply(few, left, turned, rows, weights, weightRows, out, true, workspace);
                check(products, 1, rows, out);
                multiply(few, left, turned, rows, weights, weightRows, out, false, workspace);
                check(products, 0, rows, out);
            }
        }
    }

    /** Columns from {@link #FIRST} on; those before stay 1. */
    private static void multiply(
            final FewRows few,
            final Matrix left,
            final float[] turned,
            final int rows,
            final Matrix weights,
            final int[] weightRows,
            final Matrix out,
            final boolean add,
            final Workspace workspace) {
        few.multiplyTransposed(left, turned, rows, weights.values, 0, weightRows, FIRST, WIDTH, out, add, workspace);
    }

    private static double[] products(final Matrix left, final Matrix weights) {
        final double[] products = new double[FewRows.MOST * WIDTH];
        for (int m = 0; m < FewRows.MOST; m++) {
            for (int n = 0; n < WIDTH; n++) {
                for (int k = 0; k < left.width; k++) {
                    products[m * WIDTH + n] +=
                            (double) left.values[m * left.width + k] * weights.values[n * left.width + k];
                }
            }
        }
        return products;
    }

    private static void check(final double[] products, final double before, final int rows, final Matrix out) {
        for (int m = 0; m < FewRows.MOST; m++) {
            for (int n = 0; n < WIDTH; n++) {
                final int at = m * WIDTH + n;
                final double expected = m < rows && n >= FIRST ? before + products[at] : 1;
                assertEquals(expected, out.values[at], 2e-5, rows + " rows, row " + m + ", column " + n);
            }
        }
    }

    private Matrix filled(final int rows, final int width) {
        final Matrix matrix = new Matrix(rows, width);
        for (int i = 0; i < matrix.values.length; i++) {
            matrix.values[i] = (float) random.nextDouble(-0.5, 0.5);
        }
        return matrix;
    }
}
