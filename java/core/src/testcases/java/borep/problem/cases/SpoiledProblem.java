package borep.problem.cases;

import borep.device.Device;
import borep.device.Reals;
import borep.problem.BilevelProblem;
import borep.problem.DecisionProcess;
import borep.problem.FiniteSum;
import borep.problem.FirstOrder;
import borep.problem.ForwardingProblem;
import borep.problem.Sample;

/** Another problem whose upper gradients can be spoiled while a run goes on, programs recorded before included. */
public class SpoiledProblem extends ForwardingProblem {
    /** What is added to every number: 0, or not a number. */
    private final Reals addend;

    private final Reals upperOnes;
    private final Reals lowerOnes;

    /** Not spoiled yet; a decision process stays one. */
    public static SpoiledProblem of(final BilevelProblem problem) {
        return problem instanceof DecisionProcess process ? new SpoiledProcess(process) : new SpoiledProblem(problem);
    }

    SpoiledProblem(final BilevelProblem problem) {
        super(problem);
        final Device device = problem.device();
        addend = device.reals(1);
        upperOnes = device.reals(problem.upperSize());
        lowerOnes = device.reals(problem.lowerSize());
        device.kernels().update().fill(upperOnes, 1);
        device.kernels().update().fill(lowerOnes, 1);
    }

    /** From now on gradients of the upper level are no numbers, or good again. */
    public final void spoil(final boolean bad) {
        addend.set(new double[] {bad ? Double.NaN : 0});
    }

    @Override
    public final FiniteSum upperSum() {
        return problem.upperSum();
    }

    @Override
    public final FiniteSum lowerSum() {
        return problem.lowerSum();
    }

    @Override
    public final void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        problem.upper(x, y, sample, out);
        spoil(out);
    }

    final void spoil(final FirstOrder out) {
        if (out.gradientX() != null) {
            device().kernels().update().axpy(1, addend, upperOnes, out.gradientX());
        }
        if (out.gradientY() != null) {
            device().kernels().update().axpy(1, addend, lowerOnes, out.gradientY());
        }
    }
}
