package borep.kernel.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Ints;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.Rows;
import borep.kernel.Update;
import org.junit.jupiter.api.Test;

/** The operations whose corner cases no oracle reaches. */
class ReferenceUpdateTest {
    private final Device device = new ReferenceDevice();
    private final Update update = device.kernels().update();

    private Reals reals(final double... values) {
        final Reals reals = device.reals(values.length);
        reals.set(values);
        return reals;
    }

    @Test
    void normalisedMomentumMovesByTheStepLength() {
        final Reals x = reals(1, 1);
        final Reals m = reals(3, 0);
        final Reals norm = reals(0);
        update.normalisedMomentum(.5, reals(3, 8), m, reals(.1), 0, x, norm);
        assertArrayEquals(new double[] {3, 4}, m.toDoubles());
        assertEquals(5, norm.get(0));
        assertArrayEquals(new double[] {1 - .06, 1 - .08}, x.toDoubles(), 1e-15);
    }

    @Test
    void noMomentumMovesNothing() {
        final Reals x = reals(1, 1);
        update.normalisedMomentum(.9, reals(0, 0), reals(0, 0), reals(.1), 0, x, reals(7));
        assertArrayEquals(new double[] {1, 1}, x.toDoubles());
    }

    @Test
    void projectionStopsAtTheBall() {
        final Reals inside = reals(1.5, 1);
        update.projectBall(reals(1, 1), 1, inside);
        assertArrayEquals(new double[] {1.5, 1}, inside.toDoubles());
        final Reals outside = reals(4, 5);
        update.projectBall(reals(1, 1), 1, outside);
        assertArrayEquals(new double[] {1.6, 1.8}, outside.toDoubles(), 1e-15);
        update.projectBall(reals(1, 1), Double.POSITIVE_INFINITY, outside);
        assertArrayEquals(new double[] {1.6, 1.8}, outside.toDoubles(), 1e-15);
    }

    @Test
    void hugeLogitsDoNotOverflow() {
        final Loss loss = device.kernels().loss();
        final Loss.Tape tape = loss.tape(2, 2);
        final Ints labels = device.ints(2);
        labels.set(new int[] {0, 1});
        final Reals losses = device.reals(2);
        loss.forward(tape, 2, Rows.of(reals(1000, -1000, 1000, -1000), 2), labels, losses);
        assertArrayEquals(new double[] {0, 2000}, losses.toDoubles(), 1e-9);
    }

    @Test
    void theNormRegulariserIsFlatAtZero() {
        final Loss loss = device.kernels().loss();
        final Reals gradient = reals(0, 0);
        loss.regulariserGradient(Loss.Regulariser.NORM, 1, reals(1), reals(0, 0), gradient);
        loss.regulariserHessianVector(Loss.Regulariser.NORM, 1, reals(1), reals(0, 0), reals(1, 1), gradient);
        assertArrayEquals(new double[] {0, 0}, gradient.toDoubles());
    }

    @Test
    void tiesGoToTheLowestClass() {
        final Ints predictions = device.ints(2);
        device.kernels().loss().predict(2, Rows.of(reals(1, 1, 0, 0, 2, 2), 3), predictions);
        assertArrayEquals(new int[] {0, 1}, predictions.toArray());
    }
}
