package borep.bench;

import borep.device.Device;
import borep.device.Schedule;
import borep.kernel.Loss;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import borep.model.NetworkShape;
import borep.model.TextSet;
import borep.problem.BilevelProblem;
import borep.problem.CountingProblem;
import borep.problem.HyperCleaning;
import borep.problem.HyperRepresentation;
import borep.problem.HyperparameterOptimisation;
import borep.problem.Regularisation;
import borep.problem.Sampler;
import borep.problem.TextLevel;
import borep.solver.BoRep;
import borep.solver.BoRepSettings;
import borep.solver.BoRepSettings.Official;
import borep.solver.BoRepSettings.Refinement;
import borep.solver.BoRepSettings.Sampling;
import java.util.List;

/**
 * Iterations of BO-REP on random texts, with the network and the settings of the public code's experiments: two layers over
 * vectors of width 300, texts of 5 … 40 words, maxima over padded steps, a head with two hidden layers, two classes.
 *
 * <p>The updates are the public code's, so that bench/peers/iteration.py can do the same: inner gradients add up, the mixed
 * term uses the new z and, but for hyper-cleaning, the upper level's batch. Left out is what makes no sense to repeat: the
 * encoder gradients that remain from the lower level, and momentum per task (here one task is one iteration). With
 * {@code paper} it is the paper's iteration with its five independent samples.
 */
public final class IterationBench {
    private static final int LAYERS = 2;
    private static final int INPUT = 300;
    private static final int LONGEST = 40;
    private static final int CLASSES = 2;
    private static final int WORDS = 5000;
    private static final int TEXTS = 4000;
    private static final double REGULARISATION = 1e-4;

    private final SweepCounter counter;
    private final CountingProblem problem;
    private final BoRep solver;
    private final Kind kind;

    /** The three experiments with the public code's settings. */
    public enum Kind {
        /** x = encoder, y = head */
        HYPER_REPRESENTATION("hyper-representation", 20, 1024, 1e-2, 1e-3, 3, 2),
        /** x = regularisation coefficient, y = network */
        HYPERPARAMETER("hyperparameter", 50, 512, 1e-4, 2e-3, 3, 3),
        /** x = weight of each sample, y = network */
        HYPER_CLEANING("hyper-cleaning", 512, 1024, 5e-2, 5e-2, 10, 2);

        private final String title;
        private final int batch;
        private final int head;
        private final double eta;
        private final double alpha;
        private final int lowerSteps;
        private final int period;

        Kind(
                final String title,
                final int batch,
                final int head,
                final double eta,
                final double alpha,
                final int lowerSteps,
                final int period) {
            this.title = title;
            this.batch = batch;
            this.head = head;
            this.eta = eta;
            this.alpha = alpha;
            this.lowerSteps = lowerSteps;
            this.period = period;
        }

        /** The name that the command line knows. */
        public String title() {
            return title;
        }

        /** Samples of a batch of either level. */
        public int batch() {
            return batch;
        }

        /** Width of the head's two hidden layers. */
        public int head() {
            return head;
        }

        /** I: one repeat is this many iterations, so that every repeat updates y once. */
        public int period() {
            return period;
        }
    }

    /**
     * The shape of the work.
     *
     * @param head  width of both hidden layers of the head
     * @param paper the paper's iteration instead of the public code's
     */
    public record Size(Kind kind, Recurrent.Cell cell, int hidden, int head, int batch, boolean paper) {}

    /**
     * Random data, and a solver at its beginning.
     *
     * @param counts whether {@link #flops} are counted, by the host as it calls a step's sweeps. A device that records steps cannot be
     *               seen through: there it must be false
     */
    public IterationBench(final Device device, final Size size, final long seed, final boolean counts) {
        counter = counts ? new SweepCounter(device) : null;
        kind = size.kind();
        problem = new CountingProblem(problem(counts ? counter : device, size, seed));
        solver = new BoRep(problem, settings(size), seed);
        solver.initialise();
    }

    private static BilevelProblem problem(final Device device, final Size size, final long seed) {
        final NetworkShape shape = new NetworkShape(
                size.cell(),
                LAYERS,
                false,
                INPUT,
                size.hidden(),
                Pooling.Mode.MAX_PADDED,
                false,
                List.of(size.head(), size.head()),
                true,
                CLASSES);
        final TextLevel upper = level(device, size.batch(), seed);
        final TextLevel lower = level(device, size.batch(), seed + 1);
        final Regularisation regularisation = new Regularisation(Loss.Regulariser.NORM, REGULARISATION);
        return switch (size.kind()) {
            case HYPER_REPRESENTATION -> new HyperRepresentation(device, shape, regularisation, upper, lower, seed);
            case HYPERPARAMETER ->
                new HyperparameterOptimisation(
                        device,
                        shape,
                        regularisation.kind(),
                        new HyperparameterOptimisation.Start(
                                HyperparameterOptimisation.Coefficient.LINEAR, REGULARISATION),
                        upper,
                        lower,
                        seed);
            case HYPER_CLEANING -> new HyperCleaning(device, shape, regularisation, 1, upper, lower, seed);
        };
    }

    private static TextLevel level(final Device device, final int batch, final long seed) {
        final TextSet set = RandomTexts.set(
                device, RandomTexts.lengths(Math.max(TEXTS, batch), LONGEST, true, seed), WORDS, INPUT, CLASSES, seed);
        return new TextLevel(set, Sampler.uniform(device, seed, set.size(), false), batch);
    }

    private static BoRepSettings settings(final Size size) {
        final Kind kind = size.kind();
        final boolean tasks = kind != Kind.HYPER_CLEANING; // its batches are independent and the mixed term is g's own
        final Official code = new Official(true, true, tasks, true, tasks, false, true, 1, false, false);
        return new BoRepSettings(
                Schedule.constant(kind.eta),
                Schedule.constant(kind.alpha),
                BoRepSettings.DEFAULT.gamma(),
                BoRepSettings.DEFAULT.beta(),
                kind.period,
                kind.lowerSteps,
                Double.POSITIVE_INFINITY,
                size.paper(),
                size.paper() || !tasks ? Sampling.INDEPENDENT : Sampling.SHARED,
                new Refinement(0, kind.lowerSteps, 1, 1),
                size.paper() ? Official.NONE : code);
    }

    /** One update of y and the iterations up to the next. */
    public void period() {
        for (int i = 0; i < kind.period; i++) {
            solver.step();
        }
    }

    /** Waits for a device that works ahead of the host. */
    public void await() {
        solver.x().get(0);
    }

    /** Multiplications and additions of matrix products since the last {@link #clear}; 0: not counted. */
    public long flops() {
        return counter == null ? 0 : counter.counts().flops();
    }

    /** Iterations since the beginning. */
    public long iterations() {
        return solver.iteration();
    }

    /** Begins to count anew. */
    public void clear() {
        if (counter != null) {
            counter.counts().clear();
        }
    }

    /** Fails if the iterates are no longer numbers: such arithmetic can take another time. */
    public void requireFinite() {
        solver.metrics().requireFinite(solver.iteration());
    }

    /** Sweeps since the last {@link #clear}. */
    SweepCounter.Counts sweeps() {
        return counter.counts();
    }

    /** Oracle calls since the beginning. */
    CountingProblem.Counts calls() {
        return problem.counts();
    }
}
