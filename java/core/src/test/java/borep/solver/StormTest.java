package borep.solver;

import static borep.solver.SecondWriting.SEED;
import static borep.solver.SecondWriting.estimate;
import static borep.solver.SecondWriting.plus;
import static borep.solver.SecondWriting.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.kernel.reference.ReferenceDevice;
import borep.problem.cases.SampledQuadratic;
import borep.problem.cases.SampledQuadratic.Token;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** STORM's identities: without noise where it is exact, with noise where a wrong one could hide. */
class StormTest {
    private static final double EXACT = 1e-12;

    private static Solver solver(final String name, final boolean isNoisy, final Map<String, String> settings) {
        final Solver solver =
                Solvers.create(name, new SampledQuadratic(new ReferenceDevice(), isNoisy), settings, SEED);
        solver.initialise();
        return solver;
    }

    private static double[] state(final Solver solver, final String name) {
        return solver.state().get(name).toDoubles();
    }

    /** Without noise a buffer is the gradient at the point of now, whatever the weight of the past. */
    @ParameterizedTest
    @CsvSource({
        "accbo, beta, 0", "accbo, beta, 0.5", "accbo, beta, 0.99",
        "vr-adambo, beta, 0", "vr-adambo, beta, 0.5", "vr-adambo, beta, 0.99",
        "sustain, weightX, 0.01", "sustain, weightY, 0.01", "sustain, weightX, 1",
        "mrbo, weightX, 0.01", "mrbo, weightY, 0.01", "mrbo, weightX, 1",
        "f3sa, weight, 0.01", "f3sa, weight, 0.5", "f3sa, weight, 1"
    })
    void withoutNoiseEveryBufferIsItsGradient(final String name, final String weight, final String value) {
        final Map<String, String> settings =
                settings("eta=0.05;alpha=0.1;gamma=0.2;neumann.step=0.3;neumann.terms=4;neumann.kind=sum", null);
        settings.keySet().retainAll(Solvers.kind(name).settings().keySet());
        settings.put(weight, value);
        final NeumannSettings neumann = new NeumannSettings(4, .3, NeumannSettings.Kind.SUM);
        final Solver solver = solver(name, false, settings);
        for (int k = 0; k < 40; k++) {
            final double[] x = solver.x().toDoubles();
            final double[] y = solver.y().toDoubles();
            final double[] w = name.equals("f3sa") ? state(solver, "w") : null;
            solver.step();
            switch (name) {
                case "accbo", "vr-adambo" ->
                    assertArrayEquals(
                            estimate(x, state(solver, "yAveraged"), -1, 0, neumann), state(solver, "m"), EXACT);
                case "sustain", "mrbo" -> {
                    assertArrayEquals(estimate(x, y, -1, 0, neumann), state(solver, "v"), EXACT);
                    assertArrayEquals(SampledQuadratic.lowerY(x, y, Token.EXACT), state(solver, "u"), EXACT);
                }
                default -> assertSixBuffers(solver, x, y, w);
            }
        }
    }

    private static void assertSixBuffers(final Solver solver, final double[] x, final double[] y, final double[] w) {
        final double[] nextY = solver.y().toDoubles();
        final double[] nextW = state(solver, "w");
        assertArrayEquals(SampledQuadratic.lowerY(x, w, Token.EXACT), state(solver, "lowerAtW"), EXACT);
        assertArrayEquals(SampledQuadratic.upperY(y, Token.EXACT), state(solver, "upperAtY"), EXACT);
        assertArrayEquals(SampledQuadratic.lowerY(x, y, Token.EXACT), state(solver, "lowerAtY"), EXACT);
        assertArrayEquals(SampledQuadratic.lowerX(nextY, Token.EXACT), state(solver, "lowerXAtY"), EXACT);
        assertArrayEquals(SampledQuadratic.lowerX(nextW, Token.EXACT), state(solver, "lowerXAtW"), EXACT);
        assertArrayEquals(SampledQuadratic.upperX(x, Token.EXACT), state(solver, "upperX"), EXACT);
    }

    /**
     * The public AccBO code corrects with the estimate of the step before, on other samples: m_t − ĝ_t = β^t (m_0 − ĝ_0) = 0. So m is
     * the raw estimate and β does nothing, which only noise shows; the paper's m is another.
     */
    @ParameterizedTest
    @ValueSource(strings = {"0.3", "0.9"})
    void aCorrectionOnOtherSamplesIsNone(final String beta) {
        final String common = "eta=0.05;alpha=0.1;neumann.step=0.3;beta=" + beta;
        final Solver wrong = solver("accbo", true, settings(common, "official.storedEstimate=true"));
        final Solver without = solver("accbo", true, settings(common, "official.storedEstimate=true;beta=0"));
        final Solver right = solver("accbo", true, settings(common, null));
        for (int k = 0; k < 30; k++) {
            wrong.step();
            without.step();
            right.step();
            assertArrayEquals(state(wrong, "estimateBefore"), state(wrong, "m"), EXACT, "step " + k);
            assertArrayEquals(without.x().toDoubles(), wrong.x().toDoubles(), 1e-10, "step " + k);
        }
        final double[] apart = plus(right.x().toDoubles(), -1, wrong.x().toDoubles());
        assertTrue(Math.hypot(apart[0], apart[1]) > 1e-4, "the paper's correction does nothing either");
    }

    /** SUSTAIN and MRBO with noise, written down a second time: the same samples and number of factors at both points. */
    @ParameterizedTest
    @ValueSource(strings = {"sustain", "mrbo"})
    void withNoiseBothLevelsFollowTheRecursion(final String name) {
        final Map<String, String> settings =
                settings("eta=0.05;alpha=0.1;weightX=0.3;weightY=0.2;neumann.step=0.3;neumann.terms=4", null);
        final NeumannSettings neumann = new NeumannSettings(
                4, .3, name.equals("sustain") ? NeumannSettings.Kind.RANDOM : NeumannSettings.Kind.SUM);
        final Solver solver = solver(name, true, settings);
        double[] x = {1, 2};
        double[] y = new double[2];
        double[] xBefore = x;
        double[] yBefore = y;
        double[] u = null;
        double[] v = null;
        for (int k = 0; k < 20; k++) {
            final Token token = new Token(k, Purpose.LOWER_STEP, 0);
            final double[] gradient = SampledQuadratic.lowerY(x, y, token);
            final double[] hypergradient = estimate(x, y, k, 0, neumann);
            u = k == 0 ? gradient : plus(gradient, .8, plus(u, -1, SampledQuadratic.lowerY(xBefore, yBefore, token)));
            v = k == 0
                    ? hypergradient
                    : plus(hypergradient, .7, plus(v, -1, estimate(xBefore, yBefore, k, 0, neumann)));
            xBefore = x;
            yBefore = y;
            x = plus(x, -.05, v);
            y = plus(y, -.1, u);
            solver.step();
            assertArrayEquals(u, state(solver, "u"), EXACT, "u, step " + k);
            assertArrayEquals(v, state(solver, "v"), EXACT, "v, step " + k);
            assertArrayEquals(x, solver.x().toDoubles(), EXACT, "x, step " + k);
        }
    }

    /** F3SA with noise, written down a second time: six recursions, each with a sample of its own at two points. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withNoiseAllSixOfF3saDo(final boolean commonSample) {
        final Map<String, String> settings = settings(
                "eta=0.02;alpha=0.05;gamma=0.2;weight=0.4;lambda=3;growth=0.1", "commonSample=" + commonSample);
        final Solver solver = solver("f3sa", true, settings);
        double[] x = {1, 2};
        double[] y = new double[2];
        double[] w = new double[2];
        double[] xBefore = x;
        double[] yBefore = y;
        double[] wBefore = w;
        final double[][] h = new double[6][];
        for (int k = 0; k < 20; k++) {
            final double lambda = 3 + .1 * k;
            final Token ofW = new Token(k, Purpose.TRACKER_STEP, 0);
            final Token ofF = new Token(k, Purpose.UPPER_Y, 0);
            final Token ofY = new Token(k, Purpose.LOWER_STEP, 0);
            final Token xAtY = new Token(k, Purpose.LOWER_X, 0);
            final Token xAtW = commonSample ? xAtY : new Token(k, Purpose.TRACKER_X, 0);
            final Token ofX = new Token(k, Purpose.UPPER_X, 0);
            h[0] = storm(h[0], SampledQuadratic.lowerY(x, w, ofW), SampledQuadratic.lowerY(xBefore, wBefore, ofW));
            h[1] = storm(h[1], SampledQuadratic.upperY(y, ofF), SampledQuadratic.upperY(yBefore, ofF));
            h[2] = storm(h[2], SampledQuadratic.lowerY(x, y, ofY), SampledQuadratic.lowerY(xBefore, yBefore, ofY));
            final double[] nextW = plus(w, -.2, h[0]);
            final double[] nextY = plus(y, -.05, plus(h[1], lambda, h[2]));
            h[3] = storm(h[3], SampledQuadratic.lowerX(nextY, xAtY), SampledQuadratic.lowerX(y, xAtY));
            h[4] = storm(h[4], SampledQuadratic.lowerX(nextW, xAtW), SampledQuadratic.lowerX(w, xAtW));
            h[5] = storm(h[5], SampledQuadratic.upperX(x, ofX), SampledQuadratic.upperX(xBefore, ofX));
            xBefore = x;
            yBefore = y;
            wBefore = w;
            x = plus(x, -.02, plus(h[5], lambda, plus(h[3], -1, h[4])));
            y = nextY;
            w = nextW;
            solver.step();
            assertArrayEquals(x, solver.x().toDoubles(), EXACT, "x, step " + k);
            assertArrayEquals(y, solver.y().toDoubles(), EXACT, "y, step " + k);
            assertArrayEquals(w, state(solver, "w"), EXACT, "w, step " + k);
        }
    }

    private static double[] storm(final double[] h, final double[] now, final double[] before) {
        return h == null ? now : plus(now, .6, plus(h, -1, before));
    }
}
