package borep.report;

import static borep.report.Markup.escape;

import borep.report.Run.Suspect;
import java.util.List;
import java.util.Locale;

/** The training samples that the run trusted least, with their texts. */
final class SuspectTable {
    /** Enough to judge by eye; the rest folds away. */
    private static final int OPEN = 20;

    private static final int SHOWN = 200;
    private static final int TEXT = 280;

    private SuspectTable() {}

    /** The table as HTML, or nothing without samples. */
    static String html(final Run run) {
        final List<Suspect> suspects = run.suspects();
        if (suspects.isEmpty()) {
            return "";
        }
        final int shown = Math.min(SHOWN, suspects.size());
        final int open = Math.min(OPEN, shown);
        final long flipped =
                suspects.stream().limit(shown).filter(Suspect::flipped).count();
        final StringBuilder html = new StringBuilder("""
                <section>
                <h2>The most suspicious training samples</h2>
                <p>The %d training samples with the lowest weights%s. %d of them were flipped on purpose; \
                %s never saw which.</p>
                """.formatted(
                        shown,
                        suspects.size() > shown ? ", of " + suspects.size() + " in suspicious.jsonl" : "",
                        flipped,
                        escape(run.solver())));
        html.append(table(suspects.subList(0, open)));
        if (shown > open) {
            html.append("<details class=\"more\"><summary>%d more</summary>\n".formatted(shown - open));
            html.append(table(suspects.subList(open, shown))).append("</details>\n");
        }
        return html.append("</section>\n").toString();
    }

    private static String table(final List<Suspect> suspects) {
        final StringBuilder html = new StringBuilder("""
                <table class="suspects">
                <thead><tr><th scope="col">Rank</th><th scope="col">Weight</th><th scope="col">Label given</th>\
                <th scope="col">Verdict</th><th scope="col">Sample</th></tr></thead>
                <tbody>
                """);
        for (final Suspect suspect : suspects) {
            html.append("""
                    <tr><td class="number">%d</td><td class="number" data-name="weight">%s</td>\
                    <td data-name="label given">%s</td><td class="%s">%s</td><td class="text">%s%s</td></tr>
                    """.formatted(
                    suspect.rank(),
                    escape(weight(suspect.weight())),
                    escape(suspect.label()),
                    suspect.flipped() ? "wrong" : "right",
                    suspect.flipped() ? "✗ truly <b>" + escape(suspect.trueLabel()) + "</b>" : "✓ label was right",
                    suspect.picture() + text(suspect.text()),
                    suspect.origin().isEmpty() ? "" : "<small>" + escape(suspect.origin()) + "</small>"));
        }
        return html.append("</tbody>\n</table>\n").toString();
    }

    /** Four decimals, so that the column lines up; powers of ten where they would read 0.0000. */
    private static String weight(final double weight) {
        return Math.abs(weight) >= 5e-5 ? String.format(Locale.ROOT, "%.4f", weight) : Unit.NUMBER.format(weight);
    }

    /** A long text shows its beginning and unfolds. */
    private static String text(final String whole) {
        if (whole.codePointCount(0, whole.length()) <= TEXT) {
            return escape(whole);
        }
        final int cut = whole.offsetByCodePoints(0, TEXT);
        return "<details><summary>%s…</summary>%s</details>"
                .formatted(escape(whole.substring(0, cut)), escape("…" + whole.substring(cut)));
    }
}
