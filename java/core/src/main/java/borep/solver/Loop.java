package borep.solver;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Guard;
import borep.device.Philox;
import borep.device.Program;
import borep.device.Reals;
import borep.kernel.Update;
import borep.problem.BilevelProblem;
import borep.problem.CountingProblem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/**
 * What every solver has: a problem, the iterates x and y, the counter of iterations, metrics, and the vectors of a checkpoint.
 * A solver adds its own vectors and its {@link #step}; vectors that a later step depends on are made by {@link #upperState} and
 * {@link #lowerState}, all others are scratch.
 */
abstract class Loop implements Solver {
    /** The problem, with its calls counted. */
    final BilevelProblem problem;

    final Device device;
    final Update update;
    final Counter counter;
    final Reals x;
    final Reals y;

    private final CountingProblem.Counts calls;
    private final Metrics metrics;
    private final SequencedMap<String, Reals> state = new LinkedHashMap<>();
    /** What a bad step is undone in: all state but tables. */
    private final List<Reals> guarded = new ArrayList<>();
    /** Looks after the state; made when all of it is there, with the first recording. */
    private Guard guard;

    /**
     * @param problem what to solve; x and y live on its device
     * @param metrics names of the numbers that {@link #metrics} shows
     */
    Loop(final BilevelProblem problem, final String... metrics) {
        this(problem, counted -> counted, metrics);
    }

    /** @param seen makes what the method sees of the problem */
    Loop(final BilevelProblem problem, final UnaryOperator<BilevelProblem> seen, final String... metrics) {
        final CountingProblem counted = CountingProblem.of(problem);
        calls = counted.counts();
        this.problem = seen.apply(counted);
        device = problem.device();
        update = device.kernels().update();
        counter = device.counter();
        this.metrics = new Metrics(device, metrics);
        x = upperState("x");
        y = lowerState("y");
    }

    /** Methods with a single level move x along ∇_x f, which must not be 0 everywhere. */
    final void requireUpperSeesX(final String solver) {
        if (!problem.upperSeesX()) {
            throw new IllegalArgumentException(
                    solver
                            + ": minimises f(x, y) over x alone, y fixed, and this problem's f depends on y alone; choose a bilevel solver");
        }
    }

    /** Of the public codes' {@code official.mixedOnUpper}: ∇²_xy g · z on a sample of the upper level. */
    final void requireMixedOnUpper(final String solver) {
        if (!problem.lowerTakesUpperSamples()) {
            throw new IllegalArgumentException(
                    solver
                            + ": official.mixedOnUpper takes the mixed term of g on a sample of the upper level, and this problem's g is defined on samples of its own alone; set it to false");
        }
    }

    /** A vector as long as x that is part of a checkpoint; zero at the beginning. */
    final Reals upperState(final String name) {
        return state(name, problem.upperSize());
    }

    /** A vector as long as y that is part of a checkpoint; zero at the beginning. */
    final Reals lowerState(final String name) {
        return state(name, problem.lowerSize());
    }

    /** A vector of any length that is part of a checkpoint; zero at the beginning. */
    final Reals state(final String name, final int size) {
        final Reals vector = table(name, size);
        guarded.add(vector);
        return vector;
    }

    /**
     * State of which a step changes a small part: the guard would copy all of it after every step, so it is left out. What a bad step wrote
     * there stays; a run ends with a bad step and goes on from a checkpoint, which holds the tables too.
     */
    final Reals table(final String name, final int size) {
        if (guard != null) {
            throw new IllegalStateException(
                    "state '" + name + "': a program is recorded already; make all state before");
        }
        final Reals vector = device.reals(size);
        if (state.put(name, vector) != null) {
            throw new IllegalArgumentException("state '" + name + "': already there; choose another name");
        }
        return vector;
    }

    /** A scratch vector as long as x. */
    final Reals upperVector() {
        return device.reals(problem.upperSize());
    }

    /** A scratch vector as long as y. */
    final Reals lowerVector() {
        return device.reals(problem.lowerSize());
    }

    /** A number on the device. */
    final Reals scalar() {
        return device.reals(1);
    }

    /** Uniform numbers in ±√(6 / (q + 1)), the start of z in the public codes (Xavier, of a column); host to device. */
    static void randomise(final Reals z, final long seed) {
        final double bound = Math.sqrt(6.0 / (z.size() + 1));
        final double[] start = new double[z.size()];
        for (int i = 0; i < start.length; i++) {
            start[i] = (2 * Philox.uniform(seed, 0, Purpose.START_Z, i) - 1) * bound;
        }
        z.set(start);
    }

    /** Every number of a vector on its own, cut once so that steps make no objects. */
    static Reals[] numbers(final Reals vector) {
        final Reals[] numbers = new Reals[vector.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = vector.slice(i, 1);
        }
        return numbers;
    }

    /** [1] where this metric is written. */
    final Reals metric(final String name) {
        return metrics.slot(name);
    }

    /** Records a part of the iteration for replay. */
    final Program record(final Runnable calls) {
        return this.calls.record(guard(), calls);
    }

    /** Ends an iteration: x has moved, metrics stand. */
    final void advance() {
        problem.upperChanged();
        count();
    }

    /** Ends an iteration that left x where it was. The guard sees the iterates too: metrics are measured before x moves. */
    final void count() {
        update.norm(x, metrics.iterate(0));
        update.norm(y, metrics.iterate(1));
        if (z() != null) {
            update.norm(z(), metrics.iterate(2));
        }
        guard().end();
    }

    private Guard guard() {
        if (guard == null) {
            guard = device.guard(counter, metrics.records(), metrics.values(), List.copyOf(guarded));
        }
        return guard;
    }

    /** To be called when the state has been overwritten: a bad iteration puts it back to this. */
    final void begin() {
        guard().begin();
    }

    /** Puts x and y at the problem's starting point, all other state at 0, the counter at 0. */
    @Override
    public void initialise() {
        counter.set(0);
        state.values().forEach(vector -> update.fill(vector, 0));
        problem.initialise(x, y);
        problem.upperChanged();
        begin();
    }

    @Override
    public final long iteration() {
        return counter.get();
    }

    @Override
    public final Reals x() {
        return x;
    }

    @Override
    public final Reals y() {
        return y;
    }

    @Override
    public Reals z() {
        return state.get("z");
    }

    @Override
    public final CountingProblem.Counts calls() {
        return calls;
    }

    @Override
    public final Metrics metrics() {
        return metrics;
    }

    @Override
    public final SequencedMap<String, Reals> state() {
        return Collections.unmodifiableSequencedMap(state);
    }

    @Override
    public void resume(final long iteration) {
        counter.set(iteration);
        problem.upperChanged();
        begin();
    }
}
