package borep.kernel.vector;

/** The register tile without vectors: eight sums at a time, for machines and runs without the Vector API. */
final class ScalarGemm extends Gemm {
    ScalarGemm() {
        super(4, 4, 80);
    }

    @Override
    int tileFor(final int rows) {
        return 4;
    }

    @Override
    void tile(
            final int rows,
            final float[] a,
            final int aAt,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final int stride,
            final boolean add) {
        for (int i = 0; i < rows; i++) {
            final int at = cAt + i * stride;
            if (!add) {
                for (int n = 0; n < panel; n++) {
                    c[at + n] = 0;
                }
            }
            row(a, aAt + i, rows, b, bAt, depth, c, at);
        }
    }

    @Override
    void addPanel(final float[] tile, final int tileAt, final float[] target, final int at) {
        for (int i = 0; i < panel; i++) {
            target[at + i] += tile[tileAt + i];
        }
    }

    @Override
    void rowTile(
            final int vectors,
            final float[] a,
            final int a0,
            final int a1,
            final int a2,
            final int a3,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int cAt,
            final boolean add) {
        final int width = vectors * lanes;
        column(a, a0, b, bAt, width, depth, c, cAt, add);
        column(a, a1, b, bAt, width, depth, c, cAt + width, add);
        column(a, a2, b, bAt, width, depth, c, cAt + 2 * width, add);
        if (vectors == 2) {
            column(a, a3, b, bAt, width, depth, c, cAt + 3 * width, add);
        }
    }

    private static void column(
            final float[] a,
            final int at,
            final float[] b,
            final int bAt,
            final int width,
            final int depth,
            final float[] c,
            final int cAt,
            final boolean add) {
        for (int n = 0; n < width; n++) {
            float sum = 0;
            for (int k = 0; k < depth; k++) {
                sum += a[at + k] * b[bAt + k * width + n];
            }
            c[cAt + n] = add ? c[cAt + n] + sum : sum;
        }
    }

    private static void row(
            final float[] a,
            final int aAt,
            final int step,
            final float[] b,
            final int bAt,
            final int depth,
            final float[] c,
            final int at) {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0;
        for (int k = 0, i = aAt, j = bAt; k < depth; k++, i += step, j += 8) {
            final float left = a[i];
            s0 += left * b[j];
            s1 += left * b[j + 1];
            s2 += left * b[j + 2];
            s3 += left * b[j + 3];
            s4 += left * b[j + 4];
            s5 += left * b[j + 5];
            s6 += left * b[j + 6];
            s7 += left * b[j + 7];
        }
        c[at] += s0;
        c[at + 1] += s1;
        c[at + 2] += s2;
        c[at + 3] += s3;
        c[at + 4] += s4;
        c[at + 5] += s5;
        c[at + 6] += s6;
        c[at + 7] += s7;
    }
}
