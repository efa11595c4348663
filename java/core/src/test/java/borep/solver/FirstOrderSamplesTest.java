package borep.solver;

import static borep.solver.SecondWriting.SEED;
import static borep.solver.SecondWriting.plus;
import static borep.solver.SecondWriting.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.Decentralised;
import borep.problem.cases.SampledQuadratic;
import borep.problem.cases.SampledQuadratic.Token;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * F2SA, BOME and DSGDA-GT written down a second time, on the host and sample by sample: what is drawn anew and what sees the same sample,
 * beside everything else that they do.
 */
class FirstOrderSamplesTest {
    private static final double EXACT = 1e-12;

    /** Five kinds of samples, all independent; but for both ∇_x g, if they are to have one. */
    private static final class SecondF2sa extends SecondAlgorithm {
        private final boolean isCommon;
        private double[] w = new double[2];

        SecondF2sa(final boolean isCommon) {
            this.isCommon = isCommon;
        }

        @Override
        void step(final int k) {
            for (int t = 0; t < 2; t++) {
                w = descended(w, .2, 1, k, Purpose.TRACKER_STEP, t);
                final double[] upper = SampledQuadratic.upperY(y, new Token(k, Purpose.UPPER_Y, t));
                final double[] lower = SampledQuadratic.lowerY(x, y, new Token(k, Purpose.LOWER_STEP, t));
                y = plus(y, -.05, plus(upper, 3, lower));
            }
            final Token atY = new Token(k, Purpose.LOWER_X, 0);
            final Token atW = isCommon ? atY : new Token(k, Purpose.TRACKER_X, 0);
            final double[] upper = SampledQuadratic.upperX(x, new Token(k, Purpose.UPPER_X, 0));
            final double[] pull = plus(SampledQuadratic.lowerX(y, atY), -1, SampledQuadratic.lowerX(w, atW));
            x = plus(x, -.02, plus(upper, 3, pull));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void f2sa(final boolean isCommon) {
        final String common = "eta=0.02;alpha=0.05;gamma=0.2;lowerSteps=2;lambda=3;growth=0";
        SecondAlgorithm.assertSame(
                "f2sa", settings(common, "commonSample=" + isCommon), new SecondF2sa(isCommon).run(15), EXACT);
    }

    /** T fresh samples on the way to ŷ; one of f; and one of g for all of ∇q, whose parts are differences. */
    private static final class SecondBome extends SecondAlgorithm {
        private int pushed;

        @Override
        void step(final int k) {
            final double[] ahead = descended(y, .2, 3, k, Purpose.LOWER_STEP, 0);
            final Token token = new Token(k, Purpose.SHARED, 0);
            final double[] fx = SampledQuadratic.upperX(x, token);
            final double[] fy = SampledQuadratic.upperY(y, token);
            final double[] qx = plus(SampledQuadratic.lowerX(y, token), -1, SampledQuadratic.lowerX(ahead, token));
            final double[] qy = SampledQuadratic.lowerY(x, y, token);
            final double square = dot(qx, qx) + dot(qy, qy);
            final double lambda = Math.max(0, .5 - (dot(fx, qx) + dot(fy, qy)) / square);
            pushed += lambda > 0 ? 1 : 0;
            x = plus(x, -.05, plus(fx, lambda, qx));
            y = plus(y, -.05, plus(fy, lambda, qy));
        }

        private static double dot(final double[] a, final double[] b) {
            return a[0] * b[0] + a[1] * b[1];
        }
    }

    @Test
    void bome() {
        final SecondBome second = new SecondBome();
        final double[][] run = second.run(15);
        SecondAlgorithm.assertSame("bome", settings("eta=0.05;alpha=0.2;lowerSteps=3;barrier=0.5", null), run, EXACT);
        assertTrue(second.pushed > 5, "∇q counts in " + second.pushed + " iterations of 15");
    }

    /** One variable of the agents: their values, their trackers and their last gradients; W is a ring. */
    private static final class Tracked {
        private final double[][] at;
        private double[][] trackers;
        private double[][] before;

        Tracked(final int n, final double... start) {
            at = IntStream.range(0, n).mapToObj(i -> start.clone()).toArray(double[][]::new);
            trackers = new double[n][2];
            before = new double[n][2];
        }

        void step(final double[][] gradients, final double length) {
            final int n = at.length;
            trackers = mixed(trackers);
            for (int i = 0; i < n; i++) {
                trackers[i] = plus(plus(trackers[i], 1, gradients[i]), -1, before[i]);
                at[i] = plus(at[i], -length, trackers[i]);
            }
            before = gradients;
            System.arraycopy(mixed(at), 0, at, 0, n);
        }

        private static double[][] mixed(final double[][] each) {
            final int n = each.length;
            final double[][] mixed = new double[n][2];
            for (int i = 0; i < n; i++) {
                mixed[i] = plus(mixed[i], .5, each[i]);
                mixed[i] = plus(mixed[i], .25, each[(i + 1) % n]);
                mixed[i] = plus(mixed[i], .25, each[(i + n - 1) % n]);
            }
            return mixed;
        }

        double[] all() {
            return IntStream.range(0, 2 * at.length)
                    .mapToDouble(i -> at[i / 2][i % 2])
                    .toArray();
        }
    }

    /** Every agent draws its own six samples, or five where both ∇_x g have one. */
    @ParameterizedTest
    @CsvSource({"1, false", "1, true", "3, false", "3, true"})
    void dsgdaGt(final int n, final boolean isCommon) {
        final Device device = new ReferenceDevice();
        final BilevelProblem problem = new Decentralised(IntStream.range(0, n)
                .mapToObj(i -> new SampledQuadratic(device, true))
                .toList());
        final String common = "eta=0.02;alpha=0.1;gamma=0.2;lambda=4;mixing=ring";
        final Solver solver = Solvers.create("dsgda-gt", problem, settings(common, "commonSample=" + isCommon), SEED);
        solver.initialise();
        final Tracked x = new Tracked(n, 1, 2);
        final Tracked y = new Tracked(n, 0, 0);
        final Tracked w = new Tracked(n, 0, 0);
        for (int k = 0; k < 15; k++) {
            final double[][] byX = new double[n][];
            final double[][] byY = new double[n][];
            final double[][] byW = new double[n][];
            for (int i = 0; i < n; i++) {
                final Token atY = new Token(k, Purpose.LOWER_X, i);
                final Token atW = isCommon ? atY : new Token(k, Purpose.TRACKER_X, i);
                final double[] pull =
                        plus(SampledQuadratic.lowerX(y.at[i], atY), -1, SampledQuadratic.lowerX(w.at[i], atW));
                byX[i] = plus(SampledQuadratic.upperX(x.at[i], new Token(k, Purpose.UPPER_X, i)), 4, pull);
                byY[i] = plus(
                        SampledQuadratic.lowerY(x.at[i], y.at[i], new Token(k, Purpose.LOWER_STEP, i)),
                        1 / 4.0,
                        SampledQuadratic.upperY(y.at[i], new Token(k, Purpose.UPPER_Y, i)));
                byW[i] = SampledQuadratic.lowerY(x.at[i], w.at[i], new Token(k, Purpose.TRACKER_STEP, i));
            }
            x.step(byX, .02);
            y.step(byY, .1);
            w.step(byW, .2);
            solver.step();
            assertArrayEquals(x.all(), solver.state().get("agents.x").toDoubles(), EXACT, "x, step " + (k + 1));
            assertArrayEquals(y.all(), solver.state().get("agents.y").toDoubles(), EXACT, "y, step " + (k + 1));
            assertArrayEquals(w.all(), solver.state().get("agents.w").toDoubles(), EXACT, "w, step " + (k + 1));
        }
    }
}
