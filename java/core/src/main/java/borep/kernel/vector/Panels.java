package borep.kernel.vector;

/**
 * The right-hand matrix of a product, [depth, width], packed for the tiles of {@link Gemm}: panels of
 * {@link Gemm#panel} columns, one after the other, each with its rows next to each other. Columns past the width are 0.
 */
final class Panels {
    final float[] values;
    final int depth;
    final int count;
    private final int panel;

    Panels(final Gemm gemm, final int depth, final int width) {
        this.depth = depth;
        panel = gemm.panel;
        count = (width + panel - 1) / panel;
        values = new float[Math.multiplyExact(count * panel, depth)];
    }

    /** Where row k of panel p begins. */
    int at(final int p, final int k) {
        return (p * depth + k) * panel;
    }
}
