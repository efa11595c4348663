package borep.problem.cases;

import borep.device.Device;
import borep.device.Reals;
import borep.model.Parameters;
import borep.problem.BilevelProblem;
import borep.problem.DecisionProcess;
import borep.problem.FiniteSum;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import borep.problem.SecondOrder;

/** Another problem whose upper gradients can be spoiled while a run goes on, programs recorded before included. */
public class SpoiledProblem implements BilevelProblem {
    private final BilevelProblem problem;
    /** What is added to every number: 0, or not a number. */
    private final Reals addend;

    private final Reals upperOnes;
    private final Reals lowerOnes;

    /** Not spoiled yet; a decision process stays one. */
    public static SpoiledProblem of(final BilevelProblem problem) {
        return problem instanceof DecisionProcess process ? new SpoiledProcess(process) : new SpoiledProblem(problem);
    }

    SpoiledProblem(final BilevelProblem problem) {
        this.problem = problem;
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
    public final Device device() {
        return problem.device();
    }

    @Override
    public final Parameters upperLayout() {
        return problem.upperLayout();
    }

    @Override
    public final Parameters lowerLayout() {
        return problem.lowerLayout();
    }

    @Override
    public final void initialise(final Reals x, final Reals y) {
        problem.initialise(x, y);
    }

    @Override
    public final Sample newUpperSample() {
        return problem.newUpperSample();
    }

    @Override
    public final Sample newLowerSample() {
        return problem.newLowerSample();
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

    @Override
    public final void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        problem.lower(x, y, sample, out);
    }

    @Override
    public final void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        problem.lowerAlong(x, y, z, sample, out);
    }

    @Override
    public final void upperChanged() {
        problem.upperChanged();
    }
}
