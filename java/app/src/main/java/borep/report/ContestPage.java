package borep.report;

import static borep.report.Markup.emphasised;
import static borep.report.Markup.escape;

import borep.report.Figure.Scale;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The page of a comparison: a table, and mean curves with bands of one standard deviation, against calls and against seconds. */
final class ContestPage {
    private final List<Contender> contenders;
    private final Criterion criterion;
    private final double target;

    private ContestPage(final List<Contender> contenders) {
        this.contenders = contenders;
        criterion = contenders.getFirst().criterion();
        target = Contender.target(contenders);
    }

    /** The whole page. */
    static String html(final String problem, final List<Contender> contenders) {
        final ContestPage page = new ContestPage(contenders);
        return Markup.page("Comparison of " + contenders.size() + " solvers on " + problem, """
                <header>
                <p class="eyebrow"><span>%s</span><span>%d solvers</span></p>
                <h1>%s</h1>
                <p class="lead">Bands are one standard deviation over the seeds. An oracle call is one gradient or one \
                second-order product of one minibatch; what methods share in one sweep counts once for each. Seconds are the solver's own, without evaluations and \
                checkpoints.</p>
                </header>
                <section>
                <h2>Standings</h2>
                %s</section>
                <section>
                <h2>How they went</h2>
                <div class="figures many">
                %s%s</div>
                </section>
                """.formatted(
                        escape(problem),
                        contenders.size(),
                        emphasised(page.headline()),
                        page.table(),
                        page.byCalls("").html("wide tall"),
                        page.figure("by time", "seconds", Unit.SECONDS, Contender.Curve::seconds)
                                .html("wide tall")));
    }

    /** Its first figure as a file of its own; none if every run diverged. */
    static Optional<String> svg(final String problem, final List<Contender> contenders) {
        return Optional.of(new ContestPage(contenders).byCalls(", " + problem))
                .filter(figure -> !figure.lines().isEmpty())
                .map(Picture::svg);
    }

    private Figure byCalls(final String more) {
        return figure("by oracle calls" + more, "oracle calls", Unit.COUNT, Contender.Curve::calls);
    }

    private String headline() {
        final boolean high = criterion.better() == Criterion.Better.HIGHER;
        final Comparator<Contender> byEnd = Comparator.comparingDouble(Contender::finalMean);
        return contenders.stream()
                .filter(c -> Double.isFinite(c.finalMean()))
                .max(high ? byEnd : byEnd.reversed())
                .map(best -> best.name() + " ends " + (high ? "highest" : "lowest") + ", "
                        + (criterion.unit() == Unit.SHARE
                                ? "at " + mean(best) + " " + criterion.name()
                                : "with " + criterion.name() + " at " + mean(best))
                        + ".")
                .orElse("Every run diverged.");
    }

    private static String mean(final Contender c) {
        return c.criterion().format(c.finalMean(), c.finalDeviation());
    }

    private String table() {
        final StringBuilder html = new StringBuilder("""
                <div class="scroll" tabindex="0" role="region" aria-label="Table of solvers">
                <table class="runs">
                <thead><tr><th scope="col">Solver</th><th scope="col">Final %s</th>\
                <th scope="col">Mean over calls</th><th scope="col">Calls to %s</th><th scope="col">Seconds</th>\
                <th scope="col">of evaluations</th><th scope="col">Diverged</th></tr></thead>
                <tbody>
                """.formatted(escape(criterion.name()), criterion.format(target)));
        for (int i = 0; i < contenders.size(); i++) {
            final Contender c = contenders.get(i);
            html.append("""
                    <tr><th scope="row"><svg class="key" aria-hidden="true">\
                    <line class="line %s" x1="0" x2="26" y1="6" y2="6"/></svg> %s</th>\
                    <td class="number">%s</td><td class="number">%s</td><td class="number">%s</td>\
                    <td class="number">%s</td><td class="number">%s</td><td class="number">%s</td></tr>
                    """.formatted(
                            Line.look(i),
                            escape(c.name()),
                            mean(c),
                            criterion.format(c.area()),
                            known(Unit.COUNT, c.callsTo(target)),
                            known(Unit.SECONDS, c.seconds()),
                            known(Unit.SECONDS, c.evaluationSeconds()),
                            c.diverged()));
        }
        return html.append("</tbody>\n</table></div>\n").toString();
    }

    private static String known(final Unit unit, final double value) {
        return Double.isNaN(value) ? "–" : unit.format(value);
    }

    private Figure figure(
            final String by, final String name, final Unit unit, final Function<Contender.Curve, double[]> x) {
        final List<Line> lines = IntStream.range(0, contenders.size())
                .filter(i -> !contenders.get(i).curves().isEmpty())
                .mapToObj(i -> line(contenders.get(i), Line.look(i), x))
                .toList();
        return Figure.of(
                criterion.title() + " " + by,
                "",
                name,
                unit,
                Scale.LINEAR,
                criterion.unit(),
                criterion.axis(),
                lines,
                List.of());
    }

    /** Seeds are evaluated at the same iterations: means are taken evaluation by evaluation. */
    private static Line line(final Contender c, final String look, final Function<Contender.Curve, double[]> xOf) {
        final int points = c.curves().stream()
                .mapToInt(curve -> curve.values().length)
                .min()
                .orElse(0);
        final double[] x = new double[points];
        final double[] y = new double[points];
        final double[] low = new double[points];
        final double[] high = new double[points];
        for (int i = 0; i < points; i++) {
            final int at = i;
            x[i] = c.curves().stream()
                    .mapToDouble(curve -> xOf.apply(curve)[at])
                    .average()
                    .orElseThrow();
            final double[] values =
                    c.curves().stream().mapToDouble(curve -> curve.values()[at]).toArray();
            y[i] = c.criterion().mean(values);
            final double deviation = c.criterion().deviation(values);
            low[i] = edge(c.criterion(), y[i], deviation, -1);
            high[i] = edge(c.criterion(), y[i], deviation, 1);
        }
        return new Line(
                new Curve(c.name(), x, y),
                look,
                c.curves().size() < 2 ? null : new Curve(c.name(), x, low),
                c.curves().size() < 2 ? null : new Curve(c.name(), x, high));
    }

    /** An edge of a band; a share stays one. */
    private static double edge(final Criterion criterion, final double mean, final double deviation, final int side) {
        final double value = criterion.shifted(mean, deviation, side);
        return criterion.unit() == Unit.SHARE ? Math.clamp(value, 0, 1) : value;
    }
}
