package borep.report;

import static borep.report.Markup.emphasised;
import static borep.report.Markup.escape;

import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page of one run. */
final class RunPage {
    private static final List<String> FILES = List.of(
            "config.json",
            "summary.json",
            "trace.jsonl",
            "baseline-noisy.jsonl",
            "baseline-clean.jsonl",
            "baseline-direct.jsonl",
            "baseline-cross-entropy.jsonl",
            "roc.jsonl",
            "coefficients.jsonl",
            "grid.jsonl",
            "suspicious.jsonl",
            "weights.json");

    private RunPage() {}

    /**
     * The whole page.
     *
     * @param beside true if the page lies in the run directory, so that it can link to the files there
     */
    static String html(final Run run, final boolean beside) {
        final List<String> sentences = Headline.of(run);
        final String lead = sentences.stream().skip(1).collect(Collectors.joining(" "));
        final String figures = new RunFigures(run).html();
        final StringBuilder body = new StringBuilder();
        body.append("""
                <header>
                <p class="eyebrow"><span>%s</span><span>%s</span><span class="status %s">%s</span></p>
                <h1>%s</h1>
                %s<p class="facts">%s</p>
                </header>
                """.formatted(
                        escape(run.problem()),
                        escape(run.solver()),
                        escape(run.status()),
                        escape(run.status()),
                        emphasised(sentences.getFirst()),
                        lead.isEmpty() ? "" : "<p class=\"lead\">" + emphasised(lead) + "</p>\n",
                        Tiles.facts(run).stream().map(Markup::escape).collect(Collectors.joining("\u00a0· "))));
        body.append(Tiles.html(run));
        body.append("<section>\n<h2>How it went</h2>\n");
        body.append(
                figures.isEmpty()
                        ? "<p>trace.jsonl holds no step yet.</p>\n"
                        : "<div class=\"figures\">\n" + figures + "</div>\n");
        body.append("</section>\n");
        run.histogram().ifPresent(histogram -> body.append("""
                <section>
                <h2>What it trusts</h2>
                <div class="figures">
                %s</div>
                </section>
                """.formatted(histogram.html())));
        body.append(SuspectTable.html(run));
        body.append(CoefficientTable.html(run));
        body.append("""
                <section>
                <h2>Configuration</h2>
                %s</section>
                """.formatted(ConfigTable.html(run.config())));
        body.append(footer(run, beside));
        return Markup.page(run.name() + ": " + run.problem() + " with " + run.solver(), body.toString());
    }

    private static String footer(final Run run, final boolean beside) {
        final Stream<String> present =
                FILES.stream().filter(file -> Files.exists(run.directory().resolve(file)));
        final String files = present.map(file -> beside ? "<a href=\"%s\">%s</a>".formatted(file, file) : file)
                .collect(Collectors.joining(" · "));
        return "<footer><p>Run <b>%s</b>: %s</p></footer>\n".formatted(escape(run.name()), files);
    }
}
