package borep.solver;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Program;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Update;
import borep.problem.BilevelProblem;
import borep.problem.FirstOrder;
import borep.problem.Sample;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Stochastic gradient descent on the lower level alone, x fixed: the reference point of every comparison (training without
 * cleaning, a fixed coefficient, a frozen encoder).
 *
 * <pre>  y_{k+1} = y_k − α ∇_y g(x_0, y_k; ζ_k)</pre>
 */
public final class LowerSgd implements Solver {
    private static final int LOWER_STEP = 2;

    private final BilevelProblem problem;
    private final Schedule schedule;
    private final Update update;
    private final Counter counter;
    private final Metrics metrics;
    private final Reals x;
    private final Reals y;
    private final Reals gradient;
    private final Reals alpha;
    private final Sample sample;
    private final FirstOrder want;
    private final Program iterate;

    /**
     * @param problem  whose lower level to minimise
     * @param schedule α, step size
     */
    public LowerSgd(final BilevelProblem problem, final Schedule schedule) {
        this.problem = problem;
        this.schedule = schedule;
        final Device device = problem.device();
        update = device.kernels().update();
        counter = device.counter();
        metrics = new Metrics(device, "lowerLoss", "stepSize", "gradientNorm");
        x = device.reals(problem.upperSize());
        y = device.reals(problem.lowerSize());
        gradient = device.reals(problem.lowerSize());
        alpha = metrics.slot("stepSize");
        sample = problem.newLowerSample();
        want = new FirstOrder(metrics.slot("lowerLoss"), null, gradient);
        iterate = device.record(this::iterate);
    }

    @Override
    public void initialise() {
        counter.set(0);
        problem.initialise(x, y);
    }

    @Override
    public void step() {
        iterate.run();
    }

    private void iterate() {
        update.schedule(schedule, counter, alpha);
        sample.draw(counter, LOWER_STEP, 0);
        problem.lower(x, y, sample, want);
        update.norm(gradient, metrics.slot("gradientNorm"));
        update.axpy(-1, alpha, gradient, y);
        counter.advance();
    }

    @Override
    public long iteration() {
        return counter.get();
    }

    @Override
    public Reals x() {
        return x;
    }

    @Override
    public Reals y() {
        return y;
    }

    @Override
    public Reals z() {
        return null;
    }

    @Override
    public Metrics metrics() {
        return metrics;
    }

    @Override
    public SequencedMap<String, Reals> state() {
        final SequencedMap<String, Reals> state = new LinkedHashMap<>();
        state.put("x", x);
        state.put("y", y);
        return state;
    }

    @Override
    public void resume(final long iteration) {
        counter.set(iteration);
        problem.upperChanged();
    }
}
