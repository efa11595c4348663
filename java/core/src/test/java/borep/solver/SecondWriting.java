package borep.solver;

import borep.device.Philox;
import borep.problem.cases.SampledQuadratic;
import borep.problem.cases.SampledQuadratic.Token;
import java.util.HashMap;
import java.util.Map;

/** What tests share that write an algorithm down a second time, on the host and sample by sample, on {@link SampledQuadratic}. */
final class SecondWriting {
    /** The solvers' seed. */
    static final long SEED = 3;

    private SecondWriting() {}

    /** Settings like a=1;b=2, first those that a test has in common. */
    static Map<String, String> settings(final String common, final String further) {
        final Map<String, String> settings = new HashMap<>();
        for (final String each : (common + ";" + (further == null ? "" : further)).split(";")) {
            if (!each.isEmpty()) {
                settings.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
            }
        }
        return settings;
    }

    /** a + factor · b. */
    static double[] plus(final double[] a, final double factor, final double[] b) {
        return new double[] {a[0] + factor * b[0], a[1] + factor * b[1]};
    }

    /** ĝ(x, y; ξ̄) of iteration k, with the samples of the paper. */
    static double[] estimate(
            final double[] x, final double[] y, final int k, final int lane, final NeumannSettings settings) {
        return estimate(x, y, k, lane, settings, false, false);
    }

    /**
     * ĝ(x, y; ξ̄) of iteration k; without noise where k is negative.
     *
     * @param oneSample    all factors see the same sample
     * @param mixedOnUpper ∇²_xy g is evaluated on the upper level's sample
     */
    static double[] estimate(
            final double[] x,
            final double[] y,
            final int k,
            final int lane,
            final NeumannSettings s,
            final boolean oneSample,
            final boolean mixedOnUpper) {
        final Token upper = new Token(k, Purpose.SHARED, lane);
        final int drawn = Philox.below(s.terms(), SEED, Math.max(0, k), Purpose.NEUMANN, 0);
        final int factors = switch (s.kind()) {
            case RANDOM -> drawn;
            case PUBLIC_ACCBO -> drawn + 1;
            default -> s.terms();
        };
        double[] r = SampledQuadratic.upperY(y, upper);
        final double[] first = r;
        double[] later = new double[2]; // r_1 + … + r_Q
        for (int q = 1; q <= factors; q++) {
            final Token token = new Token(k, Purpose.HESSIAN, lane * (s.terms() + 1) + (oneSample ? 1 : q));
            r = plus(r, -s.step(), SampledQuadratic.product(r, token));
            later = plus(later, 1, r);
        }
        final double[] none = new double[2];
        final double[] v = switch (s.kind()) {
            case SUM -> plus(none, s.step(), plus(first, 1, later));
            case RANDOM -> plus(none, s.terms() * s.step(), r);
            case PUBLIC_STOCBIO -> plus(later, s.step(), r);
            case PUBLIC_ADAMBO -> plus(none, s.step(), plus(later, 1, r));
            case PUBLIC_ACCBO -> plus(none, s.step(), r);
        };
        final Token mixed = mixedOnUpper ? upper : new Token(k, Purpose.MIXED, lane);
        return plus(SampledQuadratic.upperX(x, upper), -1, SampledQuadratic.mixed(v, mixed));
    }
}
