package borep.report;

import java.util.ArrayList;
import java.util.List;

/** What came out of a run, in sentences with numbers. */
final class Headline {
    private final Run run;
    private final List<String> sentences = new ArrayList<>();

    private Headline(final Run run) {
        this.run = run;
    }

    /** At least one sentence; the first is the headline. Says only what the run's files say. */
    static List<String> of(final Run run) {
        final Headline headline = new Headline(run);
        switch (run.problem()) {
            case "hyper-cleaning", "softmax-cleaning" -> headline.cleaning();
            case "regularisation" ->
                headline.against(
                        RunFigures.bestGridKey(run.criterion()),
                        "the best coefficient of a fixed grid for all features");
            case "auc" -> headline.against("aucCrossEntropy", "the same network trained with cross-entropy");
            case "hyper-representation" -> headline.representation();
            case "hyperparameter" -> headline.coefficient();
            default -> headline.reached();
        }
        headline.status();
        return List.copyOf(headline.sentences);
    }

    /** How many training samples were called suspicious: true positives = recall · flipped = precision · called. */
    static double called(final Run run) {
        return Math.rint(run.result("flippedRecall") * run.result("flippedTotal") / run.result("flippedPrecision"));
    }

    private void cleaning() {
        final double without = run.result("accuracyWithoutCleaning");
        final double cleaned = run.result("accuracyCleaned");
        final double ceiling = run.result("accuracyCleanLabels");
        if (Double.isNaN(without) || Double.isNaN(cleaned)) {
            reached();
            return;
        }
        final String change = changed(without, cleaned)
                ? "Cleaning %s test accuracy from %s to %s"
                        .formatted(cleaned > without ? "lifted" : "lowered", share(without), share(cleaned))
                : "Cleaning left test accuracy at " + share(cleaned);
        final String limit = Double.isNaN(ceiling) ? "" : "; with clean labels it would be " + share(ceiling);
        sentences.add(change + limit + ".");
        final double precision = run.result("flippedPrecision");
        if (!Double.isNaN(precision)) {
            final double called = called(run);
            final String which = Double.isFinite(called) && called > 0
                    ? "Of the " + Unit.COUNT.format(called) + " samples with the lowest weights "
                    : "Of the samples with the lowest weights ";
            sentences.add(which + share(precision) + " were truly mislabelled.");
        }
    }

    private void representation() {
        final double accuracy = run.result("accuracy");
        final double direct = run.result("accuracyDirect");
        if (Double.isNaN(accuracy) || Double.isNaN(direct)) {
            reached();
            return;
        }
        sentences.add("The learned representation reaches %s test accuracy, %s training without meta-learning (%s)."
                .formatted(share(accuracy), versus(accuracy, direct), share(direct)));
    }

    private void coefficient() {
        final double accuracy = run.result("accuracy");
        final double grid = run.result("bestGridAccuracy");
        if (Double.isNaN(accuracy) || Double.isNaN(grid)) {
            reached();
            return;
        }
        final double learned = learnedCoefficient(run);
        final String which = Double.isNaN(learned)
                ? "The learned coefficient"
                : "The learned coefficient " + Unit.NUMBER.format(learned);
        sentences.add("%s reaches %s test accuracy, %s the best point of a fixed grid (%s)."
                .formatted(which, share(accuracy), versus(accuracy, grid), share(grid)));
    }

    /** What was reached, and what something else reached. */
    private void against(final String key, final String other) {
        reached();
        final double value = run.result(key);
        if (!Double.isNaN(value)) {
            sentences.add(
                    "For comparison: " + other + " reaches " + run.criterion().format(value) + ".");
        }
    }

    /** The coefficient a hyperparameter run ended with, or NaN. */
    static double learnedCoefficient(final Run run) {
        final double closing = run.result("coefficient");
        return Double.isNaN(closing) ? run.trace().last("coefficient") : closing;
    }

    /** The sentence of an unknown problem, and of a run without its closing numbers. */
    private void reached() {
        final Criterion criterion = run.criterion();
        final double judged = run.judged();
        final double loss = run.trace().last("upperLoss");
        final String so = run.status().equals("running") ? "So far " : "";
        if (!Double.isNaN(judged) && criterion.unit() == Unit.SHARE) {
            sentences.add(so + run.solver() + " reaches " + share(judged) + " " + criterion.name() + ".");
        } else if (!Double.isNaN(judged)) {
            sentences.add(so + run.solver() + " brings " + criterion.name() + " to " + criterion.format(judged) + ".");
        } else if (!Double.isNaN(loss)) {
            sentences.add(so + run.solver() + " brings the upper loss to " + Unit.NUMBER.format(loss) + ".");
        } else {
            sentences.add("No step has been recorded yet.");
        }
    }

    private void status() {
        final double steps = run.steps();
        final String after =
                Double.isNaN(steps) ? "" : " after " + Unit.COUNT.format(steps) + (steps == 1 ? " step" : " steps");
        switch (run.status()) {
            case "running" ->
                sentences.add("The run has no closing summary: it is still going on or was killed" + after + ".");
            case "stopped" -> sentences.add("The run was stopped" + after + "; 'borep run --resume' continues it.");
            case "diverged" -> sentences.add("The run diverged" + after + "; shown is what was recorded until then.");
            default -> {}
        }
    }

    private static String versus(final double value, final double other) {
        return changed(value, other)
                ? points(Math.abs(value - other)) + (value > other ? " more than" : " less than")
                : "the same as";
    }

    /** A difference of two shares in points of a per cent: "1 point", "15.2 points". */
    static String points(final double difference) {
        final String number = Unit.SHARE.format(difference).replace("\u00a0%", "");
        return number + (number.equals("1.0") ? " point" : " points");
    }

    /** Whether two shares differ in the decimals that are written. */
    private static boolean changed(final double a, final double b) {
        return !share(a).equals(share(b));
    }

    private static String share(final double value) {
        return Unit.SHARE.format(value);
    }
}
