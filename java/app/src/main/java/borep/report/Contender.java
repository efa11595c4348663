package borep.report;

import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.stream.IntStream;

/**
 * A solver in a comparison: how it did with each seed.
 *
 * @param name       of the solver
 * @param criterion  what is judged
 * @param curves     one for every run that did not diverge
 * @param divergedAt the last step of every run that did
 */
public record Contender(String name, Criterion criterion, List<Curve> curves, List<Long> divergedAt) {
    /**
     * One run, at its evaluations.
     *
     * @param calls             oracle calls so far
     * @param seconds           the solver's own time so far, without evaluations and checkpoints
     * @param values            what is judged
     * @param evaluationSeconds time that evaluations and checkpoints took until the end
     */
    public record Curve(double[] calls, double[] seconds, double[] values, double evaluationSeconds) {
        /** The last value. */
        double end() {
            return last(values);
        }

        /** Mean of the piecewise linear curve over its calls; that of a single point is the point. */
        double area(final Criterion criterion) {
            double area = 0;
            for (int i = 1; i < values.length; i++) {
                area += (calls[i] - calls[i - 1]) * (criterion.level(values[i]) + criterion.level(values[i - 1])) / 2;
            }
            return values.length < 2 ? end() : criterion.value(area / (calls[values.length - 1] - calls[0]));
        }

        /** Calls at the first evaluation that reaches {@code target}; NaN if none does. */
        double callsTo(final double target, final Criterion criterion) {
            return IntStream.range(0, values.length)
                    .filter(i -> criterion.reaches(values[i], target))
                    .mapToDouble(i -> calls[i])
                    .findFirst()
                    .orElse(Double.NaN);
        }

        private static double last(final double[] numbers) {
            return numbers.length == 0 ? Double.NaN : numbers[numbers.length - 1];
        }
    }

    /** All runs. */
    public int runs() {
        return curves.size() + divergedAt.size();
    }

    /** Mean of the runs' last values; NaN if all diverged. */
    public double finalMean() {
        return criterion.mean(ends());
    }

    /** Standard deviation of the runs' last values (n − 1), or the factor of a logarithmic criterion; NaN below two runs. */
    public double finalDeviation() {
        return criterion.deviation(ends());
    }

    private double[] ends() {
        return curves.stream().mapToDouble(Curve::end).toArray();
    }

    /** Mean over the runs of the mean value over the calls: who is good early is good here. */
    public double area() {
        return criterion.mean(
                curves.stream().mapToDouble(curve -> curve.area(criterion)).toArray());
    }

    /** Median over the runs of the calls until {@code target} is reached; NaN if most runs never reach it. */
    public double callsTo(final double target) {
        final double[] calls = curves.stream()
                .mapToDouble(curve -> curve.callsTo(target, criterion))
                .map(value -> Double.isNaN(value) ? Double.POSITIVE_INFINITY : value)
                .sorted()
                .toArray();
        final double median = calls.length == 0 ? Double.NaN : calls[(calls.length - 1) / 2];
        return Double.isInfinite(median) ? Double.NaN : median;
    }

    /** Mean over the runs of the solver's own seconds; NaN if all diverged. */
    public double seconds() {
        return curves.stream()
                .mapToDouble(curve -> Curve.last(curve.seconds()))
                .average()
                .orElse(Double.NaN);
    }

    /** Mean over the runs of the seconds that evaluations and checkpoints took; NaN if all diverged. */
    public double evaluationSeconds() {
        return curves.stream().mapToDouble(Curve::evaluationSeconds).average().orElse(Double.NaN);
    }

    /** "2 of 5", and at which steps. */
    public String diverged() {
        final LongSummaryStatistics steps =
                divergedAt.stream().mapToLong(step -> step).summaryStatistics();
        final String at =
                steps.getMin() == steps.getMax() ? "" + steps.getMin() : steps.getMin() + " to " + steps.getMax();
        return divergedAt.size() + " of " + runs() + (divergedAt.isEmpty() ? "" : ", at step " + at);
    }

    /** A target that about half of the contenders reach: the median of their mean last values. */
    public static double target(final List<Contender> contenders) {
        final List<Contender> arrived = contenders.stream()
                .filter(c -> Double.isFinite(c.finalMean()))
                .sorted((a, b) -> a.criterion.better() == Criterion.Better.HIGHER
                        ? Double.compare(a.finalMean(), b.finalMean())
                        : Double.compare(b.finalMean(), a.finalMean()))
                .toList();
        return arrived.isEmpty()
                ? Double.NaN
                : arrived.get((arrived.size() - 1) / 2).finalMean();
    }
}
