package borep.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of every number of rows up to several tiles, odd depths and widths that are no whole panels, against float64. */
class GemmTest {
    private static final int MOST_ROWS = 26;
    private static final int WIDTH = 45;
    private static final int[] DEPTHS = {1, 2, 7, 64, 515};

    private final SplittableRandom random = new SplittableRandom(7);

    static List<Gemm> gemms() {
        return List.of(new SimdGemm(), new ScalarGemm());
    }

    @ParameterizedTest
    @MethodSource("gemms")
    void productsAddToWhatIsThere(final Gemm gemm) {
        for (final int depth : DEPTHS) {
            final Matrix left = filled(MOST_ROWS, depth);
            final Matrix weights = filled(WIDTH, depth);
            final int[] weightRows = new int[gemm.padded(WIDTH)];
            Arrays.setAll(weightRows, n -> n < WIDTH ? n * depth : -1);
            final Panels right = new Panels(gemm, depth, WIDTH);
            gemm.packTransposed(weights.values, 0, weightRows, right, 0, right.count);
            for (int rows = 1; rows <= MOST_ROWS; rows++) {
                final Matrix out = filled(MOST_ROWS, WIDTH);
                final float[] before = out.values.clone();
                gemm.multiply(new Gemm.Product(left, right, out, true), 0, rows, 0, right.count, new Workspace(gemm));
                for (int m = 0; m < MOST_ROWS; m++) {
                    for (int n = 0; n < WIDTH; n++) {
                        double expected = before[m * WIDTH + n];
                        for (int k = 0; m < rows && k < depth; k++) {
                            expected += (double) left.values[m * depth + k] * weights.values[n * depth + k];
                        }
                        assertEquals(expected, out.values[m * WIDTH + n], 2e-5, rows + " rows, " + depth + " deep");
                    }
                }
            }
        }
    }

    /** Rows of the result lie unevenly, and some are not wanted; the sums over the depth come along. */
    @ParameterizedTest
    @MethodSource("gemms")
    void outerProductsGoToTheRowsAsked(final Gemm gemm) {
        for (final int depth : new int[] {1, 2, 7, 64, 511, Gemm.MOST_DEPTH - 1}) {
            for (int rows = 1; rows <= MOST_ROWS; rows++) {
                final Matrix left = filled(depth, rows);
                final Matrix right = filled(depth, WIDTH);
                final Matrix out = filled(2 * MOST_ROWS, WIDTH);
                final int[] outRows = new int[rows];
                Arrays.setAll(outRows, m -> m % 11 == 10 ? -1 : (m % 8 < 5 ? m : MOST_ROWS + m) * WIDTH);
                final float[] expected = out.values.clone();
                for (int m = 0; m < rows; m++) {
                    for (int n = 0; outRows[m] >= 0 && n < WIDTH; n++) {
                        double sum = expected[outRows[m] + n];
                        for (int k = 0; k < depth; k++) {
                            sum += (double) left.values[k * rows + m] * right.values[k * WIDTH + n];
                        }
                        expected[outRows[m] + n] = (float) sum;
                    }
                }
                final Gemm.Factor factor = new Gemm.Factor(right, out, outRows);
                final float[] sums = new float[rows];
                final Gemm.Outer outer = new Gemm.Outer(left, sums, factor);
                final float[] packed = new float[depth * gemm.padded(WIDTH)];
                gemm.packOuterRight(factor, 0, depth, 0, depth, 0, gemm.padded(WIDTH) / gemm.panel, packed, 0);
                gemm.outerBlock(outer, 0, depth, packed, 0, 0, rows, new Workspace(gemm));
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(expected[i], out.values[i], 2e-5, rows + " rows, " + depth + " deep, at " + i);
                }
                for (int m = 0; m < rows; m++) {
                    double sum = 0;
                    for (int k = 0; k < depth; k++) {
                        sum += left.values[k * rows + m];
                    }
                    assertEquals(sum, sums[m], 1e-4, "sum of row " + m + " of " + rows + ", " + depth + " deep");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("gemms")
    void moreRowsNeverTakeLessRoom(final Gemm gemm) {
        for (int rows = 1; rows < 600; rows++) {
            assertTrue(gemm.packedRows(rows) >= rows, rows + " rows");
            assertTrue(gemm.packedRows(rows + 1) >= gemm.packedRows(rows), rows + " rows");
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
