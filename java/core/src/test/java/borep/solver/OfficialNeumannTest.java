package borep.solver;

import static borep.solver.SecondWriting.estimate;
import static borep.solver.SecondWriting.plus;
import static borep.solver.SecondWriting.settings;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.problem.cases.SampledQuadratic;
import borep.problem.cases.SampledQuadratic.Token;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * AccBO, VR-AdamBO, AdamBO and stocBiO written down a second time, on the host and sample by sample, with what {@code Official} and {@link
 * NeumannSettings.Kind} say of their public codes: every {@code official.…} setting and every public Neumann sum changes that and nothing else, and it does change the run.
 */
class OfficialNeumannTest {
    private static final int STEPS = 7;
    private static final double EXACT = 1e-11;
    private static final double GUARD = 1e-10;

    /** Adam's step on d, and what it remembers. */
    private static final class Adam {
        private final double[] m = new double[2];
        private final double[] v = new double[2];

        double[] step(
                final double[] x,
                final double[] d,
                final double beta1,
                final double beta2,
                final double eta,
                final double epsilon,
                final int k) {
            final double[] moved = x.clone();
            for (int i = 0; i < 2; i++) {
                m[i] = beta1 * m[i] + (1 - beta1) * d[i];
                v[i] = beta2 * v[i] + (1 - beta2) * d[i] * d[i];
                final double first = m[i] / (1 - Math.pow(beta1, k + 1));
                final double second = v[i] / (1 - Math.pow(beta2, k + 1));
                moved[i] -= eta * first / (Math.sqrt(second) + epsilon);
            }
            return moved;
        }
    }

    private static final class SecondAccBo extends SecondAlgorithm {
        private final AccBo.Settings s;
        private double[] before = x;
        private double[] lowerBefore;
        private double[] averaged;
        private double[] m;
        private double[] stored;
        private final boolean isAdam;
        private final Adam adam = new Adam();

        SecondAccBo(final AccBo.Settings defaults, final boolean isAdam, final Map<String, String> settings) {
            s = Hyperparameters.with(defaults, settings);
            this.isAdam = isAdam;
        }

        @Override
        void step(final int k) {
            final double alpha = s.alpha().initial();
            if (s.official().inert()) {
                descend(alpha, s.lowerSteps(), k, Purpose.LOWER_STEP, 0);
                return;
            }
            if (k < s.official().warmIterations()) {
                descend(alpha, s.warmSteps(), k, Purpose.WARM, 0);
            }
            if (k == 0) {
                lowerBefore = y;
                averaged = y;
                m = estimate(x, y, k, 0, s.neumann());
                stored = m;
            } else {
                final double[] averagedBefore = averaged;
                for (int n = 0; k % s.updatePeriod() == 0 && n < s.lowerSteps(); n++) {
                    final double[] w = plus(y, s.nesterov(), plus(y, -1, lowerBefore));
                    lowerBefore = y;
                    y = plus(w, -alpha, SampledQuadratic.lowerY(before, w, new Token(k, Purpose.LOWER_STEP, n)));
                }
                averaged = plus(averaged, s.tau(), plus(y, -1, averaged));
                final double[] now = estimate(x, averaged, k, 0, s.neumann());
                final double[] old =
                        s.official().storedEstimate() ? stored : estimate(before, averagedBefore, k, 0, s.neumann());
                m = plus(now, s.beta(), plus(m, -1, old));
                stored = now;
            }
            before = x;
            final double eta = s.eta().initial();
            if (isAdam) {
                x = adam.step(x, m, 0, .999, eta, 1e-8, k); // STORM is the first moment
                return;
            }
            final double length = Math.hypot(m[0], m[1]);
            x = s.official().perTensor()
                    ? new double[] {
                        x[0] - eta * m[0] / (Math.abs(m[0]) + GUARD), x[1] - eta * m[1] / (Math.abs(m[1]) + GUARD)
                    }
                    : plus(x, -eta / (length + GUARD), m);
        }
    }

    private static final class SecondAdamBo extends SecondAlgorithm {
        private final AdamBo.Settings s;
        private final Adam adam = new Adam();

        SecondAdamBo(final Map<String, String> settings) {
            s = Hyperparameters.with(AdamBo.Settings.DEFAULT, settings);
        }

        @Override
        void step(final int k) {
            final AdamBo.Official o = s.official();
            double[] h = new double[2];
            for (int task = 0; task < o.tasks(); task++) {
                if (k < o.warmIterations()) {
                    descend(s.alpha().initial(), s.warmSteps(), k, Purpose.WARM, task * s.warmSteps());
                }
                h = plus(
                        h,
                        1.0 / o.tasks(),
                        estimate(x, y, k, task, s.neumann(), o.oneHessianSample(), o.mixedOnUpper()));
                descend(s.alpha().initial(), 1, k, Purpose.LOWER_STEP, task);
            }
            h = plus(h, o.weightDecay(), x);
            x = adam.step(x, h, s.beta1(), s.beta2(), s.eta().initial(), s.epsilon(), k);
        }
    }

    private static final class SecondStocBio extends SecondAlgorithm {
        private final StocBio.Settings s;

        SecondStocBio(final Map<String, String> settings) {
            s = Hyperparameters.with(StocBio.Settings.STOCBIO, settings);
        }

        @Override
        void step(final int k) {
            double[] direction = new double[2];
            for (int j = 0; j < s.lowerSteps(); j++) {
                final double[] g = SampledQuadratic.lowerY(x, y, new Token(k, Purpose.LOWER_STEP, j));
                direction = s.official().accumulate() ? plus(direction, 1, g) : g;
                y = plus(y, -s.alpha().initial(), direction);
            }
            x = plus(
                    x,
                    -s.eta().initial(),
                    estimate(x, y, k, 0, s.neumann(), s.official().oneHessianSample(), false));
        }
    }

    private static double[][] second(final String name, final Map<String, String> settings) {
        final SecondAlgorithm second = switch (name) {
            case "accbo" -> new SecondAccBo(AccBo.Settings.ACCBO, false, settings);
            case "vr-adambo" -> new SecondAccBo(AccBo.Settings.VR_ADAMBO, true, settings);
            case "adambo" -> new SecondAdamBo(settings);
            default -> new SecondStocBio(settings);
        };
        return second.run(STEPS);
    }

    private static void check(final String name, final Map<String, String> without, final Map<String, String> with) {
        final double[][] paper = second(name, without);
        final double[][] code = second(name, with);
        SecondAlgorithm.assertSame(name, without, paper, EXACT);
        SecondAlgorithm.assertSame(name, with, code, EXACT);
        double change = 0;
        for (int i = 0; i < 4; i++) {
            change = Math.max(change, Math.abs(paper[STEPS - 1][i] - code[STEPS - 1][i]));
        }
        assertTrue(change > 1e-4, "the setting changes nothing: " + Arrays.toString(code[STEPS - 1]));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "official.storedEstimate=true |",
                "official.perTensor=true |",
                "official.warmIterations=4 |",
                "official.inert=true;lowerSteps=2 |",
                "neumann.kind=public-accbo |",
                "neumann.kind=random | neumann.kind=public-accbo",
                "updatePeriod=2;lowerSteps=3;official.storedEstimate=true | updatePeriod=2;lowerSteps=3",
                "neumann.kind=public-accbo;official.storedEstimate=true;official.perTensor=true;official.warmIterations=3 |",
            })
    void accBo(final String with, final String without) {
        final String common = "eta=0.05;alpha=0.2;warmSteps=2;neumann.terms=3;neumann.step=0.3";
        check("accbo", settings(common, without), settings(common, with));
    }

    /** The same estimate, under an Adam whose first moment it is. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "beta=0.3 |",
                "official.storedEstimate=true |",
                "official.warmIterations=4 |",
                "neumann.kind=public-accbo |",
                "updatePeriod=2;lowerSteps=3 |",
            })
    void vrAdamBo(final String with, final String without) {
        final String common = "eta=0.05;alpha=0.2;warmSteps=2;neumann.terms=3;neumann.step=0.3";
        check("vr-adambo", settings(common, without), settings(common, with));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "official.weightDecay=0.5 |",
                "official.warmIterations=4 |",
                "official.oneHessianSample=true |",
                "official.mixedOnUpper=true |",
                "official.tasks=3 |",
                "official.tasks=3;official.warmIterations=4 | official.tasks=3",
                "neumann.kind=public-adambo |",
                "neumann.kind=public-adambo;official.weightDecay=0.01;official.oneHessianSample=true;official.mixedOnUpper=true;official.tasks=4 |",
            })
    void adamBo(final String with, final String without) {
        final String common = "eta=0.05;alpha=0.2;warmSteps=2;neumann.terms=3;neumann.step=0.3";
        check("adambo", settings(common, without), settings(common, with));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "official.oneHessianSample=true |",
                "official.accumulate=true |",
                "neumann.kind=public-stocbio |",
                "neumann.kind=public-stocbio;official.oneHessianSample=true;official.accumulate=true |",
            })
    void stocBio(final String with, final String without) {
        final String common = "eta=0.05;alpha=0.2;lowerSteps=3;neumann.terms=3;neumann.step=0.3";
        check("stocbio", settings(common, without), settings(common, with));
    }
}
