package borep.report;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * L ≈ L0 + L1 G through positive points, by least squares of the relative errors (L0 + L1 G − L) / L, since both range over powers of ten.
 *
 * <p>The intervals hold the middle 95 % of the coefficients over resampled paths. Neighbours along a path are alike, so whole blocks of about √n
 * consecutive points are drawn (moving-block bootstrap; Künsch, Annals of Statistics 1989): the formula for independent points would
 * promise too much.
 *
 * @param l0          L0
 * @param l0Low       low end of its interval
 * @param l0High      its high end
 * @param l1          L1
 * @param l1Low       low end of its interval
 * @param l1High      its high end
 * @param correlation of log G and log L (Pearson); not a number if one of them never changes
 */
public record LineFit(
        double l0, double l0Low, double l0High, double l1, double l1Low, double l1High, double correlation) {
    private static final int RESAMPLES = 2000;
    private static final double TAIL = 0.025;
    private static final String GENERATOR = "L64X128MixRandom";

    /**
     * Fits.
     *
     * @param g    [n] positive, in the order of the path
     * @param l    [n] positive
     * @param seed of the resampling
     */
    public static LineFit of(final double[] g, final double[] l, final long seed) {
        final int n = g.length;
        final int[] places = new int[n];
        Arrays.setAll(places, i -> i);
        final double[] line = line(g, l, places);
        final int block = (int) Math.max(1, Math.round(Math.sqrt(n)));
        final RandomGenerator random = RandomGeneratorFactory.of(GENERATOR).create(seed);
        final double[] l0 = new double[RESAMPLES];
        final double[] l1 = new double[RESAMPLES];
        for (int resample = 0; resample < RESAMPLES; resample++) {
            for (int i = 0; i < n; i++) {
                places[i] = i % block == 0 ? random.nextInt(n - block + 1) : places[i - 1] + 1;
            }
            final double[] again = line(g, l, places);
            l0[resample] = again[0];
            l1[resample] = again[1];
        }
        Arrays.sort(l0);
        Arrays.sort(l1);
        final int low = (int) (TAIL * RESAMPLES);
        final int high = RESAMPLES - 1 - low;
        return new LineFit(line[0], l0[low], l0[high], line[1], l1[low], l1[high], correlation(g, l));
    }

    /** The normal equations of weights 1/L²: of Σ (a u + b v − 1)² with u = 1/L, v = G/L. */
    private static double[] line(final double[] g, final double[] l, final int[] places) {
        double uu = 0;
        double uv = 0;
        double vv = 0;
        double u1 = 0;
        double v1 = 0;
        for (final int i : places) {
            final double u = 1 / l[i];
            final double v = g[i] / l[i];
            uu += u * u;
            uv += u * v;
            vv += v * v;
            u1 += u;
            v1 += v;
        }
        final double determinant = uu * vv - uv * uv;
        return determinant > 1e-12 * uu * vv
                ? new double[] {(u1 * vv - v1 * uv) / determinant, (v1 * uu - u1 * uv) / determinant}
                : new double[] {u1 / uu, 0}; // G does not change: a level
    }

    private static double correlation(final double[] g, final double[] l) {
        double mg = 0;
        double ml = 0;
        for (int i = 0; i < g.length; i++) {
            mg += Math.log(g[i]) / g.length;
            ml += Math.log(l[i]) / g.length;
        }
        double gg = 0;
        double gl = 0;
        double ll = 0;
        for (int i = 0; i < g.length; i++) {
            final double dg = Math.log(g[i]) - mg;
            final double dl = Math.log(l[i]) - ml;
            gg += dg * dg;
            gl += dg * dl;
            ll += dl * dl;
        }
        return gl / Math.sqrt(gg * ll);
    }
}
