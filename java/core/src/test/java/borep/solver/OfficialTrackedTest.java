package borep.solver;

import static borep.solver.SecondWriting.SEED;
import static borep.solver.SecondWriting.plus;
import static borep.solver.SecondWriting.settings;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.kernel.reference.ReferenceDevice;
import borep.problem.cases.SampledQuadratic;
import borep.problem.cases.SampledQuadratic.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * BO-REP and SLIP written down a second time, on the host and sample by sample, with what {@code Official} says of their public
 * codes: every {@code official.…} setting changes that and nothing else, and it does change the run.
 */
class OfficialTrackedTest {
    private static final int STEPS = 7;
    private static final double EXACT = 1e-12;

    private static final String BO_REP =
            "eta=0.05;alpha=0.2;gamma=0.3;updatePeriod=2;lowerSteps=3;refinement.epochs=0;refinement.steps=3";

    private static double[][] secondBoRep(final Map<String, String> settings) {
        final SecondBoRep second = new SecondBoRep(Hyperparameters.with(BoRepSettings.DEFAULT, settings));
        final double[][] run = new double[STEPS][];
        for (int k = 0; k < STEPS; k++) {
            second.step(k);
            run[k] = second.all();
        }
        return run;
    }

    private static void assertSame(final String name, final Map<String, String> settings, final double[][] second) {
        final Solver solver = Solvers.create(name, new SampledQuadratic(new ReferenceDevice(), true), settings, SEED);
        solver.initialise();
        for (int k = 0; k < STEPS; k++) {
            solver.step();
            final double[] x = solver.x().toDoubles();
            final double[] y = solver.y().toDoubles();
            final double[] z = solver.z().toDoubles();
            assertArrayEquals(second[k], new double[] {x[0], x[1], y[0], y[1], z[0], z[1]}, EXACT, "step " + (k + 1));
        }
    }

    private static void assertOther(final double[][] without, final double[][] with) {
        double change = 0;
        for (int i = 0; i < 6; i++) {
            change = Math.max(change, Math.abs(without[STEPS - 1][i] - with[STEPS - 1][i]));
        }
        assertTrue(change > 1e-5, "the setting changes nothing: " + Arrays.toString(with[STEPS - 1]));
    }

    /** The settings, and those that they are to differ from. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "official.accumulate=true |",
                "official.refreshAtStart=true |",
                "official.reuseSample=true |",
                "official.reuseSample=true;sampling=shared | official.reuseSample=true",
                "official.newZ=true |",
                "official.newZ=true;sampling=shared | sampling=shared",
                "official.mixedOnUpper=true |",
                "official.contaminate=true |",
                "official.randomZ=true |",
                "official.tasks=3 |",
                "official.tasks=3;official.snapshots=true | official.tasks=3",
                "official.tasks=5;official.refreshByTask=true | official.tasks=5",
            })
    void boRep(final String with, final String without) {
        final Map<String, String> settings = settings(BO_REP, with);
        final double[][] second = secondBoRep(settings);
        assertSame("bo-rep", settings, second);
        assertOther(secondBoRep(settings(BO_REP, without)), second);
    }

    /** The paper's own settings: projection, averaging, refinement, period, samples. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ballRadius=0.05 |",
                "average=false |",
                "refinement.epochs=3;refinement.steps=4;refinement.step=0.2;refinement.radius=10 |",
                "refinement.epochs=3;refinement.steps=4;refinement.step=0.2;refinement.radius=0.1 | refinement.epochs=3;refinement.steps=4;refinement.step=0.2;refinement.radius=10",
                "updatePeriod=3;lowerSteps=5 |",
                "sampling=shared |",
                "beta=0.5 |",
            })
    void boRepInPaperMode(final String with, final String without) {
        boRep(with, without);
    }

    /** The public code in all at once, with and without its contamination, and the paper. */
    @ParameterizedTest
    @CsvSource({"true, 4", "false, 4", "true, 1"})
    void boRepTogether(final boolean contaminate, final int tasks) {
        final Map<String, String> settings = settings(BO_REP, null);
        assertSame("bo-rep", settings, secondBoRep(settings));
        final BoRepSettings code = new BoRepSettings(
                BoRepSettings.DEFAULT.eta(),
                BoRepSettings.DEFAULT.alpha(),
                BoRepSettings.DEFAULT.gamma(),
                .9,
                2,
                3,
                Double.POSITIVE_INFINITY,
                true,
                BoRepSettings.Sampling.INDEPENDENT,
                BoRepSettings.DEFAULT.refinement(),
                BoRepSettings.Official.code(tasks));
        final Map<String, String> all = new HashMap<>(Hyperparameters.describe(code));
        all.put("official.contaminate", Boolean.toString(contaminate));
        assertSame("bo-rep", all, secondBoRep(all));
    }

    private static final String SLIP = "eta=0.05;alpha=0.2;gamma=0.3;warmSteps=3";

    /** SLIP with its public code's deviations: all updates use values of time t. */
    private static double[][] secondSlip(final Map<String, String> values) {
        final Slip.Settings s = Hyperparameters.with(Slip.Settings.DEFAULT, values);
        final Slip.Official o = s.official();
        final double alpha = s.alpha().initial();
        final boolean shared = s.sampling() == BoRepSettings.Sampling.SHARED;
        final SecondState at = new SecondState();
        at.z = o.randomZ() ? SecondState.randomStart() : at.z;
        final double[][] run = new double[STEPS][];
        for (int k = 0; k < STEPS; k++) {
            if (k < o.warmIterations()) {
                final double[] where = at.y;
                for (int j = 0; j < s.warmSteps(); j++) {
                    final double[] seenAt = o.summedWarmStart() ? where : at.y;
                    at.y = plus(at.y, -alpha, SampledQuadratic.lowerY(at.x, seenAt, new Token(k, Purpose.WARM, j)));
                }
            }
            final List<double[]> estimates = new ArrayList<>();
            for (int task = 0; task < o.tasks(); task++) {
                final Token step = new Token(k, shared ? Purpose.SHARED : Purpose.LOWER_STEP, task);
                final Token hessian = new Token(k, shared ? Purpose.SHARED : Purpose.HESSIAN, task);
                final Token upperY = new Token(k, shared ? Purpose.SHARED : Purpose.UPPER_Y, task);
                final Token upperX = new Token(k, shared ? Purpose.SHARED : Purpose.UPPER_X, task);
                final Token mixed =
                        o.mixedOnUpper() ? upperX : new Token(k, shared ? Purpose.SHARED : Purpose.MIXED, task);
                double[] gradient = SampledQuadratic.lowerY(at.x, at.y, step);
                final double[] residual =
                        plus(SampledQuadratic.product(at.z, hessian), -1, SampledQuadratic.upperY(at.y, upperY));
                final double[] next = plus(at.z, -s.gamma().initial(), residual);
                double[] d = plus(
                        SampledQuadratic.upperX(at.x, upperX),
                        -1,
                        SampledQuadratic.mixed(o.newZ() ? next : at.z, mixed));
                if (o.contaminate()) {
                    d = plus(d, 1, SampledQuadratic.lowerX(at.y, step));
                }
                estimates.add(d);
                at.z = next;
                at.y = plus(at.y, -alpha, gradient);
                for (int j = 0; j < o.lowerSteps() - 1; j++) { // g1, then g1 + g2, …
                    final Token added = new Token(k, Purpose.ADDED_STEP, task * (o.lowerSteps() - 1) + j);
                    gradient = plus(gradient, 1, SampledQuadratic.lowerY(at.x, at.y, added));
                    at.y = plus(at.y, -alpha, gradient);
                }
            }
            at.move(estimates, s.beta(), o.snapshots(), s.eta().initial());
            run[k] = at.all();
        }
        return run;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "official.summedWarmStart=true |",
                "official.warmIterations=4 |",
                "official.warmIterations=4;official.summedWarmStart=true | official.warmIterations=4",
                "official.lowerSteps=3 |",
                "official.newZ=true |",
                "official.newZ=true;sampling=shared | sampling=shared",
                "official.mixedOnUpper=true |",
                "official.contaminate=true |",
                "official.randomZ=true |",
                "official.tasks=3 |",
                "official.tasks=3;official.snapshots=true | official.tasks=3",
                "official.tasks=3;official.lowerSteps=2;official.newZ=true;official.mixedOnUpper=true;official.snapshots=true | official.tasks=3",
            })
    void slip(final String with, final String without) {
        final Map<String, String> settings = settings(SLIP, with);
        final double[][] second = secondSlip(settings);
        assertSame("slip", settings, second);
        assertOther(secondSlip(settings(SLIP, without)), second);
        final Map<String, String> paper = settings(SLIP, null);
        assertSame("slip", paper, secondSlip(paper));
    }
}
