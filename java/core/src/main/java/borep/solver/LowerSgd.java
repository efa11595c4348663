package borep.solver;

import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;

/**
 * Stochastic gradient descent on the lower level alone, x fixed: the reference point of every comparison (training without
 * cleaning, a fixed coefficient, a frozen encoder).
 *
 * <pre>  y_{k+1} = y_k − α ∇_y g(x_0, y_k; ζ_k)</pre>
 */
public final class LowerSgd extends Loop {
    private final Schedule schedule;
    private final Reals gradient;
    private final Reals alpha;
    private final Sample sample;
    private final FirstOrder want;
    private final Program iterate;

    /**
     * Not yet at a starting point: {@link Solver#initialise} or {@link Solver#resume} comes first.
     *
     * @param problem  whose lower level to minimise
     * @param schedule α, step size
     */
    public LowerSgd(final BilevelProblem problem, final Schedule schedule) {
        super(problem, "lowerLoss", "stepSize", "gradientNorm");
        this.schedule = schedule;
        gradient = lowerVector();
        alpha = metric("stepSize");
        sample = problem.newLowerSample();
        want = new FirstOrder(metric("lowerLoss"), null, gradient);
        iterate = record(this::iterate);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(schedule, counter, alpha);
        sample.draw(counter, Purpose.LOWER_STEP, 0);
        problem.lower(x, y, sample, want);
        update.norm(gradient, metric("gradientNorm"));
        update.axpy(-1, alpha, gradient, y);
        count();
    }
}
