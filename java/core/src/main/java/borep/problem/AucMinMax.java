package borep.problem;

import borep.device.Device;
import borep.device.Philox;
import borep.device.Reals;
import java.util.Arrays;
import java.util.Optional;

/**
 * Maximising the area under the ROC curve as a min-max problem (the AUC margin loss of Yuan, Yan, Sonka, Yang, ICCV 2021, as the public
 * AccBO code has it), with margin 1 and linear scores h_i = wᵀφ_i of given features. x = (w, a, b) with a and b
 * the scores that positives and negatives should have; y = α, the multiplier. With p the share of positives, means over all samples:
 *
 * <pre>
 *   f = (1 − p) mean((h − a)² 1₊) + p mean((h − b)² 1₋) + 2 (α + 1) S − p (1 − p) α²,   g = −f
 *   S = p (1 − p) + mean(p h 1₋ − (1 − p) h 1₊)
 *   y* = α* = S / (p (1 − p)),   z* = 0,   ∇Φ = ∇_x f(x, α*)
 * </pre>
 *
 * <p>z* = 0 because ∇_y f = −∇_y g is 0 at y* (Danskin): here a bilevel method must find that there is nothing to correct. Φ is a convex
 * quadratic of x, whose minimiser solves a linear system. Deterministic: all samples in every call.
 */
public final class AucMinMax extends VectorProblem {
    private static final int PURPOSE = 0x4155434D;

    /**
     * The problem's data.
     *
     * @param features [n, d]
     * @param positive [n] whether a sample belongs to the positive class; both occur
     */
    public record Data(double[][] features, boolean[] positive) {
        /** Checks that there is something to rank. */
        public Data {
            final double share = share(positive);
            if (!(share > 0 && share < 1)) {
                throw new IllegalArgumentException(
                        "share of positives " + share + ": must lie in (0, 1); the area needs samples of both classes");
            }
        }

        /**
         * Normal features; those of positives are moved along a random direction.
         *
         * @param positives  share of positives, the imbalance
         * @param separation distance of the classes' means, in standard deviations
         */
        public static Data random(
                final int n, final int d, final double positives, final double separation, final long seed) {
            final double[] direction = new double[d];
            Arrays.setAll(direction, j -> Philox.normal(seed, j, PURPOSE, 1));
            final double length = Math.sqrt(HostMatrix.dot(direction, direction));
            final double[][] features = new double[n][d];
            final boolean[] positive = new boolean[n];
            for (int i = 0; i < n; i++) {
                positive[i] = i < Math.rint(positives * n);
                for (int j = 0; j < d; j++) {
                    features[i][j] = Philox.normal(seed, (long) i * d + j, PURPOSE, 0)
                            + (positive[i] ? separation * direction[j] / length : 0);
                }
            }
            return new Data(features, positive);
        }

        private static double share(final boolean[] positive) {
            int count = 0;
            for (final boolean one : positive) {
                count += one ? 1 : 0;
            }
            return (double) count / positive.length;
        }
    }

    private final Data data;
    private final int width;
    private final double p;
    private final LinearMap features;
    private final Reals positives;
    private final Reals negatives;
    /** p 1₋ − (1 − p) 1₊. */
    private final Reals contrast;

    private final Reals scores;
    private final Reals residual;
    private final Reals pull;
    private final Reals weights;
    private final Reals one;
    private final Reals surplus;
    private final Reals scalar;

    /** The problem with this data on {@code device}; w, a, b and α start at 0. */
    public AucMinMax(final Device device, final Data data) {
        super(device, new double[data.features()[0].length + 2], 1);
        this.data = data;
        width = data.features()[0].length;
        p = Data.share(data.positive());
        features = new LinearMap(device, data.features());
        final int n = data.positive().length;
        final double[] mask = new double[n];
        Arrays.setAll(mask, i -> data.positive()[i] ? 1 : 0);
        positives = reals(mask);
        negatives = device.reals(n);
        update.fill(negatives, 1);
        update.axpy(-1, positives, negatives);
        contrast = device.reals(n);
        update.axpy(p, negatives, contrast);
        update.axpy(p - 1, positives, contrast);
        scores = device.reals(n);
        residual = device.reals(n);
        pull = device.reals(n);
        weights = device.reals(width);
        one = reals(1);
        surplus = device.reals(1);
        scalar = device.reals(1);
    }

    @Override
    public void upper(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        evaluate(1, x, y, out);
    }

    @Override
    public void lower(final Reals x, final Reals y, final Sample sample, final FirstOrder out) {
        evaluate(-1, x, y, out);
    }

    /** sign · f and its gradients. */
    private void evaluate(final double sign, final Reals x, final Reals y, final FirstOrder out) {
        score(x);
        final int n = data.positive().length;
        update.fill(pull, 0);
        if (out.value() != null) {
            update.fill(out.value(), 0);
        }
        if (out.gradientX() != null) {
            update.fill(out.gradientX(), 0);
        }
        attract(sign * (1 - p) / n, positives, x.slice(width, 1), width, out);
        attract(sign * p / n, negatives, x.slice(width + 1, 1), width + 1, out);
        if (out.value() != null) { // 2 (α + 1) S − p (1 − p) α²
            update.multiply(surplus, y, scalar);
            update.axpy(1, surplus, scalar);
            update.axpy(2 * sign, scalar, out.value());
            update.multiply(y, y, scalar);
            update.axpy(-sign * p * (1 - p), scalar, out.value());
        }
        if (out.gradientX() != null) { // 2 (α + 1) ∇S
            update.axpy(2 * sign / n, contrast, pull);
            update.axpy(2 * sign / n, y, contrast, pull);
            features.transpose(pull, out.gradientX().slice(0, width));
        }
        if (out.gradientY() != null) {
            slope(sign, y, out.gradientY());
        }
    }

    /** scores = h, surplus = S. */
    private void score(final Reals x) {
        update.copy(x.slice(0, width), weights);
        features.apply(weights, scores);
        update.dot(contrast, scores, surplus);
        update.scale(1.0 / data.positive().length, surplus);
        update.axpy(p * (1 - p), one, surplus);
    }

    /** Adds factor · Σ (h − centre)² of a class to the value, and its derivatives by h to pull, by the centre to the gradient. */
    private void attract(
            final double factor, final Reals members, final Reals centre, final int place, final FirstOrder out) {
        update.multiply(members, scores, residual);
        update.axpy(-1, centre, members, residual);
        if (out.value() != null) {
            update.dot(residual, residual, scalar);
            update.axpy(factor, scalar, out.value());
        }
        if (out.gradientX() != null) {
            update.axpy(2 * factor, residual, pull);
            update.dot(residual, members, scalar);
            update.axpy(-2 * factor, scalar, out.gradientX().slice(place, 1));
        }
    }

    /** sign · (2 S − 2 p (1 − p) α). */
    private void slope(final double sign, final Reals y, final Reals out) {
        update.copy(surplus, out);
        update.axpy(-p * (1 - p), y, out);
        update.scale(2 * sign, out);
    }

    @Override
    public void lowerAlong(final Reals x, final Reals y, final Reals z, final Sample sample, final SecondOrder out) {
        if (out.value() != null || out.gradient() != null) {
            evaluate(-1, x, y, new FirstOrder(out.value(), null, out.gradient()));
        }
        if (out.product() != null) {
            update.copy(z, out.product());
            update.scale(2 * p * (1 - p), out.product());
        }
        if (out.mixed() != null) { // −2 z ∇S
            update.fill(out.mixed(), 0);
            update.fill(pull, 0);
            update.axpy(-2.0 / data.positive().length, z, contrast, pull);
            features.transpose(pull, out.mixed().slice(0, width));
        }
    }

    @Override
    public double[] lowerSolution(final double[] x) {
        return new double[] {surplus(x) / (p * (1 - p))};
    }

    /** S in float64. */
    private double surplus(final double[] x) {
        double sum = 0;
        for (int i = 0; i < data.positive().length; i++) {
            sum += (data.positive()[i] ? p - 1 : p) * score(x, i);
        }
        return p * (1 - p) + sum / data.positive().length;
    }

    private double score(final double[] x, final int sample) {
        double score = 0;
        for (int j = 0; j < width; j++) {
            score += x[j] * data.features()[sample][j];
        }
        return score;
    }

    @Override
    public double[] systemSolution(final double[] x) {
        return new double[1];
    }

    @Override
    public double objective(final double[] x) {
        final int n = data.positive().length;
        double value = 2 * surplus(x) + surplus(x) * surplus(x) / (p * (1 - p));
        for (int i = 0; i < n; i++) {
            final double misses = score(x, i) - x[data.positive()[i] ? width : width + 1];
            value += (data.positive()[i] ? 1 - p : p) * misses * misses / n;
        }
        return value;
    }

    @Override
    public double[] hypergradient(final double[] x) {
        final int n = data.positive().length;
        final double alpha = lowerSolution(x)[0];
        final double[] out = new double[x.length];
        for (int i = 0; i < n; i++) {
            final int centre = data.positive()[i] ? width : width + 1;
            final double share = data.positive()[i] ? 1 - p : p;
            final double misses = 2 * share * (score(x, i) - x[centre]) / n;
            final double contrasts = 2 * (alpha + 1) * (data.positive()[i] ? p - 1 : p) / n;
            out[centre] -= misses;
            for (int j = 0; j < width; j++) {
                out[j] += (misses + contrasts) * data.features()[i][j];
            }
        }
        return out;
    }

    @Override
    public Optional<double[]> minimiser(final double[] x) {
        return Optional.of(HostMatrix.stationaryPoint(this::hypergradient, x.length));
    }

    /** The area itself: the share of pairs of a positive and a negative whose scores are in order; half for ties. */
    public double area(final double[] x) {
        double ordered = 0;
        double pairs = 0;
        for (int i = 0; i < data.positive().length; i++) {
            for (int j = 0; j < data.positive().length; j++) {
                if (data.positive()[i] && !data.positive()[j]) {
                    final double margin = score(x, i) - score(x, j);
                    ordered += margin > 0 ? 1 : margin == 0 ? .5 : 0;
                    pairs++;
                }
            }
        }
        return ordered / pairs;
    }
}
