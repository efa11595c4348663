package borep.kernel.vector;

/**
 * What one thread needs to itself during a product: packed blocks of both sides, and a tile for what hangs over an
 * edge.
 */
final class Workspace {
    final float[] left;
    final float[] right;
    final float[] tile;

    Workspace(final Gemm gemm) {
        left = new float[Gemm.BLOCK * gemm.tileRows * Gemm.DEPTH + gemm.panel];
        right = new float[Gemm.DEPTH * gemm.panel];
        tile = new float[gemm.tileRows * gemm.panel];
    }
}
