package borep.kernel.vector;

/**
 * The right-hand matrix of a product, [depth, width], packed for the tiles of {@link Gemm}: panels of
 * {@link Gemm#panel} columns, one after the other, each with its rows next to each other. Columns past the width are 0.
 */
final class Panels {
    final float[] values;
    final int depth;
    final int count;

    Panels(final Gemm gemm, final int depth, final int width) {
        this.depth = depth;
        count = (width + gemm.panel - 1) / gemm.panel;
        values = new float[Math.multiplyExact(count * gemm.panel, depth)];
    }
}
