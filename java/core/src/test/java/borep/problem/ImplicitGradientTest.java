package borep.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import borep.device.Device;
import borep.device.Reals;
import borep.kernel.Loss;
import borep.kernel.reference.ReferenceDevice;
import borep.problem.RegularisationSelection.Coefficients;
import borep.problem.cases.ProblemCases;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Hypergradients of the linear problems on whole sets, ∇_x f − ∇²_xy g·z with y* by Newton's method and z* solved densely, against central
 * differences of Φ(x) = f(x, y*(x)).
 */
class ImplicitGradientTest {
    private static final long SEED = Long.getLong("borep.seed", 7);
    private static final double STEP = 1e-4;

    private final Device device = new ReferenceDevice();

    private List<LinearProblem> problems(final int classes) {
        final SparseLevel upper = SparseLevel.of(device, ProblemCases.sparse(device, classes, SEED), 0, 1);
        final SparseLevel lower = SparseLevel.of(device, ProblemCases.sparse(device, classes, SEED + 2), 0, 1);
        return List.of(
                new SoftmaxCleaning(device, new Regularisation(Loss.Regulariser.SQUARED, 0.1), 0, upper, lower),
                new RegularisationSelection(
                        device, new RegularisationSelection.Start(Coefficients.SHARED, -2), upper, lower),
                new RegularisationSelection(
                        device, new RegularisationSelection.Start(Coefficients.PER_FEATURE, -2), upper, lower));
    }

    @Test
    void hypergradientsAreTheSlopesOfTheUpperObjective() {
        int checked = 0;
        for (final int classes : new int[] {2, 3}) {
            for (final LinearProblem problem : problems(classes)) {
                final Reals x = device.reals(problem.upperSize());
                final Reals y = device.reals(problem.lowerSize());
                problem.initialise(x, y);
                device.kernels().update().axpy(1, ProblemCases.vector(device, x.size(), SEED, 3), x);
                final Reals direction = ProblemCases.vector(device, x.size(), SEED, 4);
                final double slope = dot(hypergradient(problem, x, y), direction);
                final Reals moved = device.reals(x.size());
                final double difference =
                        (value(problem, x, STEP, direction, moved, y) - value(problem, x, -STEP, direction, moved, y))
                                / (2 * STEP);
                assertEquals(
                        difference,
                        slope,
                        1e-7 * (1 + Math.abs(slope)),
                        problem.getClass().getSimpleName() + " with " + classes + " classes");
                assertEquals(1, Math.signum(Math.abs(slope) - 1e-5), "a slope of 0 would show nothing: " + slope);
                checked++;
            }
        }
        assertEquals(6, checked);
    }

    private Reals hypergradient(final LinearProblem problem, final Reals x, final Reals y) {
        solveLower(problem, x, y);
        final FirstOrder f = new FirstOrder(null, device.reals(x.size()), device.reals(y.size()));
        problem.upper(x, y, problem.newUpperSample(), f);
        final Reals z = device.reals(y.size());
        device.kernels().update().solve(hessian(problem, x, y), f.gradientY(), z);
        final SecondOrder along = new SecondOrder(null, null, null, device.reals(x.size()));
        problem.lowerAlong(x, y, z, problem.newLowerSample(), along);
        device.kernels().update().axpy(-1, along.mixed(), f.gradientX());
        return f.gradientX();
    }

    private double value(
            final LinearProblem problem,
            final Reals x,
            final double step,
            final Reals direction,
            final Reals moved,
            final Reals y) {
        device.kernels().update().copy(x, moved);
        device.kernels().update().axpy(step, direction, moved);
        solveLower(problem, moved, y);
        final FirstOrder f = new FirstOrder(device.reals(1), null, null);
        problem.upper(moved, y, problem.newUpperSample(), f);
        return f.value().get(0);
    }

    /** Newton's method from where y is: quadratic convergence, g is strongly convex. */
    private void solveLower(final LinearProblem problem, final Reals x, final Reals y) {
        final FirstOrder g = new FirstOrder(null, null, device.reals(y.size()));
        final Reals step = device.reals(y.size());
        for (int i = 0; i < 12; i++) {
            problem.lower(x, y, problem.newLowerSample(), g);
            device.kernels().update().solve(hessian(problem, x, y), g.gradientY(), step);
            device.kernels().update().axpy(-1, step, y);
        }
        problem.lower(x, y, problem.newLowerSample(), g);
        assertEquals(0, Math.sqrt(dot(g.gradientY(), g.gradientY())), 1e-13, "Newton's method has not converged");
    }

    /** ∇²_yy g, column by column: it is symmetric. */
    private Reals hessian(final LinearProblem problem, final Reals x, final Reals y) {
        final int q = y.size();
        final Reals matrix = device.reals(q * q);
        final Reals unit = device.reals(q);
        final SecondOrder along = new SecondOrder(null, null, device.reals(q), null);
        for (int column = 0; column < q; column++) {
            device.kernels().update().fill(unit, 0);
            device.kernels().update().fill(unit.slice(column, 1), 1);
            problem.lowerAlong(x, y, unit, problem.newLowerSample(), along);
            device.kernels().update().copy(along.product(), matrix.slice(column * q, q));
        }
        return matrix;
    }

    private static double dot(final Reals a, final Reals b) {
        final double[] u = a.toDoubles();
        final double[] v = b.toDoubles();
        double sum = 0;
        for (int i = 0; i < u.length; i++) {
            sum += u[i] * v[i];
        }
        return sum;
    }
}
