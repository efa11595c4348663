package borep.report;

import borep.report.Figure.Rule;
import borep.report.Figure.Scale;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Which curves of a run are drawn, and together with which. */
final class RunFigures {
    /** Drawn together, not each in a figure of its own. */
    private static final Set<String> TOGETHER =
            Set.of("smallestCoefficient", "medianCoefficient", "largestCoefficient");

    private final Run run;
    private final Criterion criterion;

    RunFigures(final Run run) {
        this.run = run;
        criterion = run.criterion();
    }

    /** All figures about the optimisation, as HTML; empty if nothing was recorded. */
    String html() {
        final StringBuilder html = new StringBuilder();
        html.append(judged().html("wide tall"));
        html.append(roc().html("half"));
        html.append(grid("validationLoss", "Validation loss of a fixed grid", Unit.NUMBER)
                .html("half"));
        html.append(grid("testAccuracy", "Test accuracy of a fixed grid", Unit.SHARE)
                .html("half"));
        html.append(overSteps(
                        "Losses",
                        "",
                        Scale.FITTING,
                        line(run.trace(), "upperLoss", "upper loss", "c1 d1"),
                        line(run.trace(), "lowerLoss", "lower loss", "c2 d1"))
                .html("half"));
        html.append(overSteps(
                        "Norms",
                        "",
                        Scale.LOGARITHMIC,
                        line(run.trace(), "hypergradientNorm", "hypergradient", "c1 d1"),
                        line(run.trace(), "momentumNorm", "momentum", "c4 d1"))
                .html("half"));
        html.append(overSteps(
                        "Residual of the linear system",
                        "How far the state z is from solving ∇²_yy g·z = ∇_y f.",
                        Scale.LOGARITHMIC,
                        line(run.trace(), "linearResidual", "residual", "c1 d1"))
                .html("half"));
        html.append(overSteps("Step size", "", Scale.FITTING, line(run.trace(), "stepSize", "step size", "c1 d1"))
                .html("half"));
        html.append(further("coefficient").html("half"));
        html.append(overSteps(
                        "Coefficients",
                        "The smallest, the median and the largest of all features.",
                        Scale.LOGARITHMIC,
                        line(run.trace(), "largestCoefficient", "largest", "c2 d2"),
                        line(run.trace(), "medianCoefficient", "median", "c1 d1"),
                        line(run.trace(), "smallestCoefficient", "smallest", "c3 d3"))
                .html("half"));
        html.append(coefficients().html("half"));
        for (final String key : run.trace().keys()) {
            if (!Trace.QUANTITIES.contains(key) && !TOGETHER.contains(key) && !key.equals(criterion.key())) {
                html.append(further(key).html("half"));
            }
        }
        return html.toString();
    }

    /** What the run is judged by, with whatever there is to compare it with. */
    private Figure judged() {
        final List<Line> lines = new ArrayList<>();
        lines.add(line(run.trace(), criterion.key(), run.solver(), "c1 d1 dots"));
        lines.add(line(run.clean(), criterion.key(), "trained on the clean labels", "c3 d3"));
        lines.add(line(run.noisy(), criterion.key(), "trained without cleaning", "c2 d2"));
        lines.add(line(run.direct(), criterion.key(), "trained without meta-learning", "c2 d2"));
        lines.add(line(run.crossEntropy(), criterion.key(), "trained with cross-entropy", "c2 d2"));
        final List<Rule> rules = new ArrayList<>();
        rule(rules, run.clean(), "accuracyCleanLabels", "with clean labels", "c3 d3");
        rule(rules, run.noisy(), "accuracyWithoutCleaning", "without cleaning", "c2 d2");
        rule(rules, run.direct(), "accuracyDirect", "without meta-learning", "c2 d2");
        rule(rules, run.grid(), bestGridKey(criterion), "best of the grid", "c2 d2");
        return Figure.of(
                criterion.title(),
                "",
                "step",
                Unit.COUNT,
                Scale.LINEAR,
                criterion.unit(),
                criterion.axis(),
                lines,
                rules);
    }

    /** Where the summary has the best of a grid, by what the run is judged by. */
    static String bestGridKey(final Criterion criterion) {
        return criterion.equals(Criterion.TEST_ACCURACY)
                ? "bestGridAccuracy"
                : "bestGrid" + words(criterion.key()).substring(0, 1)
                        + criterion.key().substring(1);
    }

    private Figure roc() {
        return Figure.of(
                "Positives found by false alarms",
                "The ROC curve on the test texts; chance is the diagonal.",
                "false positives",
                Unit.SHARE,
                Scale.LINEAR,
                Unit.SHARE,
                Scale.LINEAR,
                run.roc().isEmpty()
                        ? List.of()
                        : List.of(
                                new Line(
                                        run.roc()
                                                .curve("truePositives", "falsePositives")
                                                .named(run.solver()),
                                        "c1 d1"),
                                new Line(new Curve("chance", new double[] {0, 1}, new double[] {0, 1}), "c2 d2")),
                List.of());
    }

    private Figure coefficients() {
        return Figure.of(
                "Coefficients by rank",
                "",
                "rank",
                Unit.COUNT,
                Scale.LINEAR,
                Unit.NUMBER,
                Scale.LOGARITHMIC,
                List.of(new Line(run.coefficients().curve("coefficient", "rank").named("coefficient"), "c1 d1")),
                List.of());
    }

    /** A reference that is known as one number only becomes a level line. */
    private void rule(
            final List<Rule> rules, final Trace curve, final String key, final String text, final String look) {
        final double level = run.result(key);
        if (curve.curve(criterion.key(), "step").isEmpty() && !Double.isNaN(level)) {
            rules.add(new Rule(false, level, text, look));
        }
    }

    private Figure grid(final String key, final String title, final Unit unit) {
        final double learned = Headline.learnedCoefficient(run);
        final List<Rule> rules =
                Double.isNaN(learned) ? List.of() : List.of(new Rule(true, learned, "learned", "c1 d1"));
        return Figure.of(
                title,
                "Each point is one training run with the coefficient held fixed.",
                "coefficient",
                Unit.NUMBER,
                Scale.LOGARITHMIC,
                unit,
                Scale.LINEAR,
                List.of(line(run.grid(), key, "grid", "c2 d2 dots")),
                rules);
    }

    /** A key that only this problem or solver records. */
    private Figure further(final String key) {
        final boolean share = key.endsWith("Precision") || key.endsWith("Recall") || key.endsWith("Accuracy");
        final String title = switch (key) {
            case "flippedPrecision" -> "Truly mislabelled among the lowest weights";
            case "flippedRecall" -> "Flipped labels found";
            case "validationAuc" -> "Validation AUC";
            case "stationarity" -> "‖∇Φ(x)‖";
            case "gap" -> "Φ(x) − Φ*";
            case "distance" -> "‖x − x*‖";
            case "lowerError" -> "‖y − y*(x)‖";
            case "systemError" -> "‖z − z*(x)‖";
            default -> words(key);
        };
        return Figure.overSteps(
                title,
                "",
                share ? Unit.SHARE : Unit.NUMBER,
                Scale.FITTING,
                List.of(line(
                        run.trace(), key, words(key).toLowerCase(Locale.ROOT).replace("auc", "AUC"), "c1 d1")));
    }

    private static Figure overSteps(final String title, final String caption, final Scale scale, final Line... lines) {
        return Figure.overSteps(title, caption, Unit.NUMBER, scale, List.of(lines));
    }

    private static Line line(final Trace trace, final String key, final String name, final String look) {
        return new Line(trace.curve(key).named(name), look);
    }

    /** {@code flippedPrecision} becomes "Flipped precision". */
    static String words(final String key) {
        final String spaced = key.codePoints()
                .mapToObj(c -> Character.isUpperCase(c)
                        ? " " + Character.toString(Character.toLowerCase(c))
                        : Character.toString(c))
                .collect(Collectors.joining())
                .strip();
        return spaced.isEmpty() ? key : spaced.substring(0, 1).toUpperCase(Locale.ROOT) + spaced.substring(1);
    }
}
