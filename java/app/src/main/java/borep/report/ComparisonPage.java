package borep.report;

import static borep.report.Markup.emphasised;
import static borep.report.Markup.escape;

import borep.report.Figure.Scale;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Several runs on one page: a table of what differs, and their curves on the same axes. */
final class ComparisonPage {
    /** A table with more columns is not read. */
    private static final int SETTINGS = 8;

    /** What two runs of the same experiment may differ in. */
    private static final Set<String> REPETITION = Set.of("seed", "out");

    private final List<Run> runs;
    private final Criterion criterion;
    private final List<String> names;
    private final Map<String, List<String>> settings = new LinkedHashMap<>();

    private ComparisonPage(final List<Run> runs) {
        this.runs = runs;
        criterion = runs.getFirst().criterion();
        final List<String> own = runs.stream().map(Run::name).toList();
        this.names = Set.copyOf(own).size() == own.size()
                ? own
                : runs.stream().map(run -> run.directory().toString()).toList();
        final List<Map<String, String>> flat =
                runs.stream().map(run -> ConfigTable.flat(run.config())).toList();
        final Set<String> keys = new LinkedHashSet<>();
        flat.forEach(config -> keys.addAll(config.keySet()));
        for (final String key : keys) {
            final List<String> values =
                    flat.stream().map(config -> config.getOrDefault(key, "–")).toList();
            if (Set.copyOf(values).size() > 1) {
                settings.put(key, values);
            }
        }
    }

    /** The whole page. */
    static String html(final List<Run> runs) {
        final ComparisonPage page = new ComparisonPage(runs);
        final String problems = runs.stream().map(Run::problem).distinct().collect(Collectors.joining(", "));
        final String body =
                """
                <header>
                <p class="eyebrow"><span>%s</span><span>%d runs</span></p>
                <h1>%s</h1>
                </header>
                %s<section>
                <h2>How they went</h2>
                <div class="figures many">
                %s</div>
                </section>
                """.formatted(escape(problems), runs.size(), emphasised(page.headline()), page.table(), page.figures());
        return Markup.page("Comparison of " + runs.size() + " runs", body);
    }

    /** What a run is judged by; NaN if it is judged by another number than the first run. */
    private double judged(final Run run) {
        return run.criterion().equals(criterion) ? run.judged() : Double.NaN;
    }

    private String headline() {
        final double[] known =
                runs.stream().mapToDouble(this::judged).filter(Double::isFinite).toArray();
        if (known.length < 2) {
            return runs.size() + " runs side by side.";
        }
        if (areRepetitions() && known.length == runs.size()) {
            return "Over " + known.length + " repetitions " + criterion.name() + " is " + spread(known) + ".";
        }
        final boolean high = criterion.better() == Criterion.Better.HIGHER;
        final List<Integer> order = IntStream.range(0, runs.size())
                .boxed()
                .filter(i -> Double.isFinite(judged(runs.get(i))))
                .sorted(Comparator.comparingDouble(i -> (high ? -1 : 1) * judged(runs.get(i))))
                .toList();
        final int best = order.getFirst();
        final int worst = order.getLast();
        return "%s reaches the %s %s, %s; the %s is %s (%s)."
                .formatted(
                        names.get(best),
                        high ? "highest" : "lowest",
                        criterion.name(),
                        criterion.format(judged(runs.get(best))),
                        high ? "lowest" : "highest",
                        criterion.format(judged(runs.get(worst))),
                        names.get(worst));
    }

    private boolean areRepetitions() {
        return REPETITION.containsAll(settings.keySet());
    }

    private record Column(String title, Unit unit, ToDoubleFunction<Run> value) {}

    private String table() {
        final List<Column> columns = List.of(
                        new Column(criterion.title(), criterion.unit(), this::judged),
                        new Column("Without cleaning", Unit.SHARE, run -> run.result("accuracyWithoutCleaning")),
                        new Column("Clean labels", Unit.SHARE, run -> run.result("accuracyCleanLabels")),
                        new Column("Flips: precision", Unit.SHARE, run -> run.result("flippedPrecision")),
                        new Column("Flips: recall", Unit.SHARE, run -> run.result("flippedRecall")),
                        new Column("Without meta-learning", Unit.SHARE, run -> run.result("accuracyDirect")),
                        new Column("Best of the grid", Unit.SHARE, run -> run.result("bestGridAccuracy")),
                        new Column("Steps", Unit.COUNT, Run::steps),
                        new Column("Time", Unit.SECONDS, Run::seconds))
                .stream()
                .filter(column -> runs.stream().mapToDouble(column.value()).anyMatch(Double::isFinite))
                .toList();
        final List<String> shown = settings.keySet().stream().limit(SETTINGS).toList();
        final StringBuilder html = new StringBuilder("""
                <section>
                <h2>What differs</h2>
                <div class="scroll" tabindex="0" role="region" aria-label="Table of runs">
                <table class="runs">
                <thead><tr><th scope="col">Run</th><th scope="col">Status</th>""");
        shown.forEach(key -> html.append("<th scope=\"col\"><code>%s</code></th>".formatted(escape(key))));
        columns.forEach(column -> html.append("<th scope=\"col\">%s</th>".formatted(escape(column.title()))));
        html.append("</tr></thead>\n<tbody>\n");
        for (int i = 0; i < runs.size(); i++) {
            final Run run = runs.get(i);
            html.append("""
                    <tr><th scope="row"><svg class="key" aria-hidden="true">\
                    <line class="line %s" x1="0" x2="26" y1="6" y2="6"/></svg> %s</th>\
                    <td><span class="status %s">%s</span></td>""".formatted(Line.look(i), escape(names.get(i)), escape(run.status()), escape(run.status())));
            for (final String key : shown) {
                html.append("<td>%s</td>".formatted(escape(settings.get(key).get(i))));
            }
            columns.forEach(column -> cell(html, column, column.value().applyAsDouble(run)));
            html.append("</tr>\n");
        }
        html.append("</tbody>\n").append(foot(columns, shown.size())).append("</table></div>\n");
        if (settings.size() > shown.size()) {
            html.append(
                    "<p class=\"facts\">%d further settings differ.</p>\n".formatted(settings.size() - shown.size()));
        }
        return html.append("</section>\n").toString();
    }

    private static void cell(final StringBuilder html, final Column column, final double value) {
        html.append("<td class=\"number\">%s</td>"
                .formatted(Double.isNaN(value) ? "–" : column.unit().format(value)));
    }

    /** Mean ± standard deviation of the shares, if the runs repeat one experiment. */
    private String foot(final List<Column> columns, final int before) {
        if (!areRepetitions()) { // a mean over different settings would say nothing
            return "";
        }
        final StringBuilder html = new StringBuilder("<tfoot><tr><th scope=\"row\">mean ± sd</th>");
        html.append("<td></td>".repeat(1 + before));
        for (final Column column : columns) {
            final boolean repeated =
                    column.unit() == Unit.SHARE || column.title().equals(criterion.title());
            final double[] known = runs.stream()
                    .mapToDouble(column.value())
                    .filter(Double::isFinite)
                    .toArray();
            html.append("<td class=\"number\">%s</td>".formatted(repeated && known.length > 1 ? spread(known) : ""));
        }
        return html.append("</tr></tfoot>\n").toString();
    }

    /** Mean and deviation: "86.4 ± 0.8 %". */
    private String spread(final double[] values) {
        return criterion.unit() == Unit.SHARE
                ? shares(values)
                : criterion.format(criterion.mean(values), criterion.deviation(values));
    }

    /** "86.4 ± 0.8 %", with the standard deviation of a sample (n − 1). */
    static String shares(final double... shares) {
        final Criterion linear = Criterion.TEST_ACCURACY;
        return Unit.SHARE.format(linear.mean(shares)).replace("\u00a0%", "") + "\u00a0±\u00a0"
                + Unit.SHARE.format(linear.deviation(shares));
    }

    private String figures() {
        return overlay(criterion.title(), criterion.key(), criterion.unit(), criterion.axis())
                        .html("wide tall")
                + Figure.of(
                                criterion.title() + " by time",
                                "",
                                "seconds",
                                Unit.SECONDS,
                                Scale.LINEAR,
                                criterion.unit(),
                                criterion.axis(),
                                lines(criterion.key(), "seconds"),
                                List.of())
                        .html("half")
                + overlay("Upper loss", "upperLoss", Unit.NUMBER, Scale.FITTING).html("half")
                + overlay("Lower loss", "lowerLoss", Unit.NUMBER, Scale.FITTING).html("half")
                + overlay("Norm of the hypergradient", "hypergradientNorm", Unit.NUMBER, Scale.LOGARITHMIC)
                        .html("half")
                + overlay("Residual of the linear system", "linearResidual", Unit.NUMBER, Scale.LOGARITHMIC)
                        .html("half")
                + overlay("Coefficient", "coefficient", Unit.NUMBER, Scale.FITTING)
                        .html("half");
    }

    private Figure overlay(final String title, final String key, final Unit unit, final Scale scale) {
        return Figure.overSteps(title, "", unit, scale, lines(key, "step"));
    }

    private List<Line> lines(final String key, final String over) {
        return IntStream.range(0, runs.size())
                .mapToObj(i -> new Line(runs.get(i).trace().curve(key, over).named(names.get(i)), Line.look(i)))
                .toList();
    }
}
