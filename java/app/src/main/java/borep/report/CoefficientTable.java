package borep.report;

import static borep.report.Markup.escape;

import borep.report.Run.Feature;
import java.util.List;

/** The features of a linear model with the smallest and the largest regularisation coefficients. */
final class CoefficientTable {
    private static final int SHOWN = 20;

    private CoefficientTable() {}

    /** Both tables as HTML, or nothing without coefficients. */
    static String html(final Run run) {
        final List<Feature> features = run.features();
        if (features.isEmpty()) {
            return "";
        }
        final int shown = Math.min(SHOWN, (features.size() + 1) / 2);
        return """
                <section>
                <h2>What it keeps and what it suppresses</h2>
                <p>The features with the smallest coefficients, whose weights are free, and those with the largest, whose weights are \
                held at 0. All that were written are in coefficients.jsonl.</p>
                %s%s</section>
                """.formatted(
                        table("Smallest coefficients", features.subList(0, shown)),
                        table("Largest coefficients", features.subList(features.size() - shown, features.size())));
    }

    private static String table(final String title, final List<Feature> features) {
        final StringBuilder html = new StringBuilder("""
                <h3>%s</h3>
                <table class="suspects">
                <thead><tr><th scope="col">Rank</th><th scope="col">Coefficient</th><th scope="col">Norm of its weights</th>\
                <th scope="col">Feature</th></tr></thead>
                <tbody>
                """.formatted(title));
        for (final Feature feature : features) {
            html.append("""
                    <tr><td class="number">%d</td><td class="number" data-name="coefficient">%s</td>\
                    <td class="number" data-name="weights">%s</td><td class="text">%s</td></tr>
                    """.formatted(
                            feature.rank(),
                            escape(Unit.NUMBER.format(feature.coefficient())),
                            escape(Unit.NUMBER.format(feature.weight())),
                            escape(feature.name())));
        }
        return html.append("</tbody>\n</table>\n").toString();
    }
}
