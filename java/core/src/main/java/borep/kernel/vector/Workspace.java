package borep.kernel.vector;

/**
 * What one thread needs to itself during a product: packed blocks of both sides, and a tile for what hangs over an
 * edge.
 */
final class Workspace {
    final float[] left;
    private float[] right;
    final float[] tile;

    Workspace(final Gemm gemm) {
        left = new float[gemm.packedRows(gemm.blockRows) * Gemm.DEPTH + gemm.panel];
        right = new float[Gemm.DEPTH * gemm.panel];
        tile = new float[gemm.tileRows * gemm.panel];
    }

    /** Room for at least {@code floats} of a packed right side; grows in the first sweeps of the widest layer only. */
    float[] right(final int floats) {
        if (right.length < floats) {
            right = new float[floats];
        }
        return right;
    }
}
