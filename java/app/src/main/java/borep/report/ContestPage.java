package borep.report;

import static borep.report.Markup.emphasised;
import static borep.report.Markup.escape;

import borep.report.Figure.Scale;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The page of a comparison: a table, and mean curves with bands of one standard deviation, against calls and against seconds. */
final class ContestPage {
    private final List<Contender> contenders;
    private final double target;

    private ContestPage(final List<Contender> contenders) {
        this.contenders = contenders;
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
                second-order product of one minibatch; what methods share in one sweep counts once for each.</p>
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
                page.figure("Test accuracy by oracle calls", "oracle calls", Unit.COUNT, Contender.Curve::calls),
                page.figure("Test accuracy by time", "seconds", Unit.SECONDS, Contender.Curve::seconds)));
    }

    private String headline() {
        return contenders.stream()
                .filter(c -> Double.isFinite(c.finalMean()))
                .max(Comparator.comparingDouble(Contender::finalMean))
                .map(best -> best.name() + " ends highest, at " + mean(best) + " test accuracy.")
                .orElse("Every run diverged.");
    }

    private static String mean(final Contender c) {
        final double deviation = c.finalDeviation();
        return Unit.SHARE.format(c.finalMean()) + (Double.isNaN(deviation) ? "" : " ± " + Unit.SHARE.format(deviation));
    }

    private String table() {
        final StringBuilder html =
                new StringBuilder("""
                <div class="scroll" tabindex="0" role="region" aria-label="Table of solvers">
                <table class="runs">
                <thead><tr><th scope="col">Solver</th><th scope="col">Final test accuracy</th>\
                <th scope="col">Mean over calls</th><th scope="col">Calls to %s</th><th scope="col">Diverged</th></tr></thead>
                <tbody>
                """.formatted(Double.isNaN(target) ? "–" : Unit.SHARE.format(target)));
        for (int i = 0; i < contenders.size(); i++) {
            final Contender c = contenders.get(i);
            html.append("""
                    <tr><th scope="row"><svg class="key" aria-hidden="true">\
                    <line class="line %s" x1="0" x2="26" y1="6" y2="6"/></svg> %s</th>\
                    <td class="number">%s</td><td class="number">%s</td><td class="number">%s</td>\
                    <td class="number">%d of %d</td></tr>
                    """.formatted(
                            Line.look(i),
                            escape(c.name()),
                            Double.isNaN(c.finalMean()) ? "–" : mean(c),
                            Double.isNaN(c.area()) ? "–" : Unit.SHARE.format(c.area()),
                            Double.isNaN(c.callsTo(target)) ? "–" : Unit.COUNT.format(c.callsTo(target)),
                            c.diverged(),
                            c.curves().size() + c.diverged()));
        }
        return html.append("</tbody>\n</table></div>\n").toString();
    }

    private String figure(
            final String title, final String name, final Unit unit, final Function<Contender.Curve, double[]> x) {
        final List<Line> lines = IntStream.range(0, contenders.size())
                .filter(i -> !contenders.get(i).curves().isEmpty())
                .mapToObj(i -> line(contenders.get(i), Line.look(i), x))
                .toList();
        return Figure.of(title, "", name, unit, Scale.LINEAR, Unit.SHARE, Scale.LINEAR, lines, List.of())
                .html("wide tall");
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
            y[i] = java.util.Arrays.stream(values).average().orElseThrow();
            final double deviation = values.length < 2 ? 0 : Contender.deviation(values);
            low[i] = y[i] - deviation;
            high[i] = y[i] + deviation;
        }
        return new Line(
                new Curve(c.name(), x, y),
                look,
                c.curves().size() < 2 ? null : new Curve(c.name(), x, low),
                c.curves().size() < 2 ? null : new Curve(c.name(), x, high));
    }
}
