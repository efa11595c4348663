package borep.experiment;

import borep.data.Split;
import borep.device.Device;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Loss;
import borep.kernel.Update;
import borep.model.NetworkShape;
import borep.model.TextSet;
import borep.problem.FirstOrder;
import borep.problem.HyperparameterOptimisation;
import borep.problem.Sample;
import borep.problem.Sampler;
import borep.problem.SecondOrder;
import borep.problem.TextLevel;
import borep.report.SmoothnessPath;
import borep.solver.LowerSgd;
import borep.solver.PowerIteration;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the local smoothness of a recurrent network's training loss goes with the gradient's norm along the path of SGD, the observation
 * that (L0, L1)-smoothness was made for (Zhang, He, Sra, Jadbabaie, ICLR 2020; of recurrent networks in Hao, Gong, Liu, ICLR 2024).
 *
 * <p>The network is the text problems' lower level without a regulariser. Norm, smoothness and loss are those of one fixed batch of training
 * texts, the same at every point, so that they belong to one deterministic function F. At y_k:
 *
 * <pre>
 *   smoothness  ‖∇²F(y_k)‖ = max |λ|, by {@link PowerIteration} on the four sweeps, from where it ended the point before
 *   along step  max over δ in {¼, ½, ¾, 1} of ‖∇F(y_k + δ d) − ∇F(y_k)‖ / (δ ‖d‖), d = y_{k+1} − y_k: what Zhang et al. measure
 * </pre>
 */
public final class SmoothnessStudy {
    private static final double[] PARTS = {0.25, 0.5, 0.75, 1};
    private static final int FEWEST_POINTS = 10;
    private static final long LINE_NANOS = 5_000_000_000L;
    /** The measured batch's random choice: of no iteration and no other purpose. */
    private static final int PURPOSE = 0x534D4F4F;

    private final Settings settings;
    private final Device device;
    private final Update update;
    private final HyperparameterOptimisation problem;
    private final LowerSgd sgd;
    private final Sample measured;
    private final PowerIteration iteration;
    private final Reals gradient;
    private final Reals moved;
    private final Reals movedGradient;
    private final Reals before;
    private final Reals number;
    private final FirstOrder here;
    private final FirstOrder there;

    /**
     * What it is set by.
     *
     * @param run       seed, device, threads, steps, evaluateEvery (iterations between two points), and the text problems' own
     * @param batch     texts of a training step
     * @param measured  texts that are measured on
     * @param step      size of SGD's steps
     * @param tolerance of the power iteration's residual
     * @param products  Hessian-vector products at most for a point
     */
    public record Settings(RunSettings run, int batch, int measured, Schedule step, double tolerance, int products) {
        /** Checks the ranges. */
        public Settings {
            RunSettings.atLeast("batch", batch, 1);
            RunSettings.atLeast("measured", measured, 1);
            RunSettings.atLeast("products", products, 2);
            if (!(tolerance > 0 && tolerance < 1)) {
                throw new IllegalArgumentException("tolerance " + tolerance + ": must lie in (0, 1)");
            }
            if (run.steps() / run.evaluateEvery() < FEWEST_POINTS) {
                throw new IllegalArgumentException("steps " + run.steps() + ", every " + run.evaluateEvery()
                        + ": make fewer than " + FEWEST_POINTS + " points; more steps, or measure more often");
            }
        }

        TextSettings text() {
            return (TextSettings) run.own();
        }
    }

    /** Where a text problem's settings start from. */
    public static RunSettings preset() {
        return HyperCleaningExperiment.KIND.preset().with(Map.of("steps", "400", "evaluateEvery", "4"));
    }

    /** Reads the data and makes the network. */
    public SmoothnessStudy(final Device device, final Settings settings) {
        this.device = device;
        this.settings = settings;
        update = device.kernels().update();
        final TextData data = new TextData(device, settings.text());
        final long seed = settings.run().seed();
        final int[] train = Split.of(data.corpus(), settings.text().text().toFractions(), seed, false)
                .train();
        final NetworkShape shape = settings.text().network().toShape(data.width(), data.isPair(), data.classes());
        final TextSet set = data.set(train, data.labels(train));
        problem = new HyperparameterOptimisation(
                device,
                shape,
                Loss.Regulariser.SQUARED,
                new HyperparameterOptimisation.Start(HyperparameterOptimisation.Coefficient.LINEAR, 0),
                level(set, seed + 1, settings.measured()),
                level(set, seed, settings.batch()),
                seed);
        sgd = new LowerSgd(problem, settings.step());
        measured = problem.newUpperSample();
        iteration = new PowerIteration(device, problem.lowerSize(), settings.tolerance(), settings.products());
        gradient = vector();
        moved = vector();
        movedGradient = vector();
        before = vector();
        number = device.reals(1);
        here = new FirstOrder(device.reals(1), null, gradient);
        there = new FirstOrder(null, null, movedGradient);
    }

    private TextLevel level(final TextSet set, final long seed, final int batch) {
        return new TextLevel(set, Sampler.uniform(device, seed, set.size(), false), Math.min(batch, set.size()));
    }

    private Reals vector() {
        return device.reals(problem.lowerSize());
    }

    /** One line about what is measured. */
    public String title() {
        return String.format(
                Locale.ROOT,
                "%s of %d units on %s",
                settings.text().network().cell() == TextSettings.Cell.LSTM ? "LSTM" : "tanh RNN",
                settings.text().network().hidden(),
                Path.of(settings.text().data().split(",")[0]).getFileName());
    }

    /** Trains and measures; a line on {@code progress} now and then. */
    public List<SmoothnessPath.Point> run(final PrintWriter progress) {
        sgd.initialise();
        measured.draw(device.counter(), PURPOSE, 0);
        iteration.restart(settings.run().seed());
        final List<SmoothnessPath.Point> points = new ArrayList<>();
        long shown = System.nanoTime();
        for (int k = 0; k < settings.run().steps(); k++) {
            if (k % settings.run().evaluateEvery() == 0) {
                points.add(point(k));
                if (System.nanoTime() - shown > LINE_NANOS) {
                    shown = System.nanoTime();
                    progress.println("step " + k + " of " + settings.run().steps() + "  "
                            + points.getLast().line());
                    progress.flush();
                }
            } else {
                sgd.step();
            }
            sgd.metrics().requireFinite(k + 1L);
        }
        return points;
    }

    /** Measures at y_k and takes the step to y_{k+1}. */
    private SmoothnessPath.Point point(final int k) {
        problem.lower(sgd.x(), sgd.y(), measured, here);
        final double loss = here.value().get(0);
        final double norm = norm(gradient);
        final Reals at = sgd.y();
        iteration.run((v, product) ->
                problem.lowerAlong(sgd.x(), at, v, measured, new SecondOrder(null, null, product, null)));
        update.copy(at, before);
        sgd.step();
        return new SmoothnessPath.Point(
                k,
                loss,
                norm,
                iteration.magnitude(),
                iteration.rayleighQuotient(),
                iteration.residual(),
                iteration.products(),
                alongStep());
    }

    private double alongStep() {
        double largest = 0;
        for (final double part : PARTS) {
            update.copy(before, moved);
            update.scale(1 - part, moved);
            update.axpy(part, sgd.y(), moved);
            problem.lower(sgd.x(), moved, measured, there);
            update.axpy(-1, gradient, movedGradient);
            update.axpy(-1, before, moved); // δ d
            largest = Math.max(largest, norm(movedGradient) / norm(moved));
        }
        return largest;
    }

    private double norm(final Reals a) {
        update.norm(a, number);
        return number.get(0);
    }
}
