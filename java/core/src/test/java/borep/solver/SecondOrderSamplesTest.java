package borep.solver;

import static borep.solver.SecondWriting.estimate;
import static borep.solver.SecondWriting.plus;
import static borep.solver.SecondWriting.settings;

import borep.problem.cases.SampledQuadratic;
import borep.problem.cases.SampledQuadratic.Token;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * AmIGO and AID, BSA, ITD and VRBO written down a second time, on the host and sample by sample: what is drawn anew and what sees the
 * same sample, beside everything else that they do.
 */
class SecondOrderSamplesTest {
    private static final double EXACT = 1e-12;
    private static final double ETA = .05;
    private static final double ALPHA = .2;

    /** T fresh samples below, N fresh Hessians or one for conjugate gradients, another sample for ∇²_xy g, one of f. */
    private static final class SecondAmigo extends SecondAlgorithm {
        private final boolean isConjugate;
        private final boolean isWarm;
        private final int linearSteps;
        private double[] z = new double[2];

        SecondAmigo(final boolean isConjugate, final boolean isWarm, final int linearSteps) {
            this.isConjugate = isConjugate;
            this.isWarm = isWarm;
            this.linearSteps = linearSteps;
        }

        @Override
        void step(final int k) {
            descend(ALPHA, 3, k, Purpose.LOWER_STEP, 0);
            final Token upper = new Token(k, Purpose.SHARED, 0);
            final double[] b = SampledQuadratic.upperY(y, upper);
            if (!isWarm) {
                z = new double[2];
            }
            if (isConjugate) {
                conjugate(k, b);
            }
            for (int j = 0; !isConjugate && j < linearSteps; j++) {
                final double[] product = SampledQuadratic.product(z, new Token(k, Purpose.HESSIAN, j));
                z = plus(z, -.3, plus(product, -1, b));
            }
            final double[] mixed = SampledQuadratic.mixed(z, new Token(k, Purpose.MIXED, 0));
            x = plus(x, -ETA, plus(SampledQuadratic.upperX(x, upper), -1, mixed));
        }

        private void conjugate(final int k, final double[] b) {
            final Token hessian = new Token(k, Purpose.HESSIAN, 0);
            double[] residual = plus(b, -1, SampledQuadratic.product(z, hessian));
            double[] direction = residual;
            for (int j = 0; j < linearSteps; j++) {
                final double[] curved = SampledQuadratic.product(direction, hessian);
                final double before = dot(residual, residual);
                final double length = before / dot(direction, curved);
                z = plus(z, length, direction);
                residual = plus(residual, -length, curved);
                direction = plus(residual, dot(residual, residual) / before, direction);
            }
        }

        private static double dot(final double[] a, final double[] b) {
            return a[0] * b[0] + a[1] * b[1];
        }
    }

    @ParameterizedTest
    @CsvSource({
        "amigo-gd, false, true, 3",
        "aid-fp, false, false, 3",
        "amigo-cg, true, true, 1",
        "amigo-cg, true, true, 2",
        "aid-cg, true, false, 1",
        "aid-cg, true, false, 2"
    })
    void amigo(final String name, final boolean isConjugate, final boolean isWarm, final int linearSteps) {
        final String common = "eta=0.05;alpha=0.2;gamma=0.3;lowerSteps=3;linearSteps=" + linearSteps;
        final double[][] second = new SecondAmigo(isConjugate, isWarm, linearSteps).run(10);
        SecondAlgorithm.assertSame(name, settings(common, null), second, EXACT);
    }

    /** Its own steps and number of Neumann factors: η_k = 0.1 / √(k + 1), Q η_H r_p. */
    private static final class SecondBsa extends SecondAlgorithm {
        private final NeumannSettings neumann = new NeumannSettings(5, .3, NeumannSettings.Kind.RANDOM);

        @Override
        void step(final int k) {
            final int steps = (int) Math.ceil(Math.sqrt(k + 1));
            for (int t = 0; t < steps; t++) {
                descend(2 / (4.0 * (t + 2)), 1, k, Purpose.LOWER_STEP, t);
            }
            x = plus(x, -.1 / Math.sqrt(k + 1), estimate(x, y, k, 0, neumann));
        }
    }

    @Test
    void bsa() {
        SecondAlgorithm.assertSame(
                "bsa", settings("convexity=4;neumann.step=0.3", null), new SecondBsa().run(17), EXACT);
    }

    /** The way back sees in every step the sample of the way there. */
    private static final class SecondItd extends SecondAlgorithm {
        @Override
        void step(final int k) {
            for (int t = 0; t < 4; t++) {
                descend(ALPHA, 1, k, Purpose.LOWER_STEP, t);
            }
            final Token upper = new Token(k, Purpose.SHARED, 0);
            double[] u = SampledQuadratic.upperY(y, upper);
            double[] h = SampledQuadratic.upperX(x, upper);
            for (int t = 3; t >= 0; t--) { // second derivatives are the same at every y
                final Token token = new Token(k, Purpose.LOWER_STEP, t);
                h = plus(h, -ALPHA, SampledQuadratic.mixed(u, token));
                u = plus(u, -ALPHA, SampledQuadratic.product(u, token));
            }
            x = plus(x, -ETA, h);
        }
    }

    @Test
    void itd() {
        SecondAlgorithm.assertSame(
                "itd", settings("eta=0.05;alpha=0.2;lowerSteps=4", null), new SecondItd().run(10), EXACT);
    }

    /** A large batch of samples of its own every third time; m + 1 corrections, each with its own samples at two points. */
    private static final class SecondVrbo extends SecondAlgorithm {
        private static final int LARGE = 1 << 8;

        private final int largeBatch;
        private final NeumannSettings neumann = new NeumannSettings(3, .3, NeumannSettings.Kind.SUM);
        private double[] u;
        private double[] v;

        SecondVrbo(final int largeBatch) {
            this.largeBatch = largeBatch;
        }

        @Override
        void step(final int k) {
            if (k % 3 == 0) {
                checkpoint(k);
            }
            final double[] before = x;
            x = plus(x, -ETA, v);
            correct(before, y, k, 0);
            for (int t = 1; t <= 2; t++) {
                final double[] lowerBefore = y;
                y = plus(y, -ALPHA, u);
                correct(x, lowerBefore, k, t);
            }
        }

        private void correct(final double[] xBefore, final double[] yBefore, final int k, final int t) {
            v = plus(plus(v, 1, estimate(x, y, k, t, neumann)), -1, estimate(xBefore, yBefore, k, t, neumann));
            final Token token = new Token(k, Purpose.LOWER_STEP, t);
            u = plus(
                    plus(u, 1, SampledQuadratic.lowerY(x, y, token)),
                    -1,
                    SampledQuadratic.lowerY(xBefore, yBefore, token));
        }

        private Token large(final int k, final int purpose, final int lane, final int i) {
            return new Token(k, purpose + LARGE, lane * largeBatch + i);
        }

        /** Every oracle, each factor's too, is a mean over the large batch. */
        private void checkpoint(final int k) {
            final double weight = 1.0 / largeBatch;
            u = new double[2];
            v = new double[2];
            double[] r = new double[2];
            for (int i = 0; i < largeBatch; i++) {
                u = plus(u, weight, SampledQuadratic.lowerY(x, y, large(k, Purpose.LOWER_STEP, 0, i)));
                v = plus(v, weight, SampledQuadratic.upperX(x, large(k, Purpose.SHARED, 0, i)));
                r = plus(r, weight, SampledQuadratic.upperY(y, large(k, Purpose.SHARED, 0, i)));
            }
            double[] sum = r;
            for (int q = 1; q <= 3; q++) {
                final double[] last = r;
                for (int i = 0; i < largeBatch; i++) {
                    r = plus(r, -.3 * weight, SampledQuadratic.product(last, large(k, Purpose.HESSIAN, q, i)));
                }
                sum = plus(sum, 1, r);
            }
            for (int i = 0; i < largeBatch; i++) {
                v = plus(v, -.3 * weight, SampledQuadratic.mixed(sum, large(k, Purpose.MIXED, 0, i)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void vrbo(final int largeBatch) {
        final String common = "eta=0.05;alpha=0.2;period=3;lowerSteps=2;neumann.terms=3;neumann.step=0.3";
        SecondAlgorithm.assertSame(
                "vrbo", settings(common, "largeBatch=" + largeBatch), new SecondVrbo(largeBatch).run(10), EXACT);
    }
}
