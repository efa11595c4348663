package borep.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Device;
import borep.device.Schedule;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.Cosh;
import borep.problem.CountingProblem;
import borep.problem.FirstOrder;
import borep.problem.Quadratic;
import borep.problem.Sample;
import borep.problem.SecondOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** BO-REP on the worked quadratic and against tables of its first iterations. */
class BoRepTest {
    private static final double PRINTED = 1e-9; // the table has ten digits

    private final Device device = new ReferenceDevice();

    private Quadratic quadratic() {
        return new Quadratic(
                device,
                new Quadratic.Data(
                        new double[][] {{2, .5}, {.5, 1}},
                        new double[][] {{1, 0}, {.5, -1}},
                        new double[] {.1, -.2},
                        new double[][] {{1, .5}, {0, 1}},
                        new double[] {1, -1},
                        .1,
                        0,
                        new double[] {1, 2}));
    }

    private static BoRepSettings paper() {
        return new BoRepSettings(
                Schedule.constant(.05),
                Schedule.constant(.3),
                Schedule.constant(.3),
                .9,
                2,
                3,
                Double.POSITIVE_INFINITY,
                false,
                BoRepSettings.Sampling.INDEPENDENT,
                new BoRepSettings.Refinement(0, 3, 1, 1),
                BoRepSettings.Official.NONE);
    }

    private static BoRepSettings official(final boolean contaminate) {
        return Hyperparameters.with(
                paper(),
                Map.of(
                        "official.accumulate", "true",
                        "official.refreshAtStart", "true",
                        "official.newZ", "true",
                        "official.contaminate", Boolean.toString(contaminate)));
    }

    @Test
    void paperModeFollowsTheTable() {
        final BoRep solver = new BoRep(quadratic(), paper(), 0);
        solver.initialise();
        final double[][] expected = {
            {0.9776393202, 1.9552786405}, {0.9639026211, 1.9072026267}, {0.9538274364, 1.8582282390}
        };
        for (final double[] row : expected) {
            solver.step();
            assertArrayEquals(row, solver.x().toDoubles(), PRINTED);
        }
        assertArrayEquals(new double[] {-0.9014934844, 1.7494617619}, solver.y().toDoubles(), PRINTED);
        assertArrayEquals(new double[] {-0.6549893373, 1.3896283521}, solver.z().toDoubles(), PRINTED);
    }

    @Test
    void paperModeEndsInTheTablesLimitCycle() {
        final BoRep solver = new BoRep(quadratic(), paper(), 0);
        solver.initialise();
        for (int k = 0; k < 1000; k++) {
            solver.step();
        }
        final double[] x = solver.x().toDoubles();
        assertEquals(.37, Math.hypot(x[0] + 1.6844602610, x[1] + 1.3309608541), .01);
    }

    @Test
    void officialModeFollowsTheTable() {
        final BoRep solver = new BoRep(quadratic(), official(false), 0);
        solver.initialise();
        final double[][] expected = {
            {1.0000557277, 1.9500000311}, {1.0013045573, 1.9000156293}, {1.0037992921, 1.8500779051}
        };
        for (final double[] row : expected) {
            solver.step();
            assertArrayEquals(row, solver.x().toDoubles(), PRINTED);
        }
        assertArrayEquals(new double[] {-0.8975315533, 2.1331033804}, solver.y().toDoubles(), PRINTED);
        assertArrayEquals(new double[] {-0.7321792652, 2.0078589362}, solver.z().toDoubles(), PRINTED);
    }

    @Test
    void contaminationFollowsTheTableAndAscends() {
        final BoRep solver = new BoRep(quadratic(), official(true), 0);
        solver.initialise();
        final double[][] expected = {
            {1.0056099506, 2.0496842878}, {1.0128881692, 2.0991517269}, {1.0151680321, 2.1490997221}
        };
        for (final double[] row : expected) {
            solver.step();
            assertArrayEquals(row, solver.x().toDoubles(), PRINTED);
        }
    }

    @Test
    void everyStepOfXHasLengthEtaAtMostInOneTask() {
        final BoRep solver = new BoRep(quadratic(), paper(), 0);
        solver.initialise();
        double[] before = solver.x().toDoubles();
        for (int k = 0; k < 20; k++) {
            solver.step();
            final double[] after = solver.x().toDoubles();
            assertEquals(.05, Math.hypot(after[0] - before[0], after[1] - before[1]), 1e-9);
            before = after;
        }
    }

    @Test
    void severalTasksOfAProblemWithoutRandomnessEqualOne() {
        // Snapshots of the momentum differ from the momentum itself, a plain average over equal tasks does not.
        final BoRep one = new BoRep(quadratic(), paper(), 0);
        final BoRep four = new BoRep(
                quadratic(), Hyperparameters.with(paper(), Map.of("official.tasks", "4", "gamma", "1e-300")), 0);
        final BoRep same = new BoRep(quadratic(), Hyperparameters.with(paper(), Map.of("gamma", "1e-300")), 0);
        one.initialise();
        four.initialise();
        same.initialise();
        for (int k = 0; k < 5; k++) {
            four.step();
            same.step();
        }
        assertArrayEquals(same.x().toDoubles(), four.x().toDoubles(), 1e-12);
    }

    @Test
    void oracleCallsAreThePapers() {
        final CountingProblem counting = new CountingProblem(quadratic());
        final BoRep solver = new BoRep(counting, paper(), 0);
        solver.initialise();
        for (int k = 0; k < 10; k++) {
            solver.step();
        }
        final CountingProblem.Counts counts = counting.counts();
        assertEquals(10, counts.upperGradientX());
        assertEquals(10, counts.upperGradientY());
        assertEquals(10, counts.hessianVectorProducts());
        assertEquals(10, counts.mixedProducts());
        assertEquals(3 + 4 * 3, counts.lowerGradientY()); // warm start, then k = 2, 4, 6, 8
        assertEquals(0, counts.lowerGradientX());
    }

    @Test
    void aResumedRunIsTheSameRun() {
        final BoRep whole = new BoRep(quadratic(), paper(), 0);
        whole.initialise();
        final BoRep first = new BoRep(quadratic(), paper(), 0);
        first.initialise();
        for (int k = 0; k < 7; k++) {
            whole.step();
            first.step();
        }
        final BoRep second = new BoRep(quadratic(), paper(), 0);
        second.initialise();
        first.state().forEach((name, vector) -> second.state().get(name).set(vector.toDoubles()));
        second.resume(first.iteration());
        for (int k = 0; k < 7; k++) {
            whole.step();
            second.step();
        }
        assertArrayEquals(whole.x().toDoubles(), second.x().toDoubles());
        assertArrayEquals(whole.y().toDoubles(), second.y().toDoubles());
    }

    @Test
    void unboundedSmoothnessDivergesPlainDescentAndNotBoRep() {
        final double[][] a = {{1, 0}, {0, 4}};
        final Cosh problem = new Cosh(device, a, .5, new double[] {10, -8});
        final BoRepSettings settings = Hyperparameters.with(
                paper(),
                Map.of(
                        "eta",
                        "0.01",
                        "alpha",
                        "0.2",
                        "gamma",
                        "0.2",
                        "updatePeriod",
                        "1",
                        "lowerSteps",
                        "1",
                        "refinement.steps",
                        "0"));
        final BoRep solver = new BoRep(problem, settings, 0);
        solver.initialise();
        for (int k = 0; k < 2000; k++) {
            solver.step();
            solver.metrics().requireFinite(k);
        }
        final FirstOrder value = new FirstOrder(device.reals(1), null, null);
        problem.upper(solver.x(), solver.y(), null, value);
        assertEquals(2, value.value().get(0), 1e-2); // Φ* = p = 2

        assertThrows(DivergedException.class, () -> descend(problem, 1e-2, 100));
        assertTrue(descend(problem, 1e-4, 100) < 1e6, "a tiny step stays finite");
    }

    /** Plain gradient descent on x with the exact hypergradient: z = A⁻¹y from a converged fixed-point iteration. */
    private double descend(final Cosh problem, final double eta, final int steps) {
        final var x = device.reals(2);
        final var y = device.reals(2);
        final var z = device.reals(2);
        final var update = device.kernels().update();
        problem.initialise(x, y);
        final Sample none = problem.newUpperSample();
        final FirstOrder upper = new FirstOrder(null, device.reals(2), device.reals(2));
        final SecondOrder along = new SecondOrder(null, null, device.reals(2), device.reals(2));
        double largest = 0;
        for (int k = 0; k < steps; k++) {
            update.apply(borep.kernel.Update.Function.SIN, x, y);
            update.scale(.5, y);
            problem.upper(x, y, none, upper);
            for (int i = 0; i < 200; i++) {
                problem.lowerAlong(x, y, z, none, along);
                update.axpy(-.2, along.product(), z);
                update.axpy(.2, upper.gradientY(), z);
            }
            problem.lowerAlong(x, y, z, none, along);
            update.axpy(-eta, upper.gradientX(), x);
            update.axpy(eta, along.mixed(), x);
            for (final double value : x.toDoubles()) {
                if (!Double.isFinite(value)) {
                    throw new DivergedException(k, "x", value);
                }
                largest = Math.max(largest, Math.abs(value));
            }
        }
        return largest;
    }
}
