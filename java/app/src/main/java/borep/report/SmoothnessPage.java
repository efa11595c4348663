package borep.report;

import static borep.report.Markup.escape;

import borep.report.Figure.Scale;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The page of a smoothness study: smoothness against gradient norm, coloured by iteration, with the fitted line; both by step. */
final class SmoothnessPage {
    /** Colours of a path from its beginning to its end: s1 to s6 of chart.css. */
    private static final int COLOURS = 6;
    /** Points of the line, which is curved on logarithmic axes. */
    private static final int LINE_POINTS = 80;

    private final SmoothnessPath path;

    private SmoothnessPage(final SmoothnessPath path) {
        this.path = path;
    }

    /** The whole page. */
    static String html(final SmoothnessPath path) {
        final SmoothnessPage page = new SmoothnessPage(path);
        final LineFit fit = path.fit();
        return Markup.page("Local smoothness: " + path.title(), """
                <header>
                <p class="eyebrow"><span>local smoothness</span><span>%s</span></p>
                <h1>‖∇²F‖ ≈ %s + %s ‖∇F‖</h1>
                <p class="lead">Along a path of SGD, at %d points: the largest magnitude of an eigenvalue of the training loss's Hessian beside \
                the norm of its gradient. L0 = %s, L1 = %s (95 %% intervals by a bootstrap of blocks of the path); the correlation of \
                the logarithms is %s.</p>
                </header>
                <section>
                <h2>What goes with the gradient</h2>
                <div class="figures">
                %s%s%s%s</div>
                </section>
                """.formatted(
                escape(path.title()),
                number(fit.l0()),
                number(fit.l1()),
                path.points().size(),
                interval(fit.l0(), fit.l0Low(), fit.l0High()),
                interval(fit.l1(), fit.l1Low(), fit.l1High()),
                number(fit.correlation()),
                page.scatter(
                                "Local smoothness",
                                "Both axes logarithmic. Each dot is one point of the path; the line is L0 + L1 ‖∇F‖, which is curved here.",
                                SmoothnessPath.Point::smoothness,
                                true)
                        .html("wide tall"),
                page.scatter(
                                "Largest change of the gradient along the next step",
                                "‖∇F(y + δd) − ∇F(y)‖ / (δ‖d‖), the largest over δ = ¼, ½, ¾, 1, with d the step that SGD took.",
                                SmoothnessPath.Point::alongStep,
                                false)
                        .html("wide tall"),
                page.bySteps("Both by step", "", List.of("‖∇²F‖", "‖∇F‖")).html("half"),
                page.bySteps("Training loss", "", List.of("F")).html("half")));
    }

    /** The first figure as a file of its own. */
    static String svg(final SmoothnessPath path) {
        return Picture.svg(new SmoothnessPage(path)
                .scatter(
                        "Local smoothness, " + path.title() + ", both axes",
                        "",
                        SmoothnessPath.Point::smoothness,
                        true));
    }

    private static String number(final double value) {
        return Unit.NUMBER.format(value);
    }

    private static String interval(final double value, final double low, final double high) {
        return number(value) + " [" + number(low) + ", " + number(high) + "]";
    }

    private Figure scatter(
            final String title,
            final String caption,
            final ToDoubleFunction<SmoothnessPath.Point> y,
            final boolean withLine) {
        final List<Line> lines = new ArrayList<>();
        if (withLine) {
            lines.add(new Line(line(), "c2"));
        }
        final int n = path.points().size();
        for (int colour = 0; colour < COLOURS; colour++) {
            final List<SmoothnessPath.Point> stretch =
                    path.points().subList(n * colour / COLOURS, n * (colour + 1) / COLOURS);
            if (!stretch.isEmpty()) {
                lines.add(new Line(cloud(stretch, y), Line.POINTS + " s" + (colour + 1)));
            }
        }
        return Figure.of(
                title,
                caption,
                "norm of the gradient",
                Unit.NUMBER,
                Scale.LOGARITHMIC,
                Unit.NUMBER,
                Scale.LOGARITHMIC,
                lines,
                List.of());
    }

    /** L0 + L1 G over the range of G. */
    private Curve line() {
        final double[] norms = path.points().stream()
                .mapToDouble(SmoothnessPath.Point::gradientNorm)
                .filter(norm -> norm > 0)
                .sorted()
                .toArray();
        final double[] x = new double[LINE_POINTS];
        final double[] y = new double[LINE_POINTS];
        for (int i = 0; i < LINE_POINTS; i++) {
            final double share = (double) i / (LINE_POINTS - 1);
            x[i] = norms[0] * Math.pow(norms[norms.length - 1] / norms[0], share);
            y[i] = path.fit().l0() + path.fit().l1() * x[i];
        }
        return new Curve(
                "%s + %s ‖∇F‖"
                        .formatted(number(path.fit().l0()), number(path.fit().l1())),
                x,
                y);
    }

    private static Curve cloud(
            final List<SmoothnessPath.Point> stretch, final ToDoubleFunction<SmoothnessPath.Point> y) {
        final List<SmoothnessPath.Point> ascending = stretch.stream()
                .sorted(Comparator.comparingDouble(SmoothnessPath.Point::gradientNorm))
                .toList();
        return new Curve(
                "steps %s to %s"
                        .formatted(
                                Unit.COUNT.format(stretch.getFirst().step()),
                                Unit.COUNT.format(stretch.getLast().step())),
                ascending.stream()
                        .mapToDouble(SmoothnessPath.Point::gradientNorm)
                        .toArray(),
                ascending.stream().mapToDouble(y).toArray());
    }

    private Figure bySteps(final String title, final String caption, final List<String> names) {
        final List<Line> lines = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            lines.add(new Line(overSteps(names.get(i)), Line.look(i)));
        }
        return Figure.overSteps(title, caption, Unit.NUMBER, Scale.FITTING, lines);
    }

    private Curve overSteps(final String name) {
        final ToDoubleFunction<SmoothnessPath.Point> y = switch (name) {
            case "F" -> SmoothnessPath.Point::loss;
            case "‖∇F‖" -> SmoothnessPath.Point::gradientNorm;
            default -> SmoothnessPath.Point::smoothness;
        };
        return new Curve(
                name,
                path.points().stream().mapToDouble(SmoothnessPath.Point::step).toArray(),
                path.points().stream().mapToDouble(y).toArray());
    }
}
