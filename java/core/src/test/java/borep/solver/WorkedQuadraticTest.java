package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.kernel.reference.ReferenceDevice;
import borep.problem.BilevelProblem;
import borep.problem.CountingProblem;
import borep.problem.Quadratic;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first iterations of every solver on the worked quadratic, its end, and the oracle calls that they cost. */
class WorkedQuadraticTest {
    private static final double PRINTED = 1e-9; // the tables have ten digits
    private static final double[] MINIMISER = {-1.6844602610, -1.3309608541};

    private static Quadratic quadratic() {
        return new Quadratic(new ReferenceDevice(), Quadratic.Data.worked(0));
    }

    /** The table's constants, as far as a solver knows them, and its exact variant. */
    private static Map<String, String> settings(final String name) {
        final Map<String, String> constants = new HashMap<>(Map.of(
                "eta", "0.05",
                "alpha", "0.3",
                "gamma", "0.3",
                "warmSteps", "3",
                "neumann.step", "0.3",
                "neumann.kind", "sum",
                "hessianStep", "0.3",
                "lambda", "5",
                "growth", "0",
                "weightX", "0.2"));
        constants.put("weightY", "0.7");
        constants.put("weight", "0.3");
        constants.put("adaptive", "false");
        constants.put("tolerance", "1e-13");
        if (name.equals("amigo-cg") || name.equals("aid-cg")) {
            constants.put("linearSteps", "2");
        }
        if (name.equals("hoag")) {
            constants.put("lowerSteps", "120");
        }
        if (name.equals("f2sa") || name.equals("f3sa")) {
            constants.put("alpha", "0.05");
        }
        if (name.equals("itd")) {
            constants.put("lowerSteps", "3");
        }
        if (name.equals("lancbio")) {
            constants.put("period", "1");
        }
        final Map<String, String> known = Solvers.kind(name).settings();
        constants.keySet().retainAll(known.keySet());
        return constants;
    }

    private static Solver solver(final String name, final BilevelProblem problem, final Map<String, String> settings) {
        final Solver solver = Solvers.create(name, problem, settings, 7);
        solver.initialise();
        return solver;
    }

    private static double distance(final double[] a, final double[] b) {
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
    }

    /** x after one, two and three iterations, and the distance from the minimiser after a thousand. */
    @ParameterizedTest
    @CsvSource({
        "soba,     0.995, 1.99, 0.978775, 1.97255, 0.961674875, 1.94059975, 3.9e-7",
        "saba,     0.995, 1.99, 0.978775, 1.97255, 0.961674875, 1.94059975, 3.9e-7",
        "srba,     0.995, 1.99, 0.978775, 1.97255, 0.961674875, 1.94059975, 3.9e-7",
        "ma-soba,  0.9995, 1.999, 0.99742525, 1.9963505, 0.9938386374, 1.9907590248, 1.1e-8",
        "slip,     0.9776393202, 1.9552786405, 0.9639026211, 1.9072026267, 0.9552168762, 1.8579628274, 5.5e-1",
        "adambo,   0.9500000045, 1.9500000003, 0.9076493310, 1.8999321512, 0.8857993295, 1.8497570013, 5.4e-2",
        "accbo,    0.9955111314, 1.9001061053, 0.9951913148, 1.8501071281, 0.9960645966, 1.8001147549, 8.1e-2",
        "stocbio,  0.9944883019, 1.9002541718, 0.9963721788, 1.7771781582, 0.9998491020, 1.6481342047, 5.4e-2",
        "ttsa,     0.9845975768, 1.9340180613, 0.9742052970, 1.8503670530, 0.9676812650, 1.7540804302, 5.4e-2",
        "sustain,  0.9799145727, 1.9567764719, 0.9646125766, 1.8910106509, 0.9545679640, 1.8071547550, 5.4e-2",
        "mrbo,     0.9799145727, 1.9567764719, 0.9646125766, 1.8910106509, 0.9545679640, 1.8071547550, 5.4e-2",
        "f2sa,     0.9825, 1.9625, 0.9655328125, 1.9011093750, 0.9520116670, 1.8211509082, 6.0e-2",
        "f3sa,     0.9825, 1.9625, 0.9655328125, 1.9011093750, 0.9520116670, 1.8211509082, 6.0e-2",
        "hoag,     1.0133673469, 1.8179591837, 1.0219369117, 1.6497873386, 1.0261702454, 1.4943352865, 7.8e-7",
        "amigo-gd, 0.9923636557, 1.9285752580, 0.9939211230, 1.8114276204, 0.9989630265, 1.6701314159, 7.3e-7",
        "amigo-cg, 0.9964128571, 1.8776773214, 1.0002749573, 1.7277594915, 1.0052697852, 1.5720030182, 7.6e-7",
        "aid-cg,   0.9964128571, 1.8776773214, 1.0002749573, 1.7277594915, 1.0052697852, 1.5720030182, 7.6e-7",
        "subbio,   0.9670291714, 1.9437976546, 0.9586504875, 1.8406211893, 0.9543190395, 1.7221427041, 6.5e-7",
        "lancbio,  0.9670291714, 1.9437976546, 0.9642740264, 1.8586828374, 0.9530212621, 1.7466165553, 6.5e-7",
        "bome,     0.9950383036, 1.9185382451, 0.9883832013, 1.8389671648, 0.9802088236, 1.7614052177, 3.4e-2",
        "itd,      0.9923636557, 1.9285752580, 0.9917964768, 1.8397487066, 0.9932819098, 1.7455532374, 1.8e-1",
    })
    void followsTheTable(
            final String name,
            final double x1,
            final double y1,
            final double x2,
            final double y2,
            final double x3,
            final double y3,
            final double distance) {
        final Solver solver = solver(name, quadratic(), settings(name));
        if (name.equals("accbo")) { // its rows begin after the second move of x
            solver.step();
        }
        for (final double[] row : new double[][] {{x1, y1}, {x2, y2}, {x3, y3}}) {
            solver.step();
            assertArrayEquals(row, solver.x().toDoubles(), PRINTED, name);
        }
        for (int k = 3; k < 1000; k++) {
            solver.step();
        }
        final double reached = distance(solver.x().toDoubles(), MINIMISER);
        assertEquals(distance, reached, 0.06 * distance, name); // printed with two digits
    }

    /** y and z after three iterations. */
    @ParameterizedTest
    @CsvSource({
        "soba,    -0.67557, 1.22547375, -0.576225, 0.79126875",
        "ma-soba, -0.682008825, 1.2314363625, -0.57632625, 0.791825625",
        "slip,    -0.9106726245, 1.7720129533, -0.6666231081, 1.4107948596",
    })
    void lowerVariablesFollowTheTable(
            final String name, final double y1, final double y2, final double z1, final double z2) {
        final Solver solver = solver(name, quadratic(), settings(name));
        for (int k = 0; k < 3; k++) {
            solver.step();
        }
        assertArrayEquals(new double[] {y1, y2}, solver.y().toDoubles(), PRINTED);
        assertArrayEquals(new double[] {z1, z2}, solver.z().toDoubles(), PRINTED);
    }

    @Test
    void f2saEndsAtThePenaltyPoint() {
        final Solver solver = solver("f2sa", quadratic(), settings("f2sa"));
        for (int k = 0; k < 3000; k++) {
            solver.step();
        }
        assertArrayEquals(
                new double[] {-1.6327395457, -1.3002285351}, solver.x().toDoubles(), 1e-7);
    }

    /** SLIP's public warm start: one step with three times the gradient. */
    @Test
    void summedWarmStartIsOneLongStep() {
        final Map<String, String> official = new HashMap<>(settings("slip"));
        official.put("official.summedWarmStart", "true");
        official.put("alpha", "0.3/step:1:1e-12"); // nothing moves y after the warm start
        final Solver solver = solver("slip", quadratic(), official);
        solver.step();
        final double[] gradient = {2 * 0 + 1 * 1 + .1, .5 - 2 - .2}; // B x_0 + c at y = 0
        assertArrayEquals(
                new double[] {
                    -.9 * gradient[0] - .3 * gradientAfter(gradient, 0),
                    -.9 * gradient[1] - .3 * gradientAfter(gradient, 1)
                },
                solver.y().toDoubles(),
                PRINTED);
    }

    /** Component of A y + B x_0 + c at y = −0.9 gradient. */
    private static double gradientAfter(final double[] gradient, final int i) {
        final double[][] a = {{2, .5}, {.5, 1}};
        return a[i][0] * -.9 * gradient[0] + a[i][1] * -.9 * gradient[1] + gradient[i];
    }

    /** Σ over p of the random-index estimates is the truncated sum: enumerated, not sampled (v = (1, −2), Q = 6, η_H = 0.3). */
    @Test
    void randomNeumannIndexAveragesToTheSum() {
        final int terms = 6;
        final double[] mean = new double[2];
        for (int p = 0; p < terms; p++) {
            double[] r = {1, -2};
            for (int k = 0; k < p; k++) {
                r = new double[] {r[0] - .3 * (2 * r[0] + .5 * r[1]), r[1] - .3 * (.5 * r[0] + r[1])};
            }
            mean[0] += .3 * r[0];
            mean[1] += .3 * r[1];
        }
        assertArrayEquals(new double[] {0.9317998125, -2.0621702813}, mean, PRINTED);
        final Solver random = solver(
                "ttsa",
                quadratic(),
                Map.of(
                        "neumann.kind",
                        "random",
                        "neumann.terms",
                        "6",
                        "neumann.step",
                        "0.3",
                        "alpha",
                        "1e-12",
                        "eta",
                        "1e-9"));
        final Solver sum = solver(
                "ttsa",
                quadratic(),
                Map.of(
                        "neumann.kind",
                        "sum",
                        "neumann.terms",
                        "5",
                        "neumann.step",
                        "0.3",
                        "alpha",
                        "1e-12",
                        "eta",
                        "1e-9"));
        final int steps = 4000;
        for (int k = 0; k < steps; k++) {
            random.step();
            sum.step();
        }
        final double[] start = {1, 2};
        for (int i = 0; i < 2; i++) { // the mean of the estimates, from how far x has moved
            final double moved = (start[i] - random.x().toDoubles()[i]) / (1e-9 * steps);
            assertEquals((start[i] - sum.x().toDoubles()[i]) / (1e-9 * steps), moved, 0.15);
        }
    }

    /** What an iteration costs: ∇_y g, ∇_x g, ∇²_yy g·z, ∇²_xy g·z, ∇_y f, ∇_x f after three iterations. */
    @ParameterizedTest
    @CsvSource({
        "slip,     6, 0, 3, 3, 3, 3",
        "soba,     3, 0, 3, 3, 3, 3",
        "saba,     4, 0, 4, 4, 4, 4",
        "srba,     3, 0, 3, 3, 3, 3",
        "unibio,   70, 0, 3, 3, 3, 3",
        "adambo,   6, 0, 15, 3, 3, 3",
        "accbo,    5, 0, 25, 5, 5, 5",
        "stocbio,  9, 0, 15, 3, 3, 3",
        "ttsa,     3, 0, 15, 3, 3, 3",
        "bsa,      5, 0, 15, 3, 3, 3",
        "sustain,  5, 0, 25, 5, 5, 5",
        "vrbo,     32, 0, 160, 32, 32, 32",
        "hoag,     360, 0, 33, 3, 3, 3",
        "f3sa,     10, 10, 0, 0, 5, 5",
        "f2sa,     6, 6, 0, 0, 3, 3",
        "amigo-gd, 9, 0, 9, 3, 3, 3",
        "amigo-cg, 9, 0, 9, 3, 3, 3",
        "subbio,   3, 0, 9, 3, 3, 3",
        "lancbio,  3, 0, 6, 3, 3, 3",
        "bome,     33, 6, 0, 0, 3, 3",
        "itd,      9, 0, 9, 9, 3, 3",
    })
    void callsAreCounted(
            final String name,
            final long gradientY,
            final long gradientX,
            final long products,
            final long mixed,
            final long upperY,
            final long upperX) {
        final CountingProblem problem = new CountingProblem(quadratic());
        final Solver solver = solver(name, problem, settings(name));
        for (int k = 0; k < 3; k++) {
            solver.step();
        }
        final CountingProblem.Counts counts = problem.counts();
        assertEquals(gradientY, counts.lowerGradientY(), "∇_y g");
        assertEquals(gradientX, counts.lowerGradientX(), "∇_x g");
        assertEquals(products, counts.hessianVectorProducts(), "∇²_yy g·z");
        assertEquals(mixed, counts.mixedProducts(), "∇²_xy g·z");
        assertEquals(upperY, counts.upperGradientY(), "∇_y f");
        assertEquals(upperX, counts.upperGradientX(), "∇_x f");
    }
}
