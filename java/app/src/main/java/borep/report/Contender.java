package borep.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A solver in a comparison: how it did with each seed.
 *
 * @param name     of the solver
 * @param curves   one for every run that did not diverge
 * @param diverged runs that did
 */
public record Contender(String name, List<Curve> curves, int diverged) {
    /**
     * One run, at its evaluations.
     *
     * @param calls   oracle calls so far
     * @param seconds wall-clock time so far
     * @param values  what is judged; larger is better
     */
    public record Curve(double[] calls, double[] seconds, double[] values) {
        /** The last value. */
        double end() {
            return values.length == 0 ? Double.NaN : values[values.length - 1];
        }

        /** Mean of the piecewise linear curve over its calls; that of a single point is the point. */
        double area() {
            double area = 0;
            for (int i = 1; i < values.length; i++) {
                area += (calls[i] - calls[i - 1]) * (values[i] + values[i - 1]) / 2;
            }
            return values.length < 2 ? end() : area / (calls[values.length - 1] - calls[0]);
        }

        /** Calls at the first evaluation that reaches {@code target}; NaN if none does. */
        double callsTo(final double target) {
            return IntStream.range(0, values.length)
                    .filter(i -> values[i] >= target)
                    .mapToDouble(i -> calls[i])
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }

    /** Mean of the runs' last values; NaN if all diverged. */
    public double finalMean() {
        return curves.stream().mapToDouble(Curve::end).average().orElse(Double.NaN);
    }

    /** Standard deviation of the runs' last values (n − 1); NaN below two runs. */
    public double finalDeviation() {
        return deviation(curves.stream().mapToDouble(Curve::end).toArray());
    }

    /** Mean over the runs of the mean value over the calls: who is good early is good here. */
    public double area() {
        return curves.stream().mapToDouble(Curve::area).average().orElse(Double.NaN);
    }

    /** Median over the runs of the calls until {@code target} is reached; NaN if most runs never reach it. */
    public double callsTo(final double target) {
        final double[] calls = curves.stream()
                .mapToDouble(curve -> curve.callsTo(target))
                .map(value -> Double.isNaN(value) ? Double.POSITIVE_INFINITY : value)
                .sorted()
                .toArray();
        final double median = calls.length == 0 ? Double.NaN : calls[(calls.length - 1) / 2];
        return Double.isInfinite(median) ? Double.NaN : median;
    }

    /** A target that about half of the contenders reach: the median of their mean last values. */
    public static double target(final List<Contender> contenders) {
        final double[] ends = contenders.stream()
                .mapToDouble(Contender::finalMean)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        return ends.length == 0 ? Double.NaN : ends[(ends.length - 1) / 2];
    }

    static double deviation(final double[] values) {
        final double mean = Arrays.stream(values).average().orElse(Double.NaN);
        final double squares =
                Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
    }
}
