package borep.report;

import java.util.List;
import java.util.Locale;

/**
 * Gradient norms and local smoothness along a training path.
 *
 * @param title  of what network on what data
 * @param points in the order of the path
 * @param fit    the line through them
 */
public record SmoothnessPath(String title, List<Point> points, LineFit fit) {
    /** The path with its line; points without a gradient or a curvature have no place on logarithmic axes and do not count. */
    public static SmoothnessPath of(final String title, final List<Point> points, final long seed) {
        final List<Point> counted = points.stream()
                .filter(point -> point.gradientNorm() > 0 && point.smoothness() > 0)
                .toList();
        return new SmoothnessPath(
                title,
                points,
                LineFit.of(
                        counted.stream().mapToDouble(Point::gradientNorm).toArray(),
                        counted.stream().mapToDouble(Point::smoothness).toArray(),
                        seed));
    }

    /**
     * One place.
     *
     * @param step             iterations before it
     * @param loss             F
     * @param gradientNorm     ‖∇F‖
     * @param smoothness       ‖∇²F‖, the largest magnitude of an eigenvalue
     * @param rayleighQuotient ⟨v, ∇²F v⟩ of the direction v that it was found in: its sign is the eigenvalue's
     * @param residual         relative, of the power iteration
     * @param products         Hessian-vector products that it took
     * @param alongStep        largest difference quotient of the gradient along the next step
     */
    public record Point(
            int step,
            double loss,
            double gradientNorm,
            double smoothness,
            double rayleighQuotient,
            double residual,
            int products,
            double alongStep) {
        /** For people who wait. */
        public String line() {
            return String.format(
                    Locale.ROOT,
                    "loss %.4f  |gradient| %.3g  smoothness %.3g (%d products)",
                    loss,
                    gradientNorm,
                    smoothness,
                    products);
        }
    }

    /** A header and one line a point. */
    String csv() {
        final StringBuilder lines =
                new StringBuilder("step,loss,gradientNorm,smoothness,rayleighQuotient,residual,products,alongStep\n");
        for (final Point p : points) {
            lines.append(p.step)
                    .append(',')
                    .append(p.loss)
                    .append(',')
                    .append(p.gradientNorm)
                    .append(',')
                    .append(p.smoothness)
                    .append(',')
                    .append(p.rayleighQuotient)
                    .append(',')
                    .append(p.residual)
                    .append(',')
                    .append(p.products)
                    .append(',')
                    .append(p.alongStep)
                    .append('\n');
        }
        return lines.toString();
    }
}
