package borep.problem;

import borep.device.Counter;
import borep.device.Device;
import borep.device.Ints;
import borep.device.Philox;
import borep.device.Reals;
import borep.kernel.Dense;
import borep.kernel.Kernels;
import borep.kernel.Packing;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import borep.kernel.Update;
import borep.model.Parameters;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Phase retrieval with a planted solution (Yang, Tripp, Sun, Zou, Zhou, TMLR 2025, §6): f(w) = (1/4n) Σ (b_i − (a_iᵀw)²)² with
 * b_i = (a_iᵀw*)² + noise, w = x. Not convex, and smooth only in the generalised sense: its curvature grows like ‖w‖², its gradient like
 * ‖w‖³. Without noise the minimisers are ±w*, with f = 0.
 *
 * <p>One level: the lower one is g = ½ y² with a single y, whose minimum 0 does not depend on x. So every bilevel solver runs here too
 * and is what remains of it without a lower level: z = 0 and the hypergradient is ∇f.
 */
public final class PhaseRetrieval implements SolvedProblem {
    private static final int MEASUREMENT = 0x50485231;
    private static final int SOLUTION = 0x50485232;
    private static final int NOISE = 0x50485233;
    private static final int START = 0x50485234;

    private final Device device;
    private final Kernels kernels;
    private final Settings settings;
    /** [n, d + 1] rows (a_i, b_i). */
    private final double[] table;

    private final Sequences measurements;
    private final Sampler sampler;
    private final Partition partition;
    private final double[] solution;
    private final double[] start;
    private final Dense.Tape product;
    private final Dense.Tape selection;
    /** [d + 1] w and 0, as a layer of one output; its first d; the same for the gradient. */
    private final Reals layer;

    private final Reals weights;
    private final Reals layerGradient;
    private final Reals gradient;
    /** [d + 2] the layer that reads b from a row. */
    private final Reals selector;
    /** [B] a_iᵀw, b_i, (a_iᵀw)² − b_i and the derivative of f by a_iᵀw. */
    private final Rows amplitudes;

    private final Rows intensities;
    private final Reals residuals;
    private final Rows cotangents;
    private final Parameters upperLayout;
    private final Parameters lowerLayout = Parameters.none().with("y", 1, 1);

    /**
     * A random instance: a_i ~ N(0, I), w* uniform on the unit sphere.
     *
     * @param measurements n, at least 1
     * @param dimension    d, at least 1
     * @param batch        B of the n measurements in a minibatch, chosen without replacement; n: always all
     * @param noise        standard deviation of what is added to b_i; 0: ±w* are exact
     * @param distance     ‖w_0‖ of the start, in a random direction
     */
    public record Settings(int measurements, int dimension, int batch, double noise, double distance) {
        /** The size of the paper's experiment, without noise, from far out. */
        public static final Settings DEFAULT = new Settings(3000, 100, 64, 0, 10);

        /** Checks the ranges. */
        public Settings {
            require("measurements", measurements, 1, Integer.MAX_VALUE);
            require("dimension", dimension, 1, Integer.MAX_VALUE);
            require("batch", batch, 1, measurements);
            if (!(noise >= 0) || !(distance >= 0) || Double.isInfinite(noise + distance)) {
                throw new IllegalArgumentException(
                        "noise " + noise + ", distance " + distance + ": must be finite and not negative");
            }
        }

        private static void require(final String name, final int value, final int least, final int most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(name + " " + value + ": must lie between " + least + " and " + most);
            }
        }
    }

    /** The instance of {@code seed}, which also chooses the minibatches. */
    public PhaseRetrieval(final Device device, final Settings settings, final long seed) {
        this(device, settings, seed, seed);
    }

    /**
     * The instance of a seed.
     *
     * @param batchSeed chooses the minibatches
     */
    public PhaseRetrieval(final Device device, final Settings settings, final long seed, final long batchSeed) {
        this.device = device;
        this.settings = settings;
        kernels = device.kernels();
        final int n = settings.measurements();
        final int d = settings.dimension();
        solution = direction(seed, SOLUTION, d, 1);
        start = direction(seed, START, d, settings.distance());
        table = measure(seed);
        measurements = onDevice();
        sampler = Sampler.uniform(device, batchSeed, n, false);
        partition = new Partition(device, isWhole() ? null : sampler, settings.batch());
        product = kernels.dense().tape(new Dense.Shape(d, 1, false), settings.batch());
        selection = kernels.dense().tape(new Dense.Shape(d + 1, 1, false), settings.batch());
        layer = device.reals(d + 1);
        weights = layer.slice(0, d);
        layerGradient = device.reals(d + 1);
        gradient = layerGradient.slice(0, d);
        selector = device.reals(d + 2);
        kernels.update().fill(selector.slice(d, 1), 1);
        amplitudes = Rows.of(device.reals(settings.batch()), 1);
        intensities = Rows.of(device.reals(settings.batch()), 1);
        residuals = device.reals(settings.batch());
        cotangents = Rows.of(device.reals(settings.batch()), 1);
        upperLayout = Parameters.none().with("w", d, d);
    }

    private static double[] direction(final long seed, final int purpose, final int size, final double length) {
        final double[] vector = IntStream.range(0, size)
                .mapToDouble(j -> Philox.normal(seed, 0, purpose, j))
                .toArray();
        final double norm = Math.sqrt(Arrays.stream(vector).map(v -> v * v).sum());
        return Arrays.stream(vector).map(v -> length * v / norm).toArray();
    }

    private double[] measure(final long seed) {
        final int n = settings.measurements();
        final int d = settings.dimension();
        final double[] rows = new double[Math.multiplyExact(n, d + 1)];
        for (int i = 0; i < n; i++) {
            double amplitude = 0;
            for (int j = 0; j < d; j++) {
                final double a = Philox.normal(seed, i, MEASUREMENT, j);
                rows[i * (d + 1) + j] = a;
                amplitude += a * solution[j];
            }
            rows[i * (d + 1) + d] = amplitude * amplitude + settings.noise() * Philox.normal(seed, i, NOISE, 0);
        }
        return rows;
    }

    /** Every row a text of one word, so that the gathering of texts gathers measurements. */
    private Sequences onDevice() {
        final int n = settings.measurements();
        final Reals rows = device.reals(table.length);
        rows.set(table);
        final Ints numbers = device.ints(n);
        numbers.set(IntStream.range(0, n).toArray());
        final Ints ones = device.ints(n);
        ones.set(IntStream.range(0, n).map(i -> 1).toArray());
        return new Sequences(numbers, numbers, ones, rows, settings.dimension() + 1);
    }

    /** Whether a minibatch is all measurements. */
    private boolean isWhole() {
        return settings.batch() == settings.measurements();
    }

    /** A minibatch: which measurements, and their rows. */
    private final class Minibatch implements Sample {
        private final Ints indices = device.ints(settings.batch());
        private final Packing packing = Packing.allocate(device, settings.batch(), 1);
        private final Rows rows =
                Rows.of(device.reals(settings.batch() * (settings.dimension() + 1)), settings.dimension() + 1);
        private final Rows vectors = rows.columns(0, settings.dimension());
        /** [B] what each weighs in the mean. */
        private Reals mean = partition.mean();

        /** All measurements, if a batch is all of them. */
        Minibatch() {
            if (isWhole()) {
                indices.set(IntStream.range(0, settings.batch()).toArray());
                kernels.batch().pack(measurements, indices, packing, rows);
            }
        }

        @Override
        public void draw(final Counter step, final int purpose, final int lane) {
            if (!isWhole()) {
                sampler.draw(step, purpose, lane, indices);
                kernels.batch().pack(measurements, indices, packing, rows);
            }
            mean = partition.mean();
        }

        @Override
        public void take(final int i) {
            if (!isWhole()) {
                partition.copy(i, indices);
                kernels.batch().pack(measurements, indices, packing, rows);
            }
            mean = partition.mean(i);
        }
    }

    /** [d] the planted w*. */
    public double[] solution() {
        return solution.clone();
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        return new double[1];
    }

    @Override
    public double[] systemSolution(final double[] x) {
        return new double[1];
    }

    @Override
    public double objective(final double[] x) {
        double sum = 0;
        for (int i = 0; i < settings.measurements(); i++) {
            final double[] row = row(i);
            final double amplitude = HostMatrix.dot(Arrays.copyOf(row, x.length), x);
            sum += Math.pow(row[x.length] - amplitude * amplitude, 2);
        }
        return sum / (4 * settings.measurements());
    }

    @Override
    public double[] hypergradient(final double[] x) {
        double[] gradient = new double[x.length];
        for (int i = 0; i < settings.measurements(); i++) {
            final double[] row = row(i);
            final double[] a = Arrays.copyOf(row, x.length);
            final double amplitude = HostMatrix.dot(a, x);
            final double slope = (amplitude * amplitude - row[x.length]) * amplitude / settings.measurements();
            gradient = HostMatrix.plus(gradient, slope, a);
        }
        return gradient;
    }

    private double[] row(final int i) {
        final int width = settings.dimension() + 1;
        return Arrays.copyOfRange(table, i * width, (i + 1) * width);
    }

    /** The nearer of w* and −w*; none is known where there is noise. */
    @Override
    public Optional<double[]> minimiser(final double[] x) {
        if (settings.noise() > 0) {
            return Optional.empty();
        }
        final double side = HostMatrix.dot(solution, x) < 0 ? -1 : 1;
        return Optional.of(HostMatrix.scaled(side, solution));
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Parameters upperLayout() {
        return upperLayout;
    }

    @Override
    public Parameters lowerLayout() {
        return lowerLayout;
    }

    @Override
    public void initialise(final Reals x, final Reals y) {
        x.set(start);
        kernels.update().fill(y, 0);
    }

    @Override
    public Sample newUpperSample() {
        return new Minibatch();
    }

    @Override
    public FiniteSum upperSum() {
        return partition.sum();
    }

    @Override
    public Sample newLowerSample() {
        return ExactSample.INSTANCE;
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        final Update update = kernels.update();
        if (out.gradientY() != null) {
            update.fill(out.gradientY(), 0);
        }
        if (out.value() == null && out.gradientX() == null) {
            return;
        }
        final Minibatch batch = (Minibatch) sample;
        final int size = settings.batch();
        update.copy(x, weights);
        kernels.dense().forward(product, size, layer, batch.vectors, amplitudes);
        kernels.dense().forward(selection, size, selector, batch.rows, intensities);
        update.multiply(amplitudes.values(), amplitudes.values(), residuals);
        update.axpy(-1, intensities.values(), residuals);
        update.multiply(residuals, batch.mean, cotangents.values());
        if (out.value() != null) {
            update.dot(residuals, cotangents.values(), out.value());
            update.scale(0.25, out.value());
        }
        if (out.gradientX() != null) {
            update.multiply(cotangents.values(), amplitudes.values(), cotangents.values());
            update.fill(layerGradient, 0);
            kernels.dense().backward(product, layer, cotangents, layerGradient, null);
            update.copy(gradient, out.gradientX());
        }
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        halfSquare(y, out.value());
        write(y, out.gradientY());
        clear(out.gradientX());
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        halfSquare(y, out.value());
        write(y, out.gradient());
        write(z, out.product());
        clear(out.mixed());
    }

    private void halfSquare(final Reals y, final Reals out) {
        if (out != null) {
            kernels.update().dot(y, y, out);
            kernels.update().scale(0.5, out);
        }
    }

    private void write(final Reals a, final Reals out) {
        if (out != null) {
            kernels.update().copy(a, out);
        }
    }

    private void clear(final Reals out) {
        if (out != null) {
            kernels.update().fill(out, 0);
        }
    }
}
