package borep.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Reals;
import borep.kernel.Loss;
import borep.model.NetworkShape;
import borep.problem.Sample;
import borep.problem.SecondOrder;
import borep.problem.TextProblem;
import borep.problem.cases.ProblemCases;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ⟨u, ∇²_yy g · v⟩ = ⟨v, ∇²_yy g · u⟩ on the device, for every problem, network and precision of matrix products. */
class CudaSymmetryTest {
    private static final long SEED = Long.getLong("borep.seed", 20_240_607L);

    /** Of the difference, relative to ‖u‖ ‖Hv‖: the rounding of one operand, and room for a few steps of a sweep. */
    private static double tolerance(final CudaDevice.Precision precision) {
        return switch (precision) {
            case FP32, TF32_X3 -> 1e-6;
            case TF32 -> 5e-4;
            case BF16 -> 2e-3;
        };
    }

    @ParameterizedTest
    @EnumSource(CudaDevice.Precision.class)
    void theHessianIsSymmetric(final CudaDevice.Precision precision) {
        int checked = 0;
        double worst = 0;
        for (final NetworkShape shape : ProblemCases.shapes()) {
            try (CudaDevice device = Emulated.open()) {
                device.setPrecision(precision);
                for (final TextProblem problem : ProblemCases.problems(device, shape, Loss.Regulariser.SQUARED, SEED)) {
                    worst = Math.max(worst, asymmetry(device, problem));
                    checked++;
                }
            }
        }
        assertEquals(5 * ProblemCases.shapes().size(), checked);
        assertTrue(worst <= tolerance(precision), precision + ": " + worst + ", -Dborep.seed=" + SEED);
    }

    /** |⟨u, Hv⟩ − ⟨v, Hu⟩| / (‖u‖ ‖Hv‖). */
    private static double asymmetry(final CudaDevice device, final TextProblem problem) {
        final int q = problem.lowerSize();
        final Reals x = device.reals(problem.upperSize());
        final Reals y = device.reals(q);
        problem.initialise(x, y);
        device.kernels().update().axpy(.2, ProblemCases.vector(device, q, SEED, 8), y);
        final Sample sample = problem.newLowerSample();
        sample.draw(ProblemCases.at(device, 3), 2, 0);
        final Reals u = ProblemCases.vector(device, q, SEED, 14);
        final Reals v = ProblemCases.vector(device, q, SEED, 9);
        final double[] hu = product(problem, x, y, u, sample);
        final double[] hv = product(problem, x, y, v, sample);
        final double[] left = u.toDoubles();
        final double[] right = v.toDoubles();
        final double scale = Math.sqrt(dot(left, left) * dot(hv, hv));
        assertTrue(scale > 1e-3, "the product along v is nearly 0");
        return Math.abs(dot(left, hv) - dot(right, hu)) / scale;
    }

    private static double[] product(
            final TextProblem problem, final Reals x, final Reals y, final Reals z, final Sample sample) {
        final Reals product = problem.device().reals(problem.lowerSize());
        problem.lowerAlong(x, y, z, sample, new SecondOrder(null, null, product, null));
        return product.toDoubles();
    }

    private static double dot(final double[] a, final double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
