package borep.experiment;

import borep.report.Criterion;
import borep.solver.Metrics;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a run on standard error: a live bar on a terminal, now and then a plain line elsewhere, nothing when quiet. */
final class Progress {
    /** How to show it. */
    enum Mode {
        /** A live bar. */
        BAR,
        /** Plain lines. */
        LINES,
        /** Nothing. */
        QUIET
    }

    private static final long LINE_NANOS = 5_000_000_000L;
    private static final int BAR_MILLIS = 200;

    private final Mode mode;
    private final PrintStream out;
    private final Criterion criterion;
    private ProgressBar bar;
    private String title;
    private long steps;
    private long lastLine;

    Progress(final Mode mode, final PrintStream out, final Criterion criterion) {
        this.mode = mode;
        this.out = out;
        this.criterion = criterion;
    }

    /** The mode for this process: a bar if standard error is a terminal. */
    static Mode detect() {
        return System.console() != null && System.console().isTerminal() && System.getenv("TERM") != null
                ? Mode.BAR
                : Mode.LINES;
    }

    void begin(final String phaseTitle, final long done, final long total) {
        title = phaseTitle;
        steps = total;
        lastLine = System.nanoTime();
        if (mode == Mode.BAR) {
            bar = new ProgressBarBuilder()
                    .setTaskName(title)
                    .setInitialMax(total)
                    .startsFrom(done, Duration.ZERO)
                    .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                    .setUpdateIntervalMillis(BAR_MILLIS)
                    .setConsumer(new ConsoleProgressBarConsumer(out))
                    .build();
        } else if (mode == Mode.LINES) {
            out.println(title + ": step " + done + " of " + total);
        }
    }

    /** @param record of {@code metrics} that belongs to the step */
    void step(
            final long done, final Metrics metrics, final long record, final SequencedMap<String, Double> evaluation) {
        if (mode == Mode.BAR) {
            bar.stepTo(done);
            if (done % 8 == 0 || done == steps) {
                bar.setExtraMessage(text(metrics, record, evaluation));
            }
        } else if (mode == Mode.LINES && System.nanoTime() - lastLine > LINE_NANOS) {
            lastLine = System.nanoTime();
            out.println(title + ": step " + done + " of " + steps + "  " + text(metrics, record, evaluation));
        }
    }

    void end() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private String text(final Metrics metrics, final long record, final Map<String, Double> evaluation) {
        final StringBuilder text = new StringBuilder();
        for (final Map.Entry<String, String> shown :
                Map.of("upperLoss", "f", "lowerLoss", "g", "hypergradientNorm", "|h|").entrySet().stream()
                        .sorted(Map.Entry.comparingByValue())
                        .toList()) {
            final int index = metrics.names().indexOf(shown.getKey());
            if (index >= 0) {
                text.append(shown.getValue())
                        .append(' ')
                        .append(String.format(
                                Locale.ROOT, "%.3g", metrics.records().get(record, index)));
                text.append("  ");
            }
        }
        final Double judged = evaluation.get(criterion.key());
        if (judged != null) {
            text.append(criterion.name()).append(' ').append(criterion.format(judged));
        }
        return text.toString().strip();
    }
}
